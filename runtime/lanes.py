"""One endpoint in use: its transport behind its limits, with transport retries and the budget."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request, Transport
from atkc.runtime.budget import Budget
from atkc.runtime.errors import Permanent, Transient, Unreachable
from atkc.runtime.limits import Limiter
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.outcome import Counters
from atkc.runtime.pace import Pace

A = TypeVar("A", Reply, Embeddings)

_CHARACTERS_PER_TOKEN = 4
_REPLY_TOKENS = 256  # drawn from the rate where no length is set; corrected afterwards


@dataclass(frozen=True, slots=True)
class CallSettings:
    """How hard to try. Delays in seconds; the delay doubles with each retry, up to the longest."""

    retries: int = 6  # of a call after transport failures
    delay: float = 0.5
    longest_delay: float = 60.0
    breaker: int = 8  # failures of an endpoint in a row that end the run
    pause: float = 0.05  # of an endpoint after a failure: doubled each time
    consent: Callable[[EndpointSpec], Awaitable[None]] | None = None  # asked before each call


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
        self._over = asyncio.Event()
        self.limiter = Limiter(
            endpoint.name,
            endpoint.slots,
            pace=self._pace,
            breaker=settings.breaker,
            pause=settings.pause,
        )

    async def send(
        self,
        spec: ModelSpec,
        request: Request,
        counters: Counters,
        *,
        key: bytes,
        depth: int,
        ordinal: Any,
    ) -> tuple[Reply, float]:
        """Return the reply and its cost, after as many transport retries as it takes.

        Raises Permanent; Transient when all retries are used up; StopRun.
        """

        async def go() -> Reply:
            return await self._transport.complete(request)

        return await self._sent(spec, request, go, counters, key, depth, ordinal)

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

        async def go() -> Embeddings:
            return await self._transport.embed(request)

        return await self._sent(spec, request, go, counters, key, depth, ordinal)

    async def _sent(
        self,
        spec: ModelSpec,
        request: Request | EmbeddingRequest,
        go: Callable[[], Awaitable[A]],
        counters: Counters,
        key: bytes,
        depth: int,
        ordinal: Any,
    ) -> tuple[A, float]:
        if self._settings.consent is not None:
            await self._settings.consent(self._endpoint)
        tries = 0
        while True:
            try:
                return await self._once(spec, request, go, depth, ordinal)
            except Transient as error:
                if tries >= self._settings.retries:
                    raise self._given_up(error) from None
                delay = self._delay(key, tries, error)
            tries += 1
            counters.retried += 1
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
        await self.limiter.close()
        await self._transport.close()

    async def _once(
        self,
        spec: ModelSpec,
        request: Request | EmbeddingRequest,
        go: Callable[[], Awaitable[A]],
        depth: int,
        ordinal: Any,
    ) -> tuple[A, float]:
        drawn = _estimate(request) if self._pace is not None else 0
        ticket = await self.limiter.acquire(depth, ordinal, drawn)
        try:
            reply, money = await self._charged(spec, request, go)
        except BaseException as error:
            self.limiter.release(ticket, error)
            raise
        used = reply.prompt_tokens + reply.completion_tokens
        self.limiter.release(ticket, drawn=drawn, used=used)
        return reply, money

    async def _charged(
        self,
        spec: ModelSpec,
        request: Request | EmbeddingRequest,
        go: Callable[[], Awaitable[A]],
    ) -> tuple[A, float]:
        budget = self._budget
        reserved = budget.reserve(spec, request) or await budget.turn(spec, request)
        try:
            reply = await go()
        except BaseException as error:
            budget.settle(reserved, spec, None, error)
            raise
        return reply, budget.settle(reserved, spec, reply)

    def _delay(self, key: bytes, tries: int, error: Transient) -> float:
        """Return how long to wait: jittered by the call's key, so equal runs wait equally."""
        longest = min(self._settings.longest_delay, self._settings.delay * 2.0**tries)
        delay = longest * random.Random(b"%s%d" % (key, tries)).uniform(0.5, 1.0)
        return max(delay, error.retry_after or 0.0)

    def _given_up(self, error: Transient) -> Permanent | Transient:
        if not isinstance(error, Unreachable):
            return error
        fatal = Permanent(error.message, status=error.status, fatal="ATK700")
        self.limiter.shut(fatal)
        return fatal


def _estimate(request: Request | EmbeddingRequest) -> int:
    """Return about how many tokens a call will use."""
    if isinstance(request, EmbeddingRequest):
        return sum(map(len, request.texts)) // _CHARACTERS_PER_TOKEN
    characters = sum(len(str(message.get("content") or "")) for message in request.messages)
    sampling = request.sampling
    longest = sampling.get("max_completion_tokens") or sampling.get("max_tokens") or _REPLY_TOKENS
    return characters // _CHARACTERS_PER_TOKEN + min(int(longest), _REPLY_TOKENS)
