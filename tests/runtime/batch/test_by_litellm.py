"""Batches through LiteLLM: its calls against servers of the shapes that those providers have."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from atkc.runtime.api import Request
from atkc.runtime.batch.answers import Answers
from atkc.runtime.batch.api import BatchApi, Problem
from atkc.runtime.batch.by_litellm import LiteLLMBatches
from atkc.runtime.batch.lines import request_line
from atkc.runtime.batch.providers import BY_LITELLM, has_batches, offer, open_batches
from atkc.runtime.errors import CallError, Permanent
from atkc.runtime.modelspec import EndpointSpec
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.serving import running
from tests.runtime.batch.kit import echo, user

KEY = "MISTRAL_KEY_OF_TESTS"


class Mistral:
    """The parts of Mistral's API that batches need."""

    def __init__(self) -> None:
        self.created: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/files", self.upload)
        app.router.add_get("/v1/files/out/content", self.content)
        app.router.add_post("/v1/batch/jobs", self.create)
        app.router.add_get("/v1/batch/jobs/{id}", self.retrieve)
        return app

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.lines = [orjson.loads(line) for line in file.file.read().splitlines()]
        told = {"object": "file", "bytes": 1, "created_at": 0, "filename": file.filename}
        more = {"purpose": "batch", "sample_type": "batch_request", "source": "upload"}
        return web.json_response({"id": "in", **told, **more})

    async def create(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer sk-secret"
        self.created.append(await request.json())
        return web.json_response(self._job("QUEUED"))

    async def retrieve(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != "job":
            return web.json_response({"detail": "no such job"}, status=404)
        return web.json_response(self._job("TIMEOUT_EXCEEDED"))

    async def content(self, _request: web.Request) -> web.Response:
        reply = {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
        response = {"status_code": 200, "body": reply}
        line = {"custom_id": self.lines[0]["custom_id"], "response": response, "error": None}
        return web.Response(body=orjson.dumps(line) + b"\n")

    def _job(self, status: str) -> dict[str, Any]:
        done = status != "QUEUED"
        return {
            "id": "job",
            "object": "batch",
            "input_files": ["in"],
            "endpoint": "/v1/chat/completions",
            "model": "small",
            "status": status,
            "created_at": 0,
            "total_requests": 2,
            "completed_requests": 1 if done else 0,
            "succeeded_requests": 1 if done else 0,
            "failed_requests": 0,
            "output_file": "out" if done else None,
            "errors": [{"message": "slow", "count": 2}] if done else [],
        }


def lines(folder: Path, host: str = "") -> Path:
    path = folder / "lines.jsonl"
    asked = [Request("small", user(n), seed=7) for n in range(2)]
    path.write_bytes(b"".join(request_line(f"{n}", r, host) for n, r in enumerate(asked)))
    return path


def with_server(app: web.Application, test: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    async def go() -> None:
        async with running(app) as url:
            await test(url)

    asyncio.run(asyncio.wait_for(go(), 30))


async def answers(api: BatchApi, file: str) -> Answers:
    into = tempfile.TemporaryFile()  # noqa: SIM115 - the answers own it
    await api.download(file, into)
    return Answers(into)


def test_mistral_has_jobs_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mistral = Mistral()
    monkeypatch.setenv(KEY, "sk-secret")

    async def test(url: str) -> None:
        monkeypatch.setenv("MISTRAL_API_BASE", url)
        endpoint = EndpointSpec("mistral", api_key_env=KEY)
        api = open_batches(endpoint)
        file = await api.upload(lines(tmp_path, offer(endpoint).host))
        begun = await api.create(file, "chat", "small", "atkc-1")
        assert (begun.id, begun.ended) == ("job", False)
        assert mistral.created == [
            {
                "input_files": ["in"],
                "endpoint": "/v1/chat/completions",
                "model": "small",
                "metadata": {"atkc": "atkc-1"},
            }
        ]
        assert mistral.lines[0]["body"]["random_seed"] == 7  # its own word for it
        ended = await api.retrieve("job")
        assert (ended.status, ended.output, ended.total, ended.done) == ("expired", "out", 2, 1)
        assert ended.problems == (Problem("", "slow (x2)"),)
        found = await answers(api, "out")
        assert found.names() == ["0"]
        taken = found.take("0")
        assert not isinstance(taken, CallError)
        assert taken.text == "yes"
        found.close()
        with pytest.raises(Permanent) as caught:
            await api.retrieve("other")
        assert caught.value.status == 404
        assert await api.find("atkc-1") is None  # LiteLLM cannot list them

    with_server(mistral.app(), test)


@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_azure_speaks_openais_words_under_other_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    monkeypatch.setenv(KEY, "sk-secret")
    monkeypatch.setenv("AZURE_API_VERSION", "2024-10-21")

    async def test(url: str) -> None:
        address = url.removesuffix("/v1")
        monkeypatch.setenv("AZURE_API_BASE", address)
        api = LiteLLMBatches("azure", KEY)
        await (_cancelled(api, tmp_path) if cancelled else _round(api, tmp_path))

    outer = web.Application()
    inner = make_app(echo, batch_delay=60 if cancelled else 0)

    async def moved(request: web.Request) -> web.StreamResponse:
        path = request.rel_url.with_path(request.path.replace("/openai/", "/v1/", 1))
        clone = request.clone(rel_url=path)
        handler = await inner.router.resolve(clone)
        clone._match_info = handler
        handler.add_app(inner)
        return await handler.handler(clone)

    outer.router.add_route("*", "/openai/{rest:.*}", moved)
    outer.on_cleanup.append(lambda _app: inner.cleanup())
    with_server(outer, test)
    gc.collect()  # LiteLLM leaves a client open with each call, and a warning with each client


async def _cancelled(api: BatchApi, folder: Path) -> None:
    """One batch that is cancelled while the provider is at work."""
    begun = await api.create(await api.upload(lines(folder)), "chat", "small", "atkc-2")
    assert (await api.cancel(begun.id)).status == "cancelled"
    assert (await api.retrieve(begun.id)).ended


async def _round(api: BatchApi, folder: Path) -> None:
    """One batch from its upload to its answers, and found by its name."""
    file = await api.upload(lines(folder))
    begun = await api.create(file, "chat", "small", "atkc-2")
    remote = await api.retrieve(begun.id)
    for _ in range(1000):
        if remote.ended:
            break
        remote = await api.retrieve(begun.id)
    assert (remote.status, remote.total, remote.done) == ("completed", 2, 2)
    found = await answers(api, remote.output or "")
    assert found.replied == {"0", "1"}
    found.close()
    named = await api.find("atkc-2")
    assert named is not None
    assert named.id == begun.id
    assert await api.find("atkc-3") is None


def test_other_providers_have_none() -> None:
    assert [
        p
        for p in ("anthropic", "gemini", "hosted_vllm", *BY_LITELLM)
        if has_batches(EndpointSpec(p))
    ] == ["azure", "mistral"]
