"""A stand-in for an endpoint that speaks OpenAI's protocol: a fixed latency, the same reply to
the same messages, about 0.1 ms of CPU a request.

    python benchmarks/server.py --latency 0.05

prints its port on the first line and ends with its standard input. `GET /calls` tells how many
completions it has sent.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import zlib

import orjson

_END = b"\r\n\r\n"
_TEXT = (
    "harbour lantern copper meadow signal ribbon granite orchard compass thunder velvet anchor "
    "marble willow cinder beacon hollow ember"
)
_WORDS = _TEXT.split()


class _Server:
    """What all connections share."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.calls = 0


class _Connection(asyncio.Protocol):
    """One keep-alive connection; a client sends its next request after the reply."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, rest = self._got.partition(_END)
        if not found or len(rest) < _length(head):
            return
        self._got = b""
        if head.startswith(b"GET"):
            self._send(orjson.dumps({"calls": self._server.calls}))
            return
        asyncio.get_running_loop().call_later(self._server.latency, self._send, _completion(rest))
        self._server.calls += 1

    def _send(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head % len(body) + body)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def _completion(request: bytes) -> bytes:
    asked = orjson.loads(request)
    content = asked["messages"][-1]["content"]
    sum_ = zlib.crc32(content.encode())
    words = [_WORDS[(sum_ >> shift) % len(_WORDS)] for shift in range(0, 24, 3)]
    reply = orjson.dumps({"reply": " ".join(words)}).decode()
    usage = {"prompt_tokens": len(content) // 4, "completion_tokens": len(reply) // 4}
    usage["total_tokens"] = sum(usage.values())
    message = {"role": "assistant", "content": reply}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return orjson.dumps({"model": asked["model"], "choices": [choice], "usage": usage})


async def _serve(latency: float) -> None:
    loop = asyncio.get_running_loop()
    shared = _Server(latency)
    server = await loop.create_server(lambda: _Connection(shared), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each reply")
    options = parser.parse_args()
    gc.disable()  # nothing here goes round in circles
    asyncio.run(_serve(options.latency))


if __name__ == "__main__":
    main()
