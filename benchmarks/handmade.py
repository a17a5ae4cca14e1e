"""What somebody would write by hand for this one job: the yardstick.

Two chained calls a record through aiohttp, at most so many in flight, streamed: a record's second
call goes out as soon as its first is back. Replies are kept in a JSONL file; a second run asks
nothing. No retries, no limits by the minute, no checks: what `atkc run` does beyond this is what
its ratio to it pays for.

    python benchmarks/handmade.py records.jsonl http://127.0.0.1:8000/v1 cache.jsonl out.jsonl
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import IO, Any

import aiohttp
import orjson

Send = Callable[[dict[str, Any], bytes], Awaitable[str]]
Run = Callable[[argparse.Namespace, list[dict[str, Any]]], Coroutine[Any, Any, int]]

_ASK = 'Write one question about this note.\n\n{text}\n\nReply with JSON: {{"reply": "…"}}'
_ANSWER = (
    "Answer the question from the note.\n\n{text}\n\nQuestion: {question}\n\n"
    'Reply with JSON: {{"reply": "…"}}'
)


class Client:
    """Asks each question once; replies lie in a file, one JSON object a line.

    `send` is given a request and its bytes, and returns the text of the reply.
    """

    def __init__(self, send: Send, cache: IO[bytes], known: dict[str, str]) -> None:
        self._send = send
        self._cache = cache
        self._known = known
        self.calls = 0

    async def ask(self, prompt: str, slots: asyncio.Semaphore) -> str:
        body = {
            "model": "stand-in",
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0.7,
        }
        data = orjson.dumps(body)
        key = hashlib.sha256(data).hexdigest()
        if key not in self._known:
            async with slots:
                self.calls += 1
                self._known[key] = await self._send(body, data)
            line = {"key": key, "reply": self._known[key]}
            self._cache.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            self._cache.flush()
        return str(orjson.loads(self._known[key])["reply"])


async def _record(client: Client, record: dict[str, Any], slots: asyncio.Semaphore) -> None:
    record["question"] = await client.ask(_ASK.format(**record), slots)
    record["answer"] = await client.ask(_ANSWER.format(**record), slots)


async def answered(options: argparse.Namespace, records: list[dict[str, Any]], send: Send) -> int:
    """Return how many calls it took; the records have their new fields."""
    known = {line["key"]: line["reply"] for line in _lines(options.cache)}
    slots = asyncio.Semaphore(options.concurrency)
    with options.cache.open("ab") as cache:
        client = Client(send, cache, known)
        async with asyncio.TaskGroup() as group:
            for record in records:
                group.create_task(_record(client, record, slots))
    return client.calls


async def _run(options: argparse.Namespace, records: list[dict[str, Any]]) -> int:
    url, headers = f"{options.api_base}/chat/completions", {"Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=options.concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def send(_: dict[str, Any], data: bytes) -> str:
            async with session.post(url, data=data, headers=headers) as response:
                reply = orjson.loads(await response.read())
            return str(reply["choices"][0]["message"]["content"])

        return await answered(options, records, send)


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def main(run: Run = _run, description: str | None = __doc__) -> None:
    """Read the options, let `run` answer the records, write them and say how it went."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("records", type=Path)
    parser.add_argument("api_base")
    parser.add_argument("cache", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.05, help="of the server, for the bound")
    options = parser.parse_args()
    began = time.perf_counter()
    records = _lines(options.records)
    calls = asyncio.run(run(options, records))
    options.output.write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))
    wall, bound = time.perf_counter() - began, calls * options.latency / options.concurrency
    print(orjson.dumps({"calls": calls, "wall": round(wall, 3), "bound": bound}).decode())


if __name__ == "__main__":
    main()
