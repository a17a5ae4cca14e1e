"""Leash: a source that feeds gates alone reads no further than they have come, and a bit."""

from __future__ import annotations

import asyncio

from msgspec import Struct, field

from atkc.compiler.plan import CombineOp, Plan
from atkc.runtime.tokens import Ordinal

AHEAD = 16  # records of a source that are read beyond the one whose candidates wait


class Leash(Struct):
    """How far one source may read; `prefix` leads to its places at the gate.

    Where it ends follows from the candidates let in, so what was read is equal in every run.
    """

    prefix: Ordinal = ()
    length: int = AHEAD
    ended: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def may(self, position: int) -> bool:
        """Return whether the record at a position is to be read; waits until that is decided."""
        while position >= self.length and not self.ended:
            self._changed.clear()
            await self._changed.wait()
        return position < self.length

    def reach(self, place: Ordinal) -> None:
        """The gate has come to a place."""
        depth = len(self.prefix)
        if self.ended or len(place) <= depth or place[:depth] != self.prefix:
            return
        if place[depth] + AHEAD > self.length:
            self.length = place[depth] + AHEAD
            self._changed.set()

    def end(self) -> None:
        """No candidate is wanted any more."""
        self.ended = True
        self._changed.set()


def leashes_of(plan: Plan) -> dict[str, Leash]:
    """Return the leashes of a plan by source."""
    return {
        source: Leash(tuple(prefix))
        for node in plan.nodes
        if isinstance(node.op, CombineOp) and node.op.operator == "gate"
        for source, prefix in node.op.options["sources"].items()
    }
