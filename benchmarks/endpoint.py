"""server.py for clients of all kinds: in uvloop where there is one, refusing requests without
messages, with which some clients begin, and telling in how many seconds how many others came.

    python benchmarks/endpoint.py --latency 0

prints its port on the first line and ends with its standard input. `GET /span` tells the requests
for completions so far and the seconds from the first to the last of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import orjson
from server import END, Connection, Server, length_of, serve
from standin import StandIn, started

sys.path.insert(0, str(Path(__file__).parents[1]))  # this checkout, where none is installed

from atkc.cli.looping import run

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


class _Noted(Connection):
    """A connection that notes when its requests come."""

    def __init__(self, server: Server, span: _Span) -> None:
        super().__init__(server)
        self._span = span

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's only behaves like one

    def data_received(self, data: bytes) -> None:
        head, found, body = (self._got + data).partition(END)
        if found and len(body) >= length_of(head) and self._answered(head, body):
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
        told = self.asked("span")
        return int(told["calls"]), float(told["seconds"])


@contextmanager
def endpoint(latency: float) -> Iterator[Endpoint]:
    """Start a server, and end it by its process id."""
    with started(Path(__file__), "--latency", str(latency)) as port:
        yield Endpoint(port)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each reply")
    shared, span = Server(parser.parse_args().latency), _Span()
    run(serve(lambda: _Noted(shared, span)))


if __name__ == "__main__":
    main()
