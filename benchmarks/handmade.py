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
from pathlib import Path
from typing import IO, Any

import aiohttp
import orjson

_ASK = 'Write one question about this note.\n\n{text}\n\nReply with JSON: {{"reply": "…"}}'
_ANSWER = (
    "Answer the question from the note.\n\n{text}\n\nQuestion: {question}\n\n"
    'Reply with JSON: {{"reply": "…"}}'
)


class _Client:
    """Asks each question once; replies lie in a file, one JSON object a line."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, cache: IO[bytes], known: dict[str, str]
    ) -> None:
        self._session = session
        self._url = url
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
                self._known[key] = await self._post(data)
            line = {"key": key, "reply": self._known[key]}
            self._cache.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            self._cache.flush()
        return str(orjson.loads(self._known[key])["reply"])

    async def _post(self, data: bytes) -> str:
        self.calls += 1
        headers = {"Content-Type": "application/json"}
        async with self._session.post(self._url, data=data, headers=headers) as response:
            reply = orjson.loads(await response.read())
        return str(reply["choices"][0]["message"]["content"])


async def _record(client: _Client, record: dict[str, Any], slots: asyncio.Semaphore) -> None:
    record["question"] = await client.ask(_ASK.format(**record), slots)
    record["answer"] = await client.ask(_ANSWER.format(**record), slots)


async def _run(options: argparse.Namespace, records: list[dict[str, Any]]) -> int:
    """Return how many calls it took; the records have their new fields."""
    known = {line["key"]: line["reply"] for line in _lines(options.cache)}
    slots = asyncio.Semaphore(options.concurrency)
    connector = aiohttp.TCPConnector(limit=options.concurrency)
    with options.cache.open("ab") as cache:
        async with aiohttp.ClientSession(connector=connector) as session:
            client = _Client(session, f"{options.api_base}/chat/completions", cache, known)
            async with asyncio.TaskGroup() as group:
                for record in records:
                    group.create_task(_record(client, record, slots))
    return client.calls


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("api_base")
    parser.add_argument("cache", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.05, help="of the server, for the bound")
    options = parser.parse_args()
    began = time.perf_counter()
    records = _lines(options.records)
    calls = asyncio.run(_run(options, records))
    options.output.write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))
    wall, bound = time.perf_counter() - began, calls * options.latency / options.concurrency
    print(orjson.dumps({"calls": calls, "wall": round(wall, 3), "bound": bound}).decode())


if __name__ == "__main__":
    main()
