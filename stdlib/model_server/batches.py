"""Files and batches as OpenAI has them, held in memory: a restart of the server loses them.

The lines of a batch meet the same faults as single calls do: a refused one gets its status, one
that hangs or is dropped is never answered, and a batch with such a line expires with what it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct, field

from atkc.stdlib.model_server import wire

if TYPE_CHECKING:  # aiohttp is imported when a server is made
    from aiohttp import web

# (body of a line) -> (status, body of the answer), or None where the line is never answered
Answer = Callable[[bytes], tuple[int, bytes] | None]

_LARGEST_FILE = 200 << 20  # bytes
_MOST_LINES = 50_000
_AT_ONCE = 50  # lines answered between two looks at other requests
_ENDPOINTS = ("/v1/chat/completions", "/v1/completions")
_PAGE = 100
_OPEN = ("validating", "in_progress")


class Batch(Struct):
    """One batch, and what came of its lines."""

    id: str
    file: str
    endpoint: str
    metadata: Mapping[str, str]
    status: str = "validating"
    output: str | None = None
    errors: str | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    completed: int = 0
    failed: int = 0

    def body(self) -> dict[str, Any]:
        """Return the batch as clients see it."""
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.endpoint,
            "input_file_id": self.file,
            "completion_window": "24h",
            "created_at": 0,
            "status": self.status,
            "output_file_id": self.output,
            "error_file_id": self.errors,
            "errors": {"object": "list", "data": self.problems} if self.problems else None,
            "request_counts": {
                "total": self.total,
                "completed": self.completed,
                "failed": self.failed,
            },
            "metadata": dict(self.metadata),
        }


class BatchDesk:
    """Takes files and batches; `answer` answers one line, `delay` seconds after the submission."""

    def __init__(self, answer: Answer, models: tuple[str, ...], delay: float) -> None:
        self.batches: list[Batch] = []
        self.lines = 0  # answered
        self._answer = answer
        self._models = models
        self._delay = delay
        self._files: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def upload(self, request: web.Request) -> dict[str, Any]:
        """Keep the file of POST /v1/files; raises BadRequest."""
        purpose, name, content = "", "", None
        if not request.content_type.startswith("multipart/"):
            raise wire.BadRequest("the body must be a form with a file", "file")
        async for part in await request.multipart():
            if getattr(part, "name", None) == "purpose":
                purpose = (await part.read()).decode()  # type: ignore[union-attr]
            elif getattr(part, "name", None) == "file":
                name = getattr(part, "filename", None) or ""
                content = await _content(part)
        if purpose != "batch" or content is None:
            raise wire.BadRequest("a file with the purpose `batch` is wanted", "purpose")
        number = self._keep(content)
        told = {"bytes": len(content), "created_at": 0, "filename": name, "status": "processed"}
        return {"id": number, "object": "file", "purpose": purpose, **told}

    def content(self, number: str) -> bytes | None:
        """Return what is in a file, None where there is none of that name."""
        return self._files.get(number)

    def create(self, content: bytes) -> Batch:
        """Begin the batch that the body of POST /v1/batches asks for; raises BadRequest."""
        body = wire.read_body(content)
        endpoint, number = body.get("endpoint"), body.get("input_file_id")
        if endpoint not in _ENDPOINTS:
            raise wire.BadRequest(f"`endpoint` must be one of {', '.join(_ENDPOINTS)}", "endpoint")
        if body.get("completion_window") != "24h":
            raise wire.BadRequest("`completion_window` must be 24h", "completion_window")
        if number not in self._files:
            raise wire.BadRequest("there is no such file", "input_file_id")
        batch = Batch(
            f"batch_{len(self.batches) + 1}", number, endpoint, body.get("metadata") or {}
        )
        self.batches.append(batch)
        task = asyncio.get_running_loop().create_task(self._run(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return batch

    def find(self, number: str) -> Batch | None:
        """Return a batch by its id."""
        return next((batch for batch in self.batches if batch.id == number), None)

    def cancel(self, batch: Batch) -> None:
        """End a batch; lines that are answered stay so."""
        if batch.status in _OPEN:
            batch.status = "cancelled"

    def listed(self, after: str | None) -> dict[str, Any]:
        """Return a page of batches, the newest first."""
        newest = list(reversed(self.batches))
        at = next((n + 1 for n, batch in enumerate(newest) if batch.id == after), 0)
        page = newest[at : at + _PAGE]
        more = len(newest) > at + _PAGE
        return {"object": "list", "data": [b.body() for b in page], "has_more": more}

    async def close(self) -> None:
        """End what is at work."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, content: bytes) -> str:
        number = f"file-{len(self._files) + 1}"
        self._files[number] = content
        return number

    async def _run(self, batch: Batch) -> None:
        lines = [line for line in self._files[batch.file].splitlines() if line]
        batch.total = len(lines)
        batch.problems = list(_problems(lines, batch.endpoint, self._models))
        if batch.problems:
            batch.status = "failed"
            return
        batch.status = "in_progress"
        await asyncio.sleep(self._delay)
        out: list[bytes] = []
        bad: list[bytes] = []
        for number, line in enumerate(lines):
            if batch.status != "in_progress":
                break
            self._line(orjson.loads(line), out, bad)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        self._end(batch, out, bad)

    def _line(self, line: dict[str, Any], out: list[bytes], bad: list[bytes]) -> None:
        answered = self._answer(orjson.dumps(line["body"]))
        if answered is None:
            return
        self.lines += 1
        status, body = answered
        response = {"status_code": status, "request_id": "", "body": orjson.loads(body)}
        told = {"id": "", "custom_id": line["custom_id"], "response": response, "error": None}
        (out if status == 200 else bad).append(orjson.dumps(told))

    def _end(self, batch: Batch, out: list[bytes], bad: list[bytes]) -> None:
        batch.completed, batch.failed = len(out), len(bad)
        batch.output = self._keep(b"\n".join(out) + b"\n") if out else None
        batch.errors = self._keep(b"\n".join(bad) + b"\n") if bad else None
        if batch.status == "in_progress":
            whole = len(out) + len(bad) == batch.total
            batch.status = "completed" if whole else "expired"


def _problems(
    lines: list[bytes], endpoint: str, models: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """Yield what makes a whole batch invalid: it is looked at before anything is answered."""
    if not lines or len(lines) > _MOST_LINES:
        yield {"code": "invalid_file", "message": f"{len(lines)} lines", "line": None}
    seen: set[str] = set()
    for number, text in enumerate(lines, 1):
        try:
            line = orjson.loads(text)
            name, url, model = line["custom_id"], line["url"], line["body"]["model"]
        except (ValueError, KeyError, TypeError):
            yield {"code": "invalid_json_line", "message": "no request", "line": number}
            continue
        if name in seen or url != endpoint or line.get("method") != "POST":
            yield {"code": "invalid_request", "message": "a bad line", "line": number}
        if models and model not in models:
            said = f"The model `{model}` does not exist"
            yield {"code": "model_not_found", "message": said, "line": number}
        seen.add(name)


async def _content(part: Any) -> bytes:
    content = bytearray()
    while block := await part.read_chunk(1 << 20):
        content += block
        if len(content) > _LARGEST_FILE:
            raise wire.BadRequest("the file is too large", "file")
    return bytes(content)
