"""Transports that tell an observer of each call they sent; none does unless somebody watches."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from msgspec import Struct

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request, Transport
from atkc.runtime.current import STEP
from atkc.runtime.modelspec import EndpointSpec

A = TypeVar("A", Reply, Embeddings)


class Sent(Struct, frozen=True):
    """One call that was sent, and what came of it: a reply or an error. Each retry is one."""

    step: str
    endpoint: EndpointSpec
    request: Request | EmbeddingRequest
    reply: Reply | Embeddings | None
    error: BaseException | None
    began: int  # nanoseconds since the epoch
    seconds: float


Observer = Callable[[Sent], None]  # it must not raise


class Watched(dict[str, Callable[[], Transport]]):
    """Transports from outside, by provider, and who is told of the calls of all transports."""

    def __init__(self, handed: Mapping[str, Callable[[], Transport]], observer: Observer) -> None:
        super().__init__(handed)
        self.observer = observer


class WatchedTransport:
    """A transport that tells of its calls."""

    def __init__(self, inner: Transport, endpoint: EndpointSpec, observer: Observer) -> None:
        self._inner = inner
        self._endpoint = endpoint
        self._observer = observer

    async def complete(self, request: Request) -> Reply:
        """Return the completion."""
        return await self._told(request, self._inner.complete(request))

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the vectors."""
        return await self._told(request, self._inner.embed(request))

    async def close(self) -> None:
        """Release connections."""
        await self._inner.close()

    async def _told(self, request: Request | EmbeddingRequest, call: Awaitable[A]) -> A:
        began, start = time.time_ns(), time.perf_counter()
        reply: A | None = None
        caught: BaseException | None = None
        try:
            reply = await call
        except BaseException as error:
            caught = error
            raise
        finally:
            seconds = time.perf_counter() - start
            step = STEP.get()
            self._observer(Sent(step, self._endpoint, request, reply, caught, began, seconds))
        return reply
