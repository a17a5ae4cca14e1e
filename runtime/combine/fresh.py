"""A stream begun anew: rows get the places (0,), (1,), … in the order in which they are written."""

from __future__ import annotations

from atkc.runtime.api import Data
from atkc.runtime.errors import RecordError
from atkc.runtime.ledger import Tally
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Row
from atkc.runtime.trail import Trail


class Fresh:
    """Writes rows of a new order."""

    __slots__ = ("_next", "_stage", "_tally")

    def __init__(self, stage: Stage, tally: Tally | None = None) -> None:
        self._stage = stage
        self._tally = tally or stage.tally
        self._next = 0
        stage.ports.mark(Mark((), None))

    async def row(self, identity: bytes, data: Data, trail: Trail) -> None:
        """Write a row to the main port."""
        row = self._stage.enter(Row((self._next,), identity, data, trail))
        self._next += 1
        self._stage.leave(row, self._tally)
        await self._stage.ports.room()

    async def fail(self, row: Row, error: RecordError) -> None:
        """Write a row to the failed port."""
        failed = Row((self._next,), row.identity, row.data, row.trail)
        self._stage.fail(failed, error, self._tally)
        self._next += 1
        await self._stage.ports.room()

    def end(self) -> None:
        """Tell how many there were."""
        self._stage.ports.mark(Mark((), self._next))
