"""Serving an application until a signal ends it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # aiohttp is imported when a server is made
    from aiohttp import web

_LOOPBACK = "127.0.0.1"
_GRACE = 1.0  # seconds that calls in flight get at the end
_BACKLOG = 1024
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@asynccontextmanager
async def running(app: web.Application, host: str = _LOOPBACK, port: int = 0) -> AsyncIterator[str]:
    """Serve within the block, which gets the base URL; port 0 picks a free one."""
    from aiohttp import web

    # A handler whose client has gone is cancelled: one that hangs would never end.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=_BACKLOG)
        await site.start()
        yield f"http://{_shown(host)}:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def serve(
    app: web.Application,
    host: str = _LOOPBACK,
    port: int = 0,
    *,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; `announce` (or the standard output) gets the base URL."""
    asyncio.run(_serve(app, host, port, announce or _say))


async def _serve(
    app: web.Application, host: str, port: int, announce: Callable[[str], None]
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, ended.set)
    async with running(app, host, port) as url:
        announce(url)
        await ended.wait()


def _say(url: str) -> None:
    print(url, flush=True)  # who started the server may read a pipe


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
