"""server.py for clients of all kinds: in uvloop where there is one, refusing requests without
messages, with which some clients begin, and telling in how many seconds how many others came.

    python benchmarks/endpoint.py --latency 0

prints its port on the first line and ends with its standard input. `GET /span` tells the requests
for completions so far and the seconds from the first to the last of them.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import orjson
from server import _END, _Connection, _length, _Server
from standin import StandIn

_NO_MESSAGES = (b'"messages":[]', b'"messages": []')
_REFUSAL = orjson.dumps({"error": {"message": "no messages"}})
_REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(_REFUSAL), _REFUSAL)


class _Span:
    """When requests came."""

    def __init__(self) -> None:
        self.calls = 0
        self.first = self.last = 0.0

    def arrived(self) -> None:
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.calls += 1

    def told(self) -> bytes:
        return orjson.dumps({"calls": self.calls, "seconds": self.last - self.first})


class _Noted(_Connection):
    """A connection that notes when its requests come."""

    def __init__(self, server: _Server, span: _Span) -> None:
        super().__init__(server)
        self._span = span

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's only behaves like one

    def data_received(self, data: bytes) -> None:
        head, found, body = (self._got + data).partition(_END)
        if found and len(body) >= _length(head) and self._answered(head, body):
            self._got = b""
        else:
            super().data_received(data)

    def _answered(self, head: bytes, body: bytes) -> bool:
        """Note a request for a completion; answer others and return True."""
        if head.startswith(b"GET /span"):
            self._send(self._span.told())
        elif any(empty in body for empty in _NO_MESSAGES):
            self._transport.write(_REFUSED)
        else:
            if head.startswith(b"POST"):
                self._span.arrived()
            return False
        return True


@dataclass(frozen=True, slots=True)
class Endpoint(StandIn):
    """A running server that tells its span."""

    def span(self) -> tuple[int, float]:
        """Return the requests for completions so far, and the seconds between first and last."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/span") as answer:
            told = orjson.loads(answer.read())
        return int(told["calls"]), float(told["seconds"])


@contextmanager
def endpoint(latency: float) -> Iterator[Endpoint]:
    """Start a server, and end it by its process id."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--latency", str(latency)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield Endpoint(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.communicate()


async def _serve(latency: float) -> None:
    loop = asyncio.get_running_loop()
    shared, span = _Server(latency), _Span()
    opened = await loop.create_server(lambda: _Noted(shared, span), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{opened.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    opened.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each reply")
    options = parser.parse_args()
    gc.disable()  # nothing here goes round in circles
    with asyncio.Runner(loop_factory=_factory()) as runner:
        runner.run(_serve(options.latency))


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # it has no build for Windows
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    main()
