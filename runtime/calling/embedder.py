"""Vectors of texts: from the store, from a call in flight, or from the endpoint. One key per text.

So nothing is paid for twice, whichever texts travel together, and an edited text is embedded alone.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Coroutine, Mapping, Sequence
from sys import byteorder
from typing import Any

from msgspec import Struct

from atkc.runtime.api import EmbeddingRequest
from atkc.runtime.calling.flights import Flights
from atkc.runtime.calling.lanes import Lane
from atkc.runtime.calling.outcome import CallStats, Failure
from atkc.runtime.errors import CallError, Permanent, Transient
from atkc.runtime.keys import digest, embedding_key
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.storage.store import EMBEDDING, Store

Started = Callable[[Coroutine[Any, Any, int]], asyncio.Task[int]]


class Embedded(Struct, frozen=True):
    """A vector for each text as little-endian 32-bit floats, or why there is none.

    `calls` are the replies paid for; `hits` is 1 where all is there and none was needed.
    """

    vectors: tuple[bytes | Failure, ...]
    calls: int
    hits: int


class _Job(Struct, frozen=True):
    model: ModelSpec
    keys: Mapping[str, bytes]
    depth: int
    ordinal: Any


class Embedder:
    """Embeds for one run; `lane` leads to a model, `started` lets a call outlive who waits."""

    def __init__(
        self,
        store: Store,
        stats: CallStats,
        lane: Callable[[ModelSpec], Lane],
        started: Started,
    ) -> None:
        self._store = store
        self._stats = stats
        self._lane = lane
        self._started = started
        self._flights = Flights()

    async def embed(
        self, model: ModelSpec, texts: Sequence[str], *, depth: int, ordinal: Any
    ) -> Embedded:
        """Return the vectors of as many texts as one request may hold.

        Raises Permanent with `fatal`, StopRun and StoreError, all of which end the run.
        """
        job = _Job(model, {text: self._key(model, text) for text in texts}, depth, ordinal)
        found: dict[str, bytes | Failure] = {}
        calls, waited = 0, False
        while missing := [text for text in job.keys if not self._known(job, text, found)]:
            sent, came = await self._brought(job, missing)
            calls, waited = calls + sent, True
            found |= came
        counters = self._stats.of(model.name)
        counters.cached += not waited
        counters.shared += waited and not calls
        vectors = tuple(found[text] for text in texts)
        whole = all(isinstance(vector, bytes) for vector in vectors)
        return Embedded(vectors, calls, int(whole and not calls))

    def _known(self, job: _Job, text: str, found: dict[str, bytes | Failure]) -> bool:
        if text not in found:
            stored = self._store.get(job.keys[text])
            if stored is not None:
                found[text] = stored
        return text in found

    async def _brought(
        self, job: _Job, missing: Sequence[str]
    ) -> tuple[int, dict[str, bytes | Failure]]:
        """Return the replies paid for, and what came: nothing of a call that was cancelled."""
        mine = [text for text in missing if self._flights.lead(job.keys[text])]
        waiting = [self._flights.join(job.keys[text]) for text in missing]
        task = self._started(self._fly(job, mine)) if mine else None
        results = await asyncio.gather(*waiting, return_exceptions=True)
        came: dict[str, bytes | Failure] = {}
        for text, result in zip(missing, results, strict=True):
            if isinstance(result, BaseException):
                came[text] = _failure(result)
            elif result is not None:
                came[text] = result
        return (0 if task is None else await asyncio.shield(task)), came

    async def _fly(self, job: _Job, texts: Sequence[str]) -> int:
        """Bring the vectors of texts, or why there are none, to all who wait; return the calls."""
        counters = self._stats.of(job.model.name)
        keys = [job.keys[text] for text in texts]
        try:
            vectors = await self._sent(job, texts, keys)
            maker = f"{job.model.endpoint.provider}/{job.model.model}"
            stored = await asyncio.gather(
                *(self._put(key, vector, maker) for key, vector in zip(keys, vectors, strict=True))
            )
        except BaseException as error:
            if len(texts) > 1 and _is_refusal(error):
                return await self._halves(job, texts)
            counters.failed += isinstance(error, Permanent | Transient)
            for key in keys:
                self._flights.fail(key, error)
            if not isinstance(error, CallError):
                raise
            return 0
        for key, value in zip(keys, stored, strict=True):
            self._flights.land(key, value)
        counters.calls += 1
        return 1

    async def _halves(self, job: _Job, texts: Sequence[str]) -> int:
        """Send the halves apart: one text that is too long must not spoil the others."""
        half = len(texts) // 2
        parts = self._fly(job, texts[:half]), self._fly(job, texts[half:])
        return sum(await asyncio.gather(*parts))

    async def _sent(self, job: _Job, texts: Sequence[str], keys: Sequence[bytes]) -> list[bytes]:
        model, counters = job.model, self._stats.of(job.model.name)
        reply, money = await self._lane(model).embed(
            model,
            EmbeddingRequest(model.model, tuple(texts), _dimensions(model)),
            counters,
            key=digest([key.hex() for key in keys]),
            depth=job.depth,
            ordinal=job.ordinal,
        )
        counters.prompt_tokens += reply.prompt_tokens
        counters.money += money
        return [_packed(vector) for vector in reply.vectors]

    async def _put(self, key: bytes, vector: bytes, maker: str) -> bytes:
        return await self._store.put(key, EMBEDDING, vector, origin=maker)

    def _key(self, model: ModelSpec, text: str) -> bytes:
        return embedding_key(
            provider=model.endpoint.provider,
            model=model.model,
            text=text,
            dimensions=_dimensions(model),
            revision=model.revision,
            base_url=model.endpoint.base_url,
            generation=self._store.generation,
        )


def _dimensions(model: ModelSpec) -> int | None:
    """Return the only sampling parameter that is one of vectors too."""
    return model.sampling.get("dimensions")


def _packed(vector: Sequence[float]) -> bytes:
    numbers = array("f", vector)
    if byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, Permanent) and not error.fatal


def _failure(error: BaseException) -> Failure:
    """Return why a text has no vector; raises what ends the run."""
    if _is_refusal(error) and isinstance(error, Permanent):
        return Failure("refused", error.message)
    if isinstance(error, Transient):
        return Failure("transport", error.message)
    raise error
