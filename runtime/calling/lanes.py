"""One endpoint in use: its transport behind its limits, with transport retries and the budget."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request, Transport
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.expected import expected_tokens, longest_reply, prompt_tokens
from atkc.runtime.calling.hedge import Begun, Hedger
from atkc.runtime.calling.heeding import heeded
from atkc.runtime.calling.limits import LAST, Limiter
from atkc.runtime.calling.outcome import Counters
from atkc.runtime.calling.pace import Pace
from atkc.runtime.calling.patience import Patience
from atkc.runtime.calling.tries import Tries
from atkc.runtime.errors import Permanent, StopRun, Transient, Unreachable
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.transport.quota import Quota, Telling
from atkc.spec.diagnostic import Diagnostic

A = TypeVar("A", Reply, Embeddings)

_FIRST_RETRIES = 2  # where nobody ever answered there and no connection can be made
_WEIGHT = 0.1  # of the last call in the running mean of tokens


class CallSettings(Struct, frozen=True):
    """How hard to try. Delays in seconds; the delay doubles with each retry, up to the longest."""

    retries: int = 8  # of a call after transport failures, where its endpoint does not say
    delay: float = 0.5
    longest_delay: float = 60.0
    breaker: int = 8  # failures of an endpoint in a row that end the run
    pause: float = 0.05  # of an endpoint after a failure: doubled each time
    consent: Callable[[EndpointSpec], Awaitable[None]] | None = None  # asked before each call
    lane: Callable[..., Lane] | None = None  # makes another kind of lane, of what Lane is made of


class _Call(NamedTuple, Generic[A]):
    """A call as its retries share it."""

    spec: ModelSpec
    request: Request | EmbeddingRequest
    go: Callable[[], Awaitable[A]]
    counters: Counters
    key: bytes
    depth: int
    ordinal: Any
    tries: Tries


class Lane:
    """What all models of one endpoint share."""

    def __init__(
        self, endpoint: EndpointSpec, transport: Transport, budget: Budget, settings: CallSettings
    ) -> None:
        paced = endpoint.rpm is not None or endpoint.tpm is not None
        self._pace = Pace(endpoint.rpm, endpoint.tpm) if paced else None
        self._transport = transport
        self._budget = budget
        self._settings = settings
        self._endpoint = endpoint
        self._retries = settings.retries if endpoint.retries is None else endpoint.retries
        self._patience = None if endpoint.timeout else Patience(endpoint.name)
        self._typical = 0.0  # tokens of a call, known once the endpoint tells its quota
        self._over = asyncio.Event()
        self._open = 0  # calls that are not answered or given up
        self._failing: dict[bytes, Counters] = {}  # those that failed before, by key; their model's
        self._replies: Counter[int] = Counter()  # by model, also those that are not yet durable
        self.limiter = Limiter(
            endpoint.name,
            endpoint.slots,
            pace=self._pace,
            breaker=settings.breaker,
            pause=settings.pause,
        )
        self.limiter.only_failing_left = self._only_failing_left
        self._hedger = Hedger(endpoint.hedging, self.limiter) if endpoint.hedging else None
        if isinstance(transport, Telling):
            transport.heard = self._heard

    async def send(
        self,
        spec: ModelSpec,
        request: Request,
        counters: Counters,
        *,
        key: bytes,
        depth: int,
        ordinal: Any,
        tries: Tries | None = None,
    ) -> tuple[Reply, float]:
        """Return the reply and its cost, after as many transport retries as it takes.

        Raises Permanent; Transient when all retries, or `tries`, are used up; StopRun.
        """
        go = partial(self._transport.complete, request)
        tries = tries or Tries(spec.max_requests, attempts=1)
        return await self._sent(_Call(spec, request, go, counters, key, depth, ordinal, tries))

    async def embed(
        self,
        spec: ModelSpec,
        request: EmbeddingRequest,
        counters: Counters,
        *,
        key: bytes,
        depth: int,
        ordinal: Any,
    ) -> tuple[Embeddings, float]:
        """Return the vectors and their cost, on the same terms as `send`."""
        go = partial(self._transport.embed, request)
        tries = Tries(spec.max_requests, attempts=1)
        return await self._sent(_Call(spec, request, go, counters, key, depth, ordinal, tries))

    async def _sent(self, call: _Call[A]) -> tuple[A, float]:
        if self._settings.consent is not None:
            await self._settings.consent(self._endpoint)
        self._open += 1
        try:
            done = await self._tried(call)
        finally:
            self._open -= 1
            self._failing.pop(call.key, None)
        self._replies[id(call.counters)] += 1
        return done

    async def _tried(self, call: _Call[A]) -> tuple[A, float]:
        retries, told, rested = 0, 0, 0.0
        while True:
            try:
                if self._hedger is None:
                    return await self._once(call, retries, call.depth, None)
                return await self._hedged(self._hedger, call, retries)
            except Transient as error:
                told = told + 1 if error.retry_after else 0
                if self._was_enough(error, retries, rested) or call.tries.used_up:
                    raise self._given_up(error) from None
                delay = self._delay(call.key, retries, error, told)
            rested += delay
            retries += 1
            call.tries.retries += 1
            call.counters.retried += 1
            await self._rest(delay)

    def shut(self) -> None:
        """Send nothing more: who waits for a slot or for another try is told that it is over."""
        self.limiter.shut(Permanent("the run has ended"))
        self._over.set()

    async def _rest(self, delay: float) -> None:
        """Wait before another try; not if the run ends meanwhile."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), delay)

    async def close(self) -> None:
        """Close transport and limiter."""
        if self._hedger is not None:
            await self._hedger.close()
        if self._patience is not None:
            self._patience.close()
        await self.limiter.close()
        await self._transport.close()

    async def _hedged(self, hedger: Hedger, call: _Call[A], retries: int) -> tuple[A, float]:
        """Return what a request brings, or a second one where that is allowed and quicker."""

        async def leg(hedge: bool, begun: Begun) -> tuple[A, float]:
            return await self._once(call, retries, LAST if hedge else call.depth, begun)

        return await hedger.race((call.spec.name, call.depth), leg)

    async def _once(
        self, call: _Call[A], retries: int, depth: float, begun: Begun | None
    ) -> tuple[A, float]:
        drawn = expected_tokens(call.request) if self._pace is not None else 0
        ticket = await self.limiter.acquire(depth, call.ordinal, drawn)
        if begun is not None:
            begun()
        try:
            reply, money = await self._charged(call, retries, hedge=depth == LAST)
        except BaseException as error:
            if isinstance(error, Transient):
                self._failing[call.key] = call.counters
            self.limiter.release(ticket, error)
            raise
        used = reply.prompt_tokens + reply.completion_tokens
        if self._typical:
            self._typical += _WEIGHT * (used - self._typical)
        self.limiter.release(ticket, drawn=drawn, used=used)
        return reply, money

    async def _charged(self, call: _Call[A], retries: int, *, hedge: bool) -> tuple[A, float]:
        budget = self._budget
        if hedge:
            reserved = budget.spare(call.spec, call.request)
            if reserved is None:  # the first request goes on alone
                raise StopRun(Diagnostic("ATK704", "no room for a second request"))
        else:
            reserved = budget.reserve(call.spec, call.request)
            reserved = reserved or await budget.turn(call.spec, call.request)
        call.counters.hedged += hedge
        patience, asked = self._patience, call.request
        try:
            if patience is None:  # the user set a time limit, which the transport keeps
                reply = await call.go()
            else:
                sizes = prompt_tokens(asked), longest_reply(asked)
                reply = await patience.within(call.go, *sizes, retries)
        except BaseException as error:
            budget.settle(reserved, call.spec, None, error)
            raise
        return reply, budget.settle(reserved, call.spec, reply)

    def _heard(self, quota: Quota) -> None:
        """Hold calls back before the endpoint has to refuse them."""
        if not self._typical and quota.tokens is not None:
            self._typical = 1.0
        left = quota.calls(self._typical)
        if left is not None:
            self.limiter.note_quota(left.count, left.seconds, left.most)

    def _only_failing_left(self) -> bool:
        """Return whether each call that is left has failed by itself, and more were answered.

        Then the fault is theirs rather than the endpoint's, and each fails alone.
        """
        if not self.limiter.far or self._open > len(self._failing):
            return False
        models = {id(counters): counters for counters in self._failing.values()}
        answered = sum(self._replies[key] + models[key].cached for key in models)
        return answered > len(self._failing)

    def _delay(self, key: bytes, retries: int, error: Transient, told: int) -> float:
        """Return how long to wait: jittered by the call's key, so equal runs wait equally.

        `told`: how often in a row the endpoint itself said how long.
        """
        jitter = random.Random(b"%s%d" % (key, retries)).uniform(0.5, 1.0)
        return heeded(error.retry_after, self._longest_delay(retries) * jitter, told)

    def _longest_delay(self, retries: int) -> float:
        return min(self._settings.longest_delay, self._settings.delay * 2.0**retries)

    def _was_enough(self, error: Transient, retries: int, rested: float) -> bool:
        """Return whether to give up.

        A call that is told to wait but for a moment is sent again more often, until it has waited
        as long as all its retries would have.
        """
        most = self._most_retries(error)
        if retries < most or not error.retry_after:
            return retries >= most
        return rested >= sum(map(self._longest_delay, range(most)))

    def _most_retries(self, error: Transient) -> int:
        """Return after how many retries to give up: soon where there was never an endpoint."""
        if isinstance(error, Unreachable) and not self.limiter.answered:
            return min(_FIRST_RETRIES, self._retries)
        return self._retries

    def _given_up(self, error: Transient) -> Permanent | Transient:
        if not isinstance(error, Unreachable):
            return error
        fatal = Permanent(error.message, status=error.status, fatal="ATK700")
        self.limiter.shut(fatal)
        return fatal
