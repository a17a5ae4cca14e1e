"""The application: completions and embeddings by functions, with faults, counts, maybe a key."""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from msgspec import Struct, field, structs
from msgspec.structs import replace

from atkc.runtime.api import Embeddings, Message, Reply
from atkc.stdlib.model_server import faults as fault
from atkc.stdlib.model_server import habits as habit
from atkc.stdlib.model_server import wire, wire_embeddings
from atkc.stdlib.model_server.journal import Journal

if TYPE_CHECKING:  # aiohttp is imported when a server is made
    from aiohttp import web

Complete = Callable[[Sequence[Message], Mapping[str, Any] | None, int], Reply]

Embed = Callable[[Sequence[str], int | None], Embeddings]
Asked = wire.ChatRequest | wire_embeddings.EmbeddingsAsked
A = TypeVar("A", wire.ChatRequest, wire_embeddings.EmbeddingsAsked)

_LARGEST_BODY = 16 << 20  # bytes
_CHARACTERS_PER_TOKEN = 4


class Counts(Struct):
    """What a server has done; served at /stats."""

    requests: int = 0  # chat completions and embeddings asked for
    completions: int = 0  # replies sent
    embeddings: int = 0  # answers with vectors sent
    embedded: int = 0  # texts in them
    in_flight: int = 0
    max_in_flight: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)  # by status
    batches: int = 0
    batched: int = 0  # lines of batches that were answered
    journal: Journal | None = None  # what was asked how often, where that is counted

    def body(self) -> bytes:
        """Return the counts as JSON."""
        return orjson.dumps(
            {
                "requests": self.requests,
                "completions": self.completions,
                "embeddings": self.embeddings,
                "embedded": self.embedded,
                "in_flight": self.in_flight,
                "max_in_flight": self.max_in_flight,
                "faults": dict(self.faults),
                "refused": dict(self.refused),
                "batches": self.batches,
                "batched": self.batched,
                **({} if self.journal is None else {"asked": self.journal.told()}),
            }
        )


class ModelServer:
    """Handles the requests of one application."""

    def __init__(
        self,
        complete: Complete,
        faults: fault.Faults,
        models: tuple[str, ...],
        required_key: str | None,
        habits: habit.Habits,
        embed: Embed | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._habits = habits
        self.counts = Counts(journal=journal)
        self._complete = complete
        self._embed = embed
        self._faults = faults
        self._draw = fault.Draw(faults)
        self._models = models
        self._authorization = f"Bearer {required_key}".encode() if required_key else None

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /v1/chat/completions."""
        return await self._counted(request, wire.read_request, self._completed)

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /v1/embeddings."""
        return await self._counted(request, wire_embeddings.read_embedding_request, self._embedded)

    async def _counted(
        self,
        request: web.Request,
        read: Callable[[bytes], A],
        answer: Callable[[web.Request, A, str | None], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        counts = self.counts
        counts.requests += 1
        counts.in_flight += 1
        counts.max_in_flight = max(counts.max_in_flight, counts.in_flight)
        try:
            return await self._read(request, read, answer)
        finally:
            counts.in_flight -= 1

    def line(self, content: bytes) -> tuple[int, bytes] | None:
        """Answer a line of a batch: (status, body), None where its fault is never to answer."""
        try:
            asked = wire.read_request(content)
            habit.refused(self._habits, asked)
        except wire.BadRequest as bad:
            return 400, wire.error(bad.message, "invalid_request_error", param=bad.param)
        met = self._draw.next(_content(asked)) if self._faults.rates() else None
        self.counts.faults.update([met] if met else [])
        if met in (fault.HANG, fault.DROP):
            return None
        if met in (fault.RATE_429, fault.ERROR_500):
            status = 429 if met == fault.RATE_429 else 500
            return status, wire.error("the server had an error", "server_error")
        self.counts.batched += 1
        reply = self._reply(asked, met)
        if asked.flat:
            return 200, wire.text_completion(reply, asked.model, self.counts.batched)
        usage = not self._habits.no_usage
        thought = habit.THOUGHT if self._habits.reasoning == "field" else ""
        body = wire.completion(reply, asked.model, self.counts.batched, thought, with_usage=usage)
        return 200, body

    def began(self) -> None:
        """Count a batch."""
        self.counts.batches += 1

    async def list_models(self, request: web.Request) -> web.StreamResponse:
        """Answer GET /v1/models."""
        if self._habits.no_models:
            return self.refuse(404, "Not Found", "invalid_request_error")
        locked = None if self._habits.open_models else self.locked(request)
        return locked or _json(wire.models(self._models, self._habits.context))

    async def stats(self, _request: web.Request) -> web.StreamResponse:
        """Answer GET /stats."""
        return _json(self.counts.body())

    async def health(self, _request: web.Request) -> web.StreamResponse:
        """Answer GET /health."""
        return _json(b'{"status":"ok"}')

    async def _read(
        self,
        request: web.Request,
        read: Callable[[bytes], A],
        answer: Callable[[web.Request, A, str | None], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        from aiohttp.web import HTTPRequestEntityTooLarge

        if locked := self.locked(request):
            return locked
        try:
            asked = read(await request.read())
            if isinstance(asked, wire.ChatRequest):
                habit.refused(self._habits, asked)
        except HTTPRequestEntityTooLarge:
            return self.refuse(413, "the body is too large", "invalid_request_error")
        except wire.BadRequest as bad:
            kind = "invalid_request_error"
            return self.refuse(400, bad.message, kind, param=bad.param)
        if self._models and asked.model not in self._models:
            text = f"The model `{asked.model}` does not exist"
            kind = "invalid_request_error"
            return self.refuse(404, text, kind, code="model_not_found", param="model")
        met = self._met(asked)
        with self._noted(asked, met):
            await self._delayed(met)
            return self._fault(request, met) or await answer(request, asked, met)

    def _noted(self, asked: Asked, met: str | None) -> AbstractContextManager[None]:
        """Count a request in the journal, unless a fault keeps it from an answer."""
        journal = self.counts.journal
        # Half of the vectors is no answer.
        cut = met is not None and isinstance(asked, wire_embeddings.EmbeddingsAsked)
        if journal is None or cut or met in fault.UNANSWERED:
            return nullcontext()
        return journal.answering(asked)

    def _met(self, asked: Asked) -> str | None:
        """Return the fault that a request meets, and count it."""
        met = self._draw.next(_content(asked)) if self._faults.rates() else None
        if self._faults.steady and met in fault.SPOILT and not isinstance(asked, wire.ChatRequest):
            met = None  # vectors that lack each time would never be had
        if met is not None:
            self.counts.faults[met] += 1
        return met

    async def _delayed(self, met: str | None) -> None:
        """Wait as long as an answer takes."""
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        if met == fault.HANG:
            await asyncio.Event().wait()

    def _fault(self, request: web.Request, met: str | None) -> web.Response | None:
        """Return what a fault sends instead of an answer."""
        if met == fault.RATE_429:
            headers = {"Retry-After": f"{self._faults.retry_after:g}"}
            return self.refuse(429, "too many requests", "rate_limit_error", headers=headers)
        if met == fault.ERROR_500:
            return self.refuse(500, "the server had an error", "server_error")
        if met == fault.DROP:
            return _dropped(request)
        return None

    async def _embedded(
        self,
        _request: web.Request,
        asked: wire_embeddings.EmbeddingsAsked,
        met: str | None,
    ) -> web.StreamResponse:
        if self._embed is None:
            return self.refuse(501, "this server has no embeddings", "invalid_request_error")
        found = self._embed(asked.texts, asked.dimensions)
        if met in (fault.CUTOFF, fault.NONSENSE):  # half of the vectors
            found = replace(found, vectors=found.vectors[: len(found.vectors) // 2])
        self.counts.embeddings += 1
        self.counts.embedded += len(found.vectors)
        return _json(wire_embeddings.embeddings(found, asked))

    async def _completed(
        self, request: web.Request, asked: wire.ChatRequest, met: str | None
    ) -> web.StreamResponse:
        reply = self._reply(asked, met)
        self.counts.completions += 1
        number = self.counts.completions
        if asked.stream:
            return await _streamed(request, asked, reply, number)
        if asked.flat:
            return _json(wire.text_completion(reply, asked.model, number))
        thought = habit.THOUGHT if self._habits.reasoning == "field" else ""
        usage = not self._habits.no_usage
        return _json(wire.completion(reply, asked.model, number, thought, with_usage=usage))

    def _reply(self, asked: wire.ChatRequest, met: str | None) -> Reply:
        if met == fault.NONSENSE:
            return _counted(asked, Reply(fault.NONSENSE_TEXT))
        wanted = habit.response_format(self._habits, asked)
        reply = self._complete(asked.messages, wanted, asked.seed)
        if met == fault.CUTOFF:
            return _counted(asked, Reply(reply.text[: len(reply.text) // 2], "length"))
        return habit.bounded(self._habits, asked, _counted(asked, reply))

    def locked(self, request: web.Request) -> web.Response | None:
        """Return the refusal of a request without the right key."""
        given = request.headers.get("Authorization", "").encode()
        if self._authorization is None or hmac.compare_digest(given, self._authorization):
            return None
        text = "the key is missing or wrong"
        return self.refuse(401, text, "invalid_request_error", code="invalid_api_key")

    def refuse(
        self,
        status: int,
        message: str,
        kind: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        """Return the answer to a request that is refused, and count it."""
        self.counts.refused[str(status)] += 1
        return _json(wire.error(message, kind, code=code, param=param), status, headers)


def make_app(
    complete: Complete,
    faults: fault.Faults | None = None,
    *,
    embed: Embed | None = None,
    models: tuple[str, ...] = (),
    required_key: str | None = None,
    largest_body: int = _LARGEST_BODY,
    habits: habit.Habits | None = None,
    batch_delay: float = 0.0,
    journal: Journal | None = None,
) -> web.Application:
    """Return the application; `complete` makes a reply of (messages, response_format, seed),
    `embed` vectors of (texts, dimensions).

    With `models`, others get a 404; with `required_key`, other keys a 401; bodies of more than
    `largest_body` bytes a 413. Sampling parameters are checked; `stop` and `max_tokens` cut the
    reply, the others have no effect. A batch is answered `batch_delay` seconds after it came. Live
    requests go into the `journal`.
    """
    from aiohttp import web

    from atkc.stdlib.model_server.batch_routes import add_batches

    server = ModelServer(
        complete,
        faults or fault.Faults(),
        models,
        required_key,
        habits or habit.Habits(),
        embed,
        journal,
    )
    app = web.Application(client_max_size=largest_body)
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_post("/v1/completions", server.chat)
    app.router.add_post("/v1/embeddings", server.embeddings)
    app.router.add_get("/v1/models", server.list_models)
    app.router.add_get("/stats", server.stats)
    app.router.add_get("/health", server.health)
    add_batches(app, server, models, batch_delay)
    return app


def _content(asked: Asked) -> bytes:
    return orjson.dumps(asked.body, option=orjson.OPT_SORT_KEYS)


def _counted(asked: wire.ChatRequest, reply: Reply) -> Reply:
    """Return the reply with token counts, estimated where the model gives none."""
    if reply.prompt_tokens or reply.completion_tokens:
        return reply
    prompt = sum(len(message["content"]) for message in asked.messages)
    return structs.replace(
        reply,
        prompt_tokens=-(-prompt // _CHARACTERS_PER_TOKEN),
        completion_tokens=-(-len(reply.text) // _CHARACTERS_PER_TOKEN),
    )


def _json(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    from aiohttp import web

    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _dropped(request: web.Request) -> web.Response:
    """Break the connection; the response goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return _json(b"")


async def _streamed(
    request: web.Request, asked: wire.ChatRequest, reply: Reply, number: int
) -> web.StreamResponse:
    from aiohttp import web

    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for event in wire.events(reply, asked.model, number, with_usage=asked.usage_in_stream):
        await response.write(event)
    await response.write_eof()
    return response
