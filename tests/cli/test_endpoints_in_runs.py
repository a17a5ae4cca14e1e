"""`atkc run` against endpoints: slow ones, refusing ones, wrong ones; what the run then tells."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from atkc.cli.entry import run
from atkc.stdlib.model_server.serving import running

SPEC = """\
atkc: 1
name: asked
endpoints:
  e: {{api_base: "{url}", concurrency: {slots}{limits}}}
models:
  m: {{model: openai/main, endpoint: e{more}}}
  spare: {{model: openai/spare, endpoint: e}}
steps:
  rows: {{type: source, read: inline, with: {{rows: [{rows}]}}}}
  said: {{type: prompt, from: rows, model: m, prompt: ask.yaml, as: reply}}
  out: {{type: export, from: said, format: jsonl, path: out.jsonl}}
"""
ASK = "messages: [{role: user, content: 'Word {{ word }}.'}]\nfields: {word: string}\n"


class Endpoint:
    """Answers by model and arrival number; remembers who asked for what."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.asked: Counter[tuple[str, str]] = Counter()

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json()
        word = body["messages"][0]["content"]
        about = body["model"], word
        self.asked[about] += 1
        latency, status, answer = self._answer(*about, self.asked[about])
        await asyncio.sleep(latency)
        return web.json_response(answer, status=status)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.handle)
        return app


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """Serve in a thread; give the address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    context = running(app)
    try:
        yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(20)
    finally:
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


def said(text: str, **message: Any) -> dict[str, Any]:
    choice = {"message": {"content": text, **message}, "finish_reason": "stop"}
    return {"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}


def write(folder: Path, url: str, words: int, *, limits: str = "", more: str = "") -> None:
    (folder / "atkc.toml").touch()
    (folder / "ask.yaml").write_text(ASK, encoding="utf-8")
    rows = ", ".join(f"{{word: w{n:02}}}" for n in range(words))
    text = SPEC.format(url=url, slots=8, limits=limits, more=more, rows=rows)
    (folder / "spec.yaml").write_text(text, encoding="utf-8")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def told(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())["run"]
    return report


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_hedge_saves_a_run_from_a_straggler_and_is_told(tmp_path: Path) -> None:
    """One call hangs. Without hedging the run would last as long as the time limit."""

    def answer(_model: str, word: str, number: int) -> Any:
        hangs = word == "Word w20." and number == 1
        return (600.0 if hangs else 0.01), 200, said(f"about {word}")

    endpoint = Endpoint(answer)
    with served(endpoint.app()) as url:
        write(tmp_path, url, 40, limits=", hedge: {after: 0.1, extra: 0.05}")
        assert run(["run", "spec.yaml", "--plain"]) == 0
        report = told(tmp_path / "outputs/asked")
        assert report["models"]["m"]["calls"] == 40
        assert 1 <= report["hedged"] == report["models"]["m"]["hedged"] <= 2
        assert endpoint.asked.total() == 40 + report["hedged"]
        hedged = (tmp_path / "outputs/asked/out.jsonl").read_bytes()
        # What the hedge brought is the reply from now on, hedging or not.
        write(tmp_path, url, 40)
        assert run(["run", "spec.yaml", "--plain"]) == 0
        assert told(tmp_path / "outputs/asked")["calls"] == 0
    assert (tmp_path / "outputs/asked/out.jsonl").read_bytes() == hedged


def test_the_model_that_answered_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(model: str, word: str, _number: int) -> Any:
        if model == "main" and word == "Word w01.":
            return 0, 200, said("", refusal="I will not")
        return 0, 200, said(f"{model} says")

    with served(Endpoint(answer).app()) as url:
        write(tmp_path, url, 2, more=", fallback: [spare]")
        assert run(["run", "spec.yaml", "--plain"]) == 0
    replies = [row["reply"] for row in lines(tmp_path / "outputs/asked/out.jsonl")]
    assert replies == ["main says", "spare says"]
    models = told(tmp_path / "outputs/asked")["models"]
    assert {name: counts["calls"] for name, counts in models.items()} == {"m": 2, "spare": 1}
    for line, model in ((1, "openai/main"), (2, "openai/spare")):
        capsys.readouterr()
        assert run(["trace", f"outputs/asked/out.jsonl:{line}"]) == 0
        assert model in capsys.readouterr().out


def test_a_refusal_is_a_failed_record_and_no_data(tmp_path: Path) -> None:
    def answer(_model: str, word: str, _number: int) -> Any:
        refused = {"refusal": "I will not"} if word == "Word w01." else {}
        return 0, 200, said("", **refused) if refused else said("yes")

    with served(Endpoint(answer).app()) as url:
        write(tmp_path, url, 3)
        assert run(["run", "spec.yaml", "--plain"]) == 4
    assert len(lines(tmp_path / "outputs/asked/out.jsonl")) == 2
    (failed,) = lines(tmp_path / "outputs/asked/failed/said.jsonl")
    assert failed["failure"]["kind"] == "refusal"
    assert failed["failure"]["reply"] == "I will not"


def error(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": "invalid_request_error"}}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, error("no such key"), "ATK701"),
        (404, error("The model `main` does not exist", "model_not_found"), "ATK702"),
        (404, error("", "DeploymentNotFound"), "ATK702"),
        (400, error("main is not a valid model ID"), "ATK702"),
        (400, error("Invalid model name passed in model=main"), "ATK702"),
    ],
)
def test_a_wrong_key_or_model_ends_the_run_with_the_probes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, body: Any, code: str
) -> None:
    endpoint = Endpoint(lambda *_: (0, status, body))
    with served(endpoint.app()) as url:
        write(tmp_path, url, 12)
        assert run(["run", "spec.yaml", "--plain"]) == 1
    assert endpoint.asked.total() <= 8
    assert code in capsys.readouterr().err


def test_a_record_that_is_moderated_away_ends_no_run(tmp_path: Path) -> None:
    """Some gateways send 403 for what a record says, and not for who asks."""

    def answer(_model: str, word: str, _number: int) -> Any:
        if word == "Word w01.":
            return 0, 403, error("The input was flagged by the moderation of the provider")
        return 0, 200, said("yes")

    with served(Endpoint(answer).app()) as url:
        write(tmp_path, url, 3)
        assert run(["run", "spec.yaml", "--plain"]) == 4
    (failed,) = lines(tmp_path / "outputs/asked/failed/said.jsonl")
    assert failed["failure"]["kind"] == "refused"


def test_an_endpoint_that_is_not_there_is_told_soon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(Endpoint(None).app()) as url:
        pass
    write(tmp_path, url, 12)
    assert run(["run", "spec.yaml", "--plain"]) == 1
    assert "ATK700" in capsys.readouterr().err
