"""Who may call an endpoint next: slots, order of waiters, pauses, probes, circuit breaker."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Callable
from typing import Any

from atkc.runtime.calling.allowance import Allowance
from atkc.runtime.calling.heeding import heeded
from atkc.runtime.calling.holding import Held, Why
from atkc.runtime.calling.pace import Pace
from atkc.runtime.errors import Permanent, Transient
from atkc.runtime.transport.quota import LONGEST_WAIT

_BREAKER = 8  # failures in a row, each of a call begun after the one before
_BORNE = 1.5  # times as many are borne of an endpoint that has answered before
_DOUBTFUL = 3  # failures in a row after which calls go one by one again
_PAUSE, _LONGEST_PAUSE = 0.05, 60.0  # seconds after failures in a row: doubled each time
_DOUBLINGS = 20  # enough for any pause to be the longest
_BUSY = (429, 503)
# Calls to an endpoint that never answered. One alone would have all others wait for its reply,
# which may be a slow one; a wrong key or an unknown model costs a refusal of each.
_FIRST_PROBES = 8

LAST = math.inf  # the depth of a call that lets all others pass

Waiter = tuple[tuple[float, Any], int, "asyncio.Future[int]", int]  # rank, arrival, slot, tokens


class Limiter:
    """The limits of one endpoint, shared by all models there. For one event loop.

    `breaker` failures in a row shut an endpoint that never answered, some more one that did;
    `pause` is the first wait after a failure.
    """

    def __init__(
        self,
        name: str,
        slots: int,
        *,
        pace: Pace | None = None,
        breaker: int = _BREAKER,
        pause: float = _PAUSE,
    ) -> None:
        self.name = name
        self._slots = slots
        self._pace = pace
        self._breaker = breaker
        self._pause = pause
        self._allowed = float(slots)
        self._in_flight = 0
        self._tickets = 0  # given out so far: tells which call began after what
        self._arrivals = 0
        self._waiting: list[Waiter] = []
        self._sign = -1  # of depth in a waiter's rank: deeper first
        self._proven = False  # until then only probes are sent
        self.answered = False  # ever
        self._probes = _FIRST_PROBES  # at a time
        self._probing: set[int] = set()  # tickets
        self._allowance: Allowance | None = None  # once the endpoint says that little is left
        self._failures = self._refusals = 0  # in a row
        self._failed_at = self._slowed_at = 0  # tickets
        self._paused_until = 0.0
        self._paused_for: Why = "busy"
        # Whether all that is left has failed by itself: then there is nothing to save by giving up.
        self.only_failing_left: Callable[[], bool] = bool
        self._timer: asyncio.TimerHandle | None = None
        self._down: Permanent | None = None
        self._dispatcher: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()

    @property
    def in_flight(self) -> int:
        """Return how many calls hold a slot."""
        return self._in_flight

    @property
    def allowed(self) -> int:
        """Return how many calls may be in flight at present."""
        return int(self._allowed)

    @property
    def held(self) -> Held | None:
        """Return what holds calls back, None where as many may begin as there are slots."""
        now = asyncio.get_running_loop().time()
        why, until = self._held_for(now)
        if why is None or self._down is not None:
            return None
        at_once = self.allowed if self._proven else min(self.allowed, self._probes)
        return Held(self.name, why, max(0.0, until - now), at_once, self._slots)

    @property
    def far(self) -> bool:
        """Return whether no new source record will enter the run."""
        return self._sign > 0

    @property
    def idle(self) -> bool:
        """Return whether a slot is free that nobody waits for."""
        return not self._somebody_waits() and self._down is None and self._free()

    async def acquire(self, depth: float = 0, ordinal: Any = (), tokens: int = 0) -> int:
        """Return the ticket of a slot. Raises Permanent where the endpoint is down.

        Deeper steps come first, then smaller ordinals, after all of them those of depth LAST;
        `tokens` is the estimate for the rate.
        """
        if self._down is not None:
            raise _again(self._down)
        if self._pace is None and not self._waiting and self._free():
            return self._take()
        slot: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        rank = (depth if depth == LAST else self._sign * depth, ordinal)
        heapq.heappush(self._waiting, (rank, self._arrivals, slot, tokens))
        self._wake()
        try:
            return await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled() and slot.exception() is None:
                self.release(slot.result(), asyncio.CancelledError())
            raise

    def release(
        self, ticket: int, error: BaseException | None = None, *, drawn: int = 0, used: int = 0
    ) -> None:
        """Give a slot back and tell how the call went; tokens correct the rate's estimate."""
        self._in_flight -= 1
        if self._probing:
            self._probing.discard(ticket)
        if self._pace is not None and used:
            self._pace.correct(drawn, used)
        if isinstance(error, Transient):
            self._note_failure(ticket, error)
        elif isinstance(error, Permanent) and error.fatal:
            self.shut(error)
        elif error is None or isinstance(error, Permanent):
            self._note_answer()
        self._wake()

    def prefer_far(self) -> None:
        """Let the waiters with most steps to go come first: no new record will enter the run."""
        if self._sign > 0:
            return
        self._sign = 1
        self._waiting = [
            ((depth if depth == LAST else -depth, ordinal), arrival, slot, tokens)
            for (depth, ordinal), arrival, slot, tokens in self._waiting
        ]
        heapq.heapify(self._waiting)

    def note_quota(self, calls: int, seconds: float, most: int) -> None:
        """Keep to what the endpoint says: so many more calls for so many seconds, then `most`."""
        if self._allowance is None:
            if calls >= self._slots:
                return
            self._allowance = Allowance()
        now = asyncio.get_running_loop().time()
        if calls < 1:
            self._allowance.renew(most, now, seconds)
            self._hold(min(seconds, LONGEST_WAIT), "quota")
        else:
            self._allowance.note(calls, seconds, now)

    def shut(self, error: Permanent) -> None:
        """Fail all who wait, and all who come later, with this error."""
        self._down = error
        for _, _, slot, _ in self._waiting:
            if not slot.done():
                slot.set_exception(_again(error))
        self._waiting.clear()

    async def close(self) -> None:
        """End the tasks and timers of the limiter."""
        if self._timer is not None:
            self._timer.cancel()
        if self._dispatcher is not None:
            self._dispatcher.cancel()
            await asyncio.gather(self._dispatcher, return_exceptions=True)

    def _held_for(self, now: float) -> tuple[Why | None, float]:
        """Return why calls are held back, and until when none may begin."""
        if now < self._paused_until:
            return self._paused_for, self._paused_until
        if self._allowance is not None and self._waiting and not self._left():
            return "quota", self._allowance.until
        if self._failures and not self._proven and self._slots > 1:
            return "failures", now
        return ("busy" if self.allowed < self._slots else None), now

    def _free(self) -> bool:
        """Return whether a call may begin now."""
        if self._in_flight >= int(self._allowed) or not self._left():
            return False
        if not self._proven and len(self._probing) >= self._probes:
            return False
        return not self._paused_until or self._pause_is_over()

    def _left(self) -> bool:
        """Return whether the endpoint's own limits leave room, as far as it says."""
        if self._allowance is None:
            return True
        return self._allowance.room(self._in_flight, asyncio.get_running_loop().time())

    def _pause_is_over(self) -> bool:
        if asyncio.get_running_loop().time() < self._paused_until:
            return False
        self._paused_until = 0.0
        return True

    def _take(self) -> int:
        self._in_flight += 1
        self._tickets += 1
        if not self._proven:
            self._probing.add(self._tickets)
        return self._tickets

    def _wake(self) -> None:
        """Let begin who may."""
        if self._pace is not None:
            self._ring()
            return
        while self._somebody_waits() and self._free():
            self._admit()

    def _somebody_waits(self) -> bool:
        """Return whether there is a waiter, after clearing away those that gave up."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        return bool(self._waiting)

    def _admit(self) -> None:
        heapq.heappop(self._waiting)[2].set_result(self._take())

    def _ring(self) -> None:
        if self._dispatcher is None and self._waiting:
            self._dispatcher = asyncio.get_running_loop().create_task(self._dispatch())
        self._bell.set()

    async def _dispatch(self) -> None:
        """Draw permits for the waiters, one after the other."""
        assert self._pace is not None
        while True:
            await self._next_may_begin()
            await self._pace.draw(self._waiting[0][3])
            await self._next_may_begin()
            self._admit()

    async def _next_may_begin(self) -> None:
        while not (self._somebody_waits() and self._free()):
            self._bell.clear()
            await self._bell.wait()

    def _note_answer(self) -> None:
        self._proven = self.answered = True
        self._failures = self._refusals = 0
        if self._allowed < self._slots:
            self._allowed = min(self._slots, self._allowed + 1 / self._allowed)

    def _note_failure(self, ticket: int, error: Transient) -> None:
        if error.status in _BUSY and ticket > self._slowed_at:
            # All calls in flight may come back busy at once; that is one reason to slow down.
            self._slowed_at = self._tickets
            self._allowed = max(1.0, self._allowed / 2)
            self._refusals += 1
            # After the first one slower may be slow enough; after more nobody was answered.
            own = self._doubled(self._refusals) if self._refusals > 1 else 0.0
            self._hold(heeded(error.retry_after, own, self._refusals), "busy")
        elif error.retry_after:
            why: Why = "busy" if error.status in _BUSY else "failures"
            self._hold(min(error.retry_after, LONGEST_WAIT), why)
        if error.status != 429 and ticket > self._failed_at:
            self._count_failure(error)

    def _count_failure(self, error: Transient) -> None:
        self._failed_at = self._tickets
        self._failures += 1
        if self._failures >= self._breaker * (_BORNE if self.answered else 1):
            if self.only_failing_left():
                self._proven = True  # each ends with its own retries, side by side
                return
            text = f"`{self.name}` failed {self._failures} times in a row: {error.message}"
            self.shut(Permanent(text, status=error.status, fatal="ATK700"))
        elif not self._proven or self._failures >= _DOUBTFUL:
            self._proven, self._probes = False, 1
            self._hold(self._doubled(self._failures - 1), "failures")

    def _doubled(self, times: int) -> float:
        """Return how long to pause by what was seen alone."""
        return min(self._pause * 2.0 ** min(times, _DOUBLINGS), _LONGEST_PAUSE)

    def _hold(self, seconds: float, why: Why) -> None:
        """Let no call begin for so long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if until <= self._paused_until or not seconds:
            return
        self._paused_until, self._paused_for = until, why
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(until, self._go_on)

    def _go_on(self) -> None:
        """End the pause. Loops of whole milliseconds ring before their own clock says so."""
        self._paused_until = 0.0
        self._wake()


def _again(error: Permanent) -> Permanent:
    return Permanent(error.message, status=error.status, fatal=error.fatal)
