"""Hedging: a second request for a call that takes long, when nothing else wants its slot.

The first of the two that answers counts, the other is cancelled.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from atkc.runtime.calling.limits import Limiter
from atkc.runtime.errors import Permanent
from atkc.runtime.hedging import Hedging

A = TypeVar("A")

Begun = Callable[[], None]
Leg = Callable[[bool, Begun], Awaitable[A]]  # (is it the hedge, to be called as it is sent)

_SEEN, _ENOUGH = 400, 20  # durations kept of one kind of call; known before a share counts
_FRESH = 20  # durations after which the share is worked out anew


class _Durations:
    """How long calls of one kind took, of late."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=_SEEN)
        self._new = 0
        self._found = math.inf

    def add(self, seconds: float) -> None:
        self._seen.append(seconds)
        self._new += 1

    def at(self, share: float) -> float:
        """Return what that share of them took at most, infinity where too few are known."""
        if len(self._seen) >= _ENOUGH and (self._new >= _FRESH or self._found == math.inf):
            self._new = 0
            self._found = sorted(self._seen)[min(int(share * len(self._seen)), len(self._seen) - 1)]
        return self._found


class _Race(Struct, Generic[A], eq=False):
    """One call with its requests."""

    kind: Hashable
    leg: Leg[A]
    won: asyncio.Future[A]
    began: float = 0.0
    legs: list[asyncio.Task[A]] = field(default_factory=list)
    left: int = 0

    def run(self, *, hedge: bool, begun: Begun) -> None:
        task: asyncio.Task[A] = asyncio.ensure_future(self.leg(hedge, begun))
        self.legs.append(task)
        self.left += 1
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[A]) -> None:
        self.left -= 1
        error = None if task.cancelled() else task.exception()
        if self.won.done():
            return
        if not task.cancelled() and error is None:
            self.won.set_result(task.result())
        elif isinstance(error, Permanent):
            self.won.set_exception(error)  # the other request would be told the same
        elif not self.left:
            self._lost()

    def _lost(self) -> None:
        """End as the first request did: nobody asked for the other."""
        first = self.legs[0]
        error = None if first.cancelled() else first.exception()
        if error is None:
            self.won.cancel()
        else:
            self.won.set_exception(error)


class Hedger:
    """Hedges the calls of one endpoint. For one event loop."""

    def __init__(self, hedging: Hedging, limiter: Limiter) -> None:
        self._hedging = hedging
        self._limiter = limiter
        self._made = self._hedges = 0
        self._kinds: dict[Hashable, _Durations] = {}
        self._open: dict[_Race[Any], None] = {}  # sent and not hedged, oldest first
        self._timer: asyncio.TimerHandle | None = None
        self._losing: set[asyncio.Task[Any]] = set()

    async def race(self, kind: Hashable, leg: Leg[A]) -> A:
        """Return what the first request to answer brings; raises what the first one raised.

        Calls of one `kind` are expected to take equally long.
        """
        loop = asyncio.get_running_loop()
        race: _Race[A] = _Race(kind, leg, loop.create_future())
        race.run(hedge=False, begun=lambda: self._begun(race))
        try:
            answer = await race.won
            self._durations(kind).add(loop.time() - race.began)
            return answer
        finally:
            self._open.pop(race, None)
            self._cancel(race)
            self._look()

    async def close(self) -> None:
        """Wait for the requests that lost."""
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*self._losing, return_exceptions=True)

    def _begun(self, race: _Race[Any]) -> None:
        race.began = asyncio.get_running_loop().time()
        self._made += 1
        self._open[race] = None
        self._look()

    def _cancel(self, race: _Race[Any]) -> None:
        for task in race.legs:
            if not task.done():
                self._losing.add(task)
                task.add_done_callback(self._losing.discard)
                task.cancel()

    def _look(self) -> None:
        """Hedge the calls that are due, as far as slots and the cap allow; wait for the next."""
        if self._timer is not None:
            return
        now = asyncio.get_running_loop().time()
        while self._open and self._limiter.idle and self._may():
            due, race = min(((self._due(r), r) for r in self._open), key=lambda pair: pair[0])
            if due > now:
                self._wait(due)
                return
            del self._open[race]
            if not race.legs[0].done():
                self._hedge(race)

    def _may(self) -> bool:
        return self._hedges + 1 <= self._hedging.extra * self._made

    def _due(self, race: _Race[Any]) -> float:
        after = self._hedging.seconds
        if after is None:
            after = self._durations(race.kind).at(self._hedging.share)
        return race.began + after

    def _wait(self, due: float) -> None:
        if due < math.inf:
            self._timer = asyncio.get_running_loop().call_at(due, self._rung)

    def _rung(self) -> None:
        self._timer = None
        self._look()

    def _hedge(self, race: _Race[Any]) -> None:
        self._hedges += 1
        race.run(hedge=True, begun=lambda: None)

    def _durations(self, kind: Hashable) -> _Durations:
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = _Durations()
        return found
