"""Failed rows that no step of the plan reads: kept aside for the caller to write out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from atkc.runtime.spool import Shelf
from atkc.runtime.tokens import Ordinal, Row, Token


class FailureSink:
    """The end of a `failed` port that nobody reads."""

    __slots__ = ("places", "shelf")
    waited = False

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder, most=256)
        self.places: list[tuple[Ordinal, int]] = []

    def put(self, token: Token) -> None:
        """Keep a row."""
        if isinstance(token, Row):
            self.places.append((token.ordinal, self.shelf.put(token)))

    def is_full(self) -> bool:
        """Return False: it never is."""
        return False

    async def room(self) -> None:
        """Return at once."""

    def close(self) -> None:
        """Keep the rows: they are read after the run."""


class Failures:
    """Failed rows by step."""

    __slots__ = ("_sinks",)

    def __init__(self) -> None:
        self._sinks: dict[str, FailureSink] = {}

    def sink(self, step: str, folder: Path) -> FailureSink:
        """Return a new place for the failed rows of a step."""
        self._sinks[step] = FailureSink(folder)
        return self._sinks[step]

    def counts(self) -> dict[str, int]:
        """Return the number of failed rows of each step that has some."""
        return {step: len(sink.places) for step, sink in self._sinks.items() if sink.places}

    def rows(self, step: str) -> Iterator[Row]:
        """Iterate over the failed rows of a step in canonical order."""
        sink = self._sinks[step]
        for _, number in sorted(sink.places):
            yield sink.shelf.get(number)

    def close(self) -> None:
        """Forget all rows."""
        for sink in self._sinks.values():
            sink.shelf.close()
