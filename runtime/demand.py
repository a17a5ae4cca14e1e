"""Demand: how many candidates an `accept` step lets in, decided by data alone.

All that is decided here follows from what became of the candidates in canonical order, never from
arrival, speed or limits: a second run lets in the same candidates, so it pays for none, and the
books of two runs are equal.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Mapping

from msgspec import Struct, field

from atkc.runtime.tokens import Ordinal

FIRST = 16  # candidates let in before anything is known of the yield
_PRIOR = 10  # candidates, one record each, that an estimate of the yield begins with


class Demand(Struct):
    """The candidates of one `accept`: those let in, those settled, and the records accepted.

    `targets` are records by stratum; `ahead` is the most candidates that are let in beyond those
    settled; `most` the most in all. `begins` is the place where the first candidate may stand.
    """

    targets: Mapping[str, int]
    ahead: int
    most: int | None = None
    begins: Ordinal = ()
    accepted: dict[str, int] = field(default_factory=dict)  # also beyond the targets
    admitted: int = 0
    settled: int = 0
    limit: int = 0
    met: bool = False
    _begun: bool = False
    _turn: int = 0
    _ended: set[int] = field(default_factory=set)  # gates that ended before it was their turn
    _pending: deque[Ordinal] = field(default_factory=deque)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def admits(self, turn: int, place: Ordinal) -> bool:
        """Return whether a candidate may enter; waits until that is decided.

        `turn` is the number of its gate: gates let in one after the other, in canonical order.
        """
        while True:
            if self._turn == turn and self.admitted < self.limit:
                self.admitted += 1
                self._pending.append(place)
                return True
            if self.is_full or (self.met and self.admitted >= self.limit):
                return False
            self._changed.clear()
            await self._changed.wait()

    @property
    def is_full(self) -> bool:
        """Return whether `most` candidates were let in."""
        return self.most is not None and self.admitted >= self.most

    def end(self, turn: int) -> None:
        """That gate has no more candidates; it may not be its turn yet if it had none at all."""
        self._ended.add(turn)
        while self._turn in self._ended:
            self._ended.discard(self._turn)
            self._turn += 1
        self._changed.set()

    def reach(self, place: Ordinal | None) -> None:
        """All places before this one are settled (None: all there are)."""
        if not self._begun and (place is None or place[: len(self.begins)] >= self.begins):
            self._begun = True
            self._widen()
        while self._pending:
            first = self._pending[0]
            if place is not None and place[: len(first)] <= first:
                break
            self._pending.popleft()
            self.settled += 1
            self._widen()

    def accept(self, stratum: str) -> bool:
        """Count a record; return whether it is within the target of its stratum."""
        target = self.targets.get(stratum)
        if target is None:
            return False
        count = self.accepted[stratum] = self.accepted.get(stratum, 0) + 1
        if count == target:
            self.met = all(self.accepted.get(name, 0) >= n for name, n in self.targets.items())
            if self.met:
                self._changed.set()
        return count <= target

    def _widen(self) -> None:
        if self.met:
            return
        more = min(self.ahead, self.settled + FIRST, self._needed())
        limit = self.settled + more
        if self.most is not None:
            limit = min(limit, self.most)
        if limit > self.limit:
            self.limit = limit
            self._changed.set()

    def _needed(self) -> int:
        """Return how many candidates more the stratum that lacks most will take."""
        total = sum(self.targets.values())
        needed = 1
        for name, target in self.targets.items():
            count = self.accepted.get(name, 0)
            if count < target:
                share = (count + _PRIOR * target / total) / (self.settled + _PRIOR)
                needed = max(needed, math.ceil((target - count) / share))
        return needed
