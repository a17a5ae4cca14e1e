"""The caps of one invocation: the worst case of a call is reserved before it is sent.

Where a call fits only if those in flight cost less than their worst case, it waits for them.
"""

from __future__ import annotations

import asyncio
from collections import deque

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.calling.caps import Caps
from atkc.runtime.calling.worst_case import Reserved, cost, stopped_by, worst_case
from atkc.runtime.errors import Permanent, StopRun, Unreachable
from atkc.runtime.modelspec import ModelSpec

_NOTHING = Reserved()
_Waiter = tuple[Reserved, "asyncio.Future[Reserved]"]


class Budget:
    """Counts calls sent, money and tokens; never lets one cross its cap. None: no cap."""

    def __init__(
        self,
        max_calls: int | None = None,
        max_usd: float | None = None,
        max_tokens: int | None = None,
        *,
        caps: Caps | None = None,
    ) -> None:
        self.caps = caps or Caps(max_usd, max_calls, max_tokens)
        self.calls = 0  # sent, including those in flight
        self.spent = 0.0  # settled
        self.tokens = 0  # settled
        self._money_out = 0.0  # reserved by calls in flight
        self._tokens_out = 0
        self._out = 0  # calls in flight
        self._waiting: deque[_Waiter] = deque()
        self._end: StopRun | Permanent | None = None

    def reserve(self, spec: ModelSpec, request: Request | EmbeddingRequest) -> Reserved | None:
        """Set a call's worst case aside; None where it may fit later: then use `turn`.

        Raises StopRun (ATK704) where a cap would be crossed, and ever after.
        """
        return self._granted(self._worst(spec, request))

    def spare(self, spec: ModelSpec, request: Request | EmbeddingRequest) -> Reserved | None:
        """Set a call's worst case aside if there is room for one that nobody waits for."""
        need = self._worst(spec, request)
        if self._end is not None or self._waiting or self._short(need) is not None:
            return None
        return self._take(need)

    async def turn(self, spec: ModelSpec, request: Request | EmbeddingRequest) -> Reserved:
        """Wait until calls in flight have left room; raises as `reserve` does."""
        need = self._worst(spec, request)
        reserved = self._granted(need)
        if reserved is not None:
            return reserved
        turn: asyncio.Future[Reserved] = asyncio.get_running_loop().create_future()
        self._waiting.append((need, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back(need)
                self.calls -= 1
                self._admit()
            raise

    def settle(
        self,
        reserved: Reserved,
        spec: ModelSpec,
        reply: Reply | Embeddings | None,
        error: BaseException | None = None,
    ) -> float:
        """Turn a reservation into what the call did cost and return that.

        A reply without usage, a time-out and a cancelled call count at their worst case; a call
        that was refused with a status costs nothing; one that was never sent is no call.
        """
        self._give_back(reserved)
        money, tokens = cost(reserved, spec, reply, error)
        self.spent += money
        self.tokens += tokens
        if isinstance(error, Unreachable):
            self.calls -= 1
        if self._waiting:
            self._admit()
        return money

    def shut(self) -> None:
        """Let nobody in any more; who waits is told so."""
        if self._end is None:
            self._refuse(Permanent("the run has ended"))

    def _worst(self, spec: ModelSpec, request: Request | EmbeddingRequest) -> Reserved:
        if self.caps.max_usd is None and self.caps.max_tokens is None:
            return _NOTHING
        return worst_case(spec, request, self.caps)

    def _granted(self, need: Reserved) -> Reserved | None:
        if self._end is not None:
            raise _again(self._end)
        short = self._short(need)
        if short is not None and not self._out:
            raise self._stopped(short, need)
        return self._take(need) if short is None and not self._waiting else None

    def _take(self, need: Reserved) -> Reserved:
        self.calls += 1
        self._out += 1
        self._money_out += need.money or 0.0
        self._tokens_out += need.tokens or 0
        return need

    def _give_back(self, reserved: Reserved) -> None:
        self._out -= 1
        self._money_out -= reserved.money or 0.0
        self._tokens_out -= reserved.tokens or 0
        if not self._out:
            self._money_out = 0.0  # what sums of fractions leave over is no reservation

    def _short(self, need: Reserved) -> str | None:
        """Return the cap that a call could cross besides what is in flight, if there is one."""
        caps = self.caps
        if caps.max_calls is not None and self.calls >= caps.max_calls:
            return "max_calls"
        money, tokens = need.money, need.tokens
        if caps.max_usd is not None and money is not None:
            dear = self.spent + self._money_out + money > caps.max_usd
            if dear:
                return "max_usd"
        if caps.max_tokens is not None and tokens is not None:
            long = self.tokens + self._tokens_out + tokens > caps.max_tokens
            if long:
                return "max_tokens"
        return None

    def _admit(self) -> None:
        """Let in those who wait, first come first served, as far as there is room."""
        while self._waiting and self._end is None:
            need, turn = self._waiting[0]
            short = None if turn.done() else self._short(need)
            if short is not None and self._out:
                return
            if short is not None:
                self._stopped(short, need)
                return
            self._waiting.popleft()
            if not turn.done():
                turn.set_result(self._take(need))

    def _stopped(self, name: str, need: Reserved) -> StopRun:
        """Close the budget for good and return why."""
        caps = self.caps
        texts = {
            "max_calls": f"the cap of {caps.max_calls} model calls is reached",
            "max_usd": f"the next call could cross the cap of ${caps.max_usd or 0:g}: "
            f"${self.spent:.4g} spent, and it may cost ${need.money or 0:.4g}",
            "max_tokens": f"the next call could cross the cap of {caps.max_tokens} tokens: "
            f"{self.tokens} used, and it may take {need.tokens}",
        }
        stop = stopped_by(texts[name], caps.origin(name))
        self._refuse(stop)
        return stop

    def _refuse(self, why: StopRun | Permanent) -> None:
        self._end = why
        for _, turn in self._waiting:
            if not turn.done():
                turn.set_exception(_again(why))
        self._waiting.clear()


def _again(why: StopRun | Permanent) -> StopRun | Permanent:
    return StopRun(why.diagnostic) if isinstance(why, StopRun) else Permanent(why.message)
