"""The rows that an exporter writes: each with its trail, less those that it cannot write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from atkc.runtime.api import Data
from atkc.runtime.errors import RecordError
from atkc.runtime.json_line import json_line
from atkc.runtime.tokens import Row
from atkc.runtime.trail import flat


class Feed:
    """Fields of rows, one after the other; trails go to the sidecar, in step with what is written.

    An exporter that cannot write the row that it got last tells so by `refuse`.
    """

    def __init__(self, rows: Iterable[Row], sidecar: Path | None) -> None:
        self.refused: list[tuple[Row, RecordError]] = []
        self._rows = rows
        self._sidecar = sidecar
        self._last: Row | None = None

    def __iter__(self) -> Iterator[Data]:
        if self._sidecar is None:
            yield from self._each(None)
            return
        self._sidecar.parent.mkdir(parents=True, exist_ok=True)
        with self._sidecar.open("wb") as file:
            yield from self._each(file)

    def refuse(self, error: RecordError) -> None:
        """Leave the last row out, for that reason."""
        assert self._last is not None
        self.refused.append((self._last, error))
        self._last = None

    def _each(self, file: IO[bytes] | None) -> Iterator[Data]:
        for row in self._rows:
            self._last = row
            yield row.data
            # only now is it known whether the row was written
            if file is not None and self._last is not None:
                file.write(json_line(flat(row.trail)))
