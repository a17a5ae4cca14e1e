"""The paths below /v1/files and /v1/batches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

import orjson

from atkc.stdlib.model_server import wire
from atkc.stdlib.model_server.batches import Batch, BatchDesk

if TYPE_CHECKING:  # aiohttp is imported when a server is made
    from aiohttp import web

    Handler = Callable[[web.Request], Awaitable[web.Response]]


class Server(Protocol):
    """What of the server for single calls is needed here."""

    def line(self, content: bytes) -> tuple[int, bytes] | None:
        """Answer a line of a batch."""
        ...

    def locked(self, request: web.Request) -> web.Response | None:
        """Return the refusal of a request without the right key."""
        ...

    def refuse(
        self, status: int, message: str, kind: str, *, param: str | None = None
    ) -> web.Response:
        """Return the answer to a request that is refused."""
        ...

    def began(self) -> None:
        """Count a batch."""
        ...


def add_batches(
    app: web.Application, server: Server, models: tuple[str, ...], delay: float
) -> None:
    """Add the paths to an application; whatever asks for a key asks for it here too."""
    routes = _Routes(server, BatchDesk(server.line, models, delay))
    app.router.add_post("/v1/files", routes.guarded(routes.upload))
    app.router.add_get("/v1/files/{id}/content", routes.guarded(routes.content))
    app.router.add_post("/v1/batches", routes.guarded(routes.create))
    app.router.add_get("/v1/batches", routes.guarded(routes.listed))
    app.router.add_get("/v1/batches/{id}", routes.guarded(routes.retrieve))
    app.router.add_post("/v1/batches/{id}/cancel", routes.guarded(routes.cancel))
    app.on_cleanup.append(routes.close)


class _Routes:
    def __init__(self, server: Server, desk: BatchDesk) -> None:
        self._server = server
        self._desk = desk

    def guarded(self, handle: Handler) -> Handler:
        """Return the handler behind the check of the key; bad requests become a 400."""

        async def handled(request: web.Request) -> web.Response:
            if locked := self._server.locked(request):
                return locked
            try:
                return await handle(request)
            except wire.BadRequest as bad:
                kind = "invalid_request_error"
                return self._server.refuse(400, bad.message, kind, param=bad.param)

        return handled

    async def upload(self, request: web.Request) -> web.Response:
        return _json(await self._desk.upload(request))

    async def content(self, request: web.Request) -> web.Response:
        from aiohttp import web

        content = self._desk.content(request.match_info["id"])
        if content is None:
            return self._unknown("file")
        return web.Response(body=content, content_type="application/octet-stream")

    async def create(self, request: web.Request) -> web.Response:
        batch = self._desk.create(await request.read())
        self._server.began()
        return _json(batch.body())

    async def listed(self, request: web.Request) -> web.Response:
        return _json(self._desk.listed(request.query.get("after")))

    async def retrieve(self, request: web.Request) -> web.Response:
        batch = self._found(request)
        return self._unknown("batch") if batch is None else _json(batch.body())

    async def cancel(self, request: web.Request) -> web.Response:
        batch = self._found(request)
        if batch is None:
            return self._unknown("batch")
        self._desk.cancel(batch)
        return _json(batch.body())

    async def close(self, _app: web.Application) -> None:
        await self._desk.close()

    def _found(self, request: web.Request) -> Batch | None:
        return self._desk.find(request.match_info["id"])

    def _unknown(self, what: str) -> web.Response:
        said = f"No such {what} object"
        return self._server.refuse(404, said, "invalid_request_error", param="id")


def _json(body: object) -> web.Response:
    from aiohttp import web

    return web.Response(body=orjson.dumps(body), content_type="application/json")
