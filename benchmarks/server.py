"""A stand-in for an endpoint that speaks OpenAI's protocol: a fixed latency, the same reply to
the same messages, about 0.1 ms of CPU a request.

    python benchmarks/server.py --latency 0.05

prints its port on the first line and ends with its standard input. `GET /calls` tells how many
completions were asked for so far.

With `--sigma` the latency is lognormal around `--latency`, drawn by seed, content (what is asked
about what, not how the form of the reply is put), attempt and arrival number: two clients that ask
the same draw the same, and a second request draws anew. `GET /seed/7` begins anew with that seed.
`GET /tail/K` tells in seconds how far apart the last answer to the instruction that was answered
last and the last but K of these were sent.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import math
import random
import sys
import zlib
from collections.abc import Callable
from typing import Any

import orjson

END = b"\r\n\r\n"
_TEXT = (
    "harbour lantern copper meadow signal ribbon granite orchard compass thunder velvet anchor "
    "marble willow cinder beacon hollow ember"
)
_WORDS = _TEXT.split()


class Server:
    """What all connections share."""

    def __init__(self, latency: float, sigma: float = 0.0) -> None:
        self._latency = latency
        self._sigma = sigma
        self.begin(0)

    def begin(self, seed: int) -> None:
        """Forget what was asked; draw by another seed."""
        self.calls = 0
        self._seed = seed
        self._arrived: dict[str, int] = {}
        self._sent: dict[str, list[float]] = {}  # when, by instruction
        self._last = ""

    def arrived(self, asked: dict[str, Any]) -> float:
        """Count a request and return its latency."""
        self.calls += 1
        if not self._sigma:
            return self._latency
        messages = asked["messages"]
        # The first two paragraphs: the instruction and the note. What follows is the form.
        content = "\n\n".join(messages[0]["content"].split("\n\n")[:2])
        about = f"{self._seed}\n{content}\n{len(messages) // 2}"
        number = self._arrived[about] = self._arrived.get(about, 0) + 1
        return self._latency * math.exp(random.Random(f"{about}\n{number}").gauss(0.0, self._sigma))

    def sent(self, instruction: str) -> None:
        """Note an answer."""
        self._last = instruction
        self._sent.setdefault(instruction, []).append(asyncio.get_running_loop().time())

    def told(self, path: list[bytes]) -> bytes:
        """Return the answer to a GET."""
        match path:
            case [b"seed", seed]:
                self.begin(int(seed))
            case [b"tail", last]:
                sent = self._sent[self._last]
                return orjson.dumps({"tail": sent[-1] - sent[-1 - int(last)]})
        return orjson.dumps({"calls": self.calls})


class Connection(asyncio.Protocol):
    """One keep-alive connection; a client sends its next request after the reply."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, rest = self._got.partition(END)
        if not found or len(rest) < length_of(head):
            return
        self._got = b""
        if head.startswith(b"GET"):
            self._send(self._server.told(head.split(b" ", 2)[1].split(b"/")[1:]))
            return
        asked = orjson.loads(rest)
        latency = self._server.arrived(asked)
        instruction = asked["messages"][0]["content"].partition("\n")[0]
        loop = asyncio.get_running_loop()
        loop.call_later(latency, self._answer, _completion(asked), instruction)

    def _answer(self, body: bytes, instruction: str) -> None:
        if not self._transport.is_closing():
            self._send(body)
            self._server.sent(instruction)

    def _send(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head % len(body) + body)


def length_of(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def _completion(asked: dict[str, Any]) -> bytes:
    content = asked["messages"][-1]["content"]
    sum_ = zlib.crc32(content.encode())
    words = [_WORDS[(sum_ >> shift) % len(_WORDS)] for shift in range(0, 24, 3)]
    reply = orjson.dumps({"reply": " ".join(words)}).decode()
    usage = {"prompt_tokens": len(content) // 4, "completion_tokens": len(reply) // 4}
    usage["total_tokens"] = sum(usage.values())
    message = {"role": "assistant", "content": reply}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return orjson.dumps({"model": asked["model"], "choices": [choice], "usage": usage})


async def serve(connection: Callable[[], asyncio.Protocol]) -> None:
    """Serve on a free port, told on the first line, until the standard input ends."""
    gc.disable()  # nothing here goes round in circles
    loop = asyncio.get_running_loop()
    opened = await loop.create_server(connection, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{opened.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    opened.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each reply")
    parser.add_argument("--sigma", type=float, default=0.0, help="of a lognormal latency")
    options = parser.parse_args()
    shared = Server(options.latency, options.sigma)
    asyncio.run(serve(lambda: Connection(shared)))


if __name__ == "__main__":
    main()
