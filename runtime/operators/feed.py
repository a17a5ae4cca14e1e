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

    An exporter that cannot write the row that it got last tells so by `refuse`. Whoever gave the
    feed to an exporter closes it: what then cannot be written is an OSError of theirs.
    """

    def __init__(self, rows: Iterable[Row], sidecar: Path | None) -> None:
        self.refused: list[tuple[Row, RecordError]] = []
        self._rows = rows
        self._sidecar = sidecar
        self._last: Row | None = None
        self._file: IO[bytes] | None = None

    def __iter__(self) -> Iterator[Data]:
        if self._sidecar is not None:
            self.close()
            self._sidecar.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._sidecar.open("wb")
        return self._each(self._file)

    def close(self) -> None:
        """Close the sidecar."""
        if self._file is not None:
            self._file.close()

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
