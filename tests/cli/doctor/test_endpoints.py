"""Endpoints: each fault of a server is a finding of its check, and of no other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from atkc.cli.doctor.case import Case
from atkc.cli.doctor.endpoint.address import connect
from atkc.cli.doctor.examine import examine
from atkc.cli.doctor.finding import Finding
from atkc.cli.entry import run
from atkc.cli.loading import Chosen, compiled
from atkc.cli.models import models_of
from atkc.runtime.api import Embeddings, Message, Reply
from atkc.runtime.modelspec import ModelSpec
from atkc.stdlib.extractive.model import complete
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.habits import Habits
from atkc.stdlib.model_server.serving import running

VARIABLE = "ATKC_T_DOCTOR"
PROMPT = "fields: {text: string}\nmessages: [{role: user, content: '{{ text }}'}]\n"
SPEC = """\
atkc: 1
name: case
params:
  api_base: {type: string, default: ""}
  key: {type: env-name | null, default: null}
  model: {type: string, default: openai/extractive}
  structured: {type: one of off | json | schema, default: "off"}
endpoints:
  main: {api_base: "${params.api_base}", api_key_env: "${params.key}"}
models:
  writer:
    model: "${params.model}"
    endpoint: main
    structured: "${params.structured}"
    sampling: {max_tokens: 900}
steps:
  rows: {type: source, read: inline, with: {rows: [{text: a}]}}
  said: {type: prompt, from: rows, model: writer, prompt: ask.yaml, as: said}
  file: {type: export, from: said, format: jsonl, path: a.jsonl}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "ask.yaml").write_text(PROMPT, encoding="utf-8")
    return tmp_path


def examined(
    app: web.Application | None,
    *sets: str,
    probe: bool = False,
    embeddings: str | None = None,
    models: Mapping[str, ModelSpec] | None = None,
) -> list[Finding]:
    """Return the findings on the endpoint that serves the application."""

    async def go() -> list[Finding]:
        if app is None:
            return await _found("http://127.0.0.1:9/v1")
        async with running(app) as url:
            return await _found(url)

    async def _found(url: str) -> list[Finding]:
        given = (f"api_base={url}", *sets)
        plan = compiled(Chosen("spec.yaml", sets=given)).plan
        assert plan is not None
        case = Case(plan, Path(".atkc"), Path("outputs"), probe, embeddings)
        return [f for f in await examine(case, models or models_of(plan)) if f.subject]

    return asyncio.run(asyncio.wait_for(go(), 30))


def server(**options: Any) -> web.Application:
    return make_app(complete, models=("extractive", "other"), **options)


def not_ok(found: list[Finding]) -> list[tuple[str, str]]:
    return [(f.check, f.status) for f in found if f.status != "ok"]


def test_a_server_that_keeps_to_the_protocol_is_ok_in_every_check() -> None:
    found = examined(server(habits=Habits(context=8000)))
    assert not_ok(found) == []
    assert [f.check for f in found] == [
        *("key", "address", "access", "model", "answer", "seed", "reasoning", "usage"),
        *("context", "length", "stop", "json", "schema"),
    ]


# What the server does, what the spec is given, and all that is not ok then.
STAGED: list[tuple[dict[str, Any], tuple[str, ...], list[tuple[str, str]]]] = [
    ({"required_key": "k"}, (), [("access", "problem")]),
    ({}, ("model=openai/extractiv",), [("model", "warning"), ("answer", "problem")]),
    ({"habits": Habits(no_models=True)}, ("model=openai/nobody",), [("answer", "problem")]),
    ({"habits": Habits(no_models=True)}, (), []),
    ({"habits": Habits(refuse_seed=True)}, (), [("seed", "problem")]),
    ({"habits": Habits(reasoning="text")}, (), [("reasoning", "warning")]),
    ({"habits": Habits(reasoning="field")}, (), []),
    ({"habits": Habits(no_usage=True)}, (), [("usage", "warning")]),
    ({"habits": Habits(context=800)}, (), [("context", "problem")]),
    ({"habits": Habits(context=1500)}, (), [("context", "warning")]),
    ({"habits": Habits(ignore_length=True)}, (), [("length", "problem")]),
    ({"habits": Habits(hide_length=True)}, (), [("length", "problem")]),
    (
        {"habits": Habits(hide_length=True, reasoning="text")},
        (),
        [("reasoning", "warning"), ("length", "problem")],
    ),
    (
        {"habits": Habits(ignore_length=True, no_usage=True)},
        (),
        [("usage", "warning"), ("length", "problem")],
    ),
    ({"habits": Habits(ignore_stop=True)}, (), [("stop", "warning")]),
    ({"habits": Habits(ignore_format=True)}, (), []),
    ({"habits": Habits(ignore_format=True)}, ("structured=json",), [("json", "problem")]),
    ({"habits": Habits(ignore_format=True)}, ("structured=schema",), [("schema", "problem")]),
    ({"habits": Habits(refuse_format=True)}, ("structured=schema",), [("schema", "problem")]),
    ({"faults": Faults(rate429=1)}, (), [("answer", "problem")]),
    ({"faults": Faults(rate500=1)}, (), [("answer", "problem")]),
    ({"faults": Faults(drop=1)}, (), [("answer", "problem")]),
]


@pytest.mark.parametrize(("fault", "sets", "wanted"), STAGED)
def test_a_fault_is_a_finding(
    fault: dict[str, Any], sets: tuple[str, ...], wanted: list[tuple[str, str]]
) -> None:
    found = examined(server(**fault), *sets)
    assert not_ok(found) == wanted
    assert all(f.fix for f in found if f.status != "ok")


def one(found: list[Finding], check: str) -> Finding:
    (finding,) = [f for f in found if f.check == check]
    return finding


@pytest.mark.parametrize(
    ("fault", "sets", "check", "words"),
    [
        ({}, (), "access", "2 models listed"),
        ({}, ("model=openai/extractiv",), "model", "not among the 2 models"),
        ({"habits": Habits(no_models=True)}, (), "access", "no list of models"),
        ({"habits": Habits(reasoning="field")}, (), "reasoning", "beside the text"),
        ({"habits": Habits(ignore_length=True)}, (), "length", "no effect"),
        ({"habits": Habits(hide_length=True)}, (), "length", "finish_reason: stop"),
        ({"habits": Habits(ignore_format=True)}, (), "schema", "does not use it"),
        ({"habits": Habits(refuse_format=True)}, (), "json", "is refused: the request was"),
        ({"habits": Habits(context=800)}, (), "context", "800 tokens; the longest request"),
        ({}, (), "schema", "`structured: schema` may be set"),
        ({}, ("structured=schema",), "schema", "honoured"),
    ],
)
def test_what_a_finding_says(
    fault: dict[str, Any], sets: tuple[str, ...], check: str, words: str
) -> None:
    assert words in one(examined(server(**fault), *sets), check).said


def test_a_hidden_cut_is_told_apart_from_no_cut_also_with_thoughts() -> None:
    app = server(habits=Habits(hide_length=True, reasoning="text"))
    assert "passes for whole" in one(examined(app), "length").said


def test_stop_is_a_problem_where_the_plan_sends_it(here: Path) -> None:
    spec = SPEC.replace("{max_tokens: 900}", "{max_tokens: 900, stop: [END]}")
    (here / "spec.yaml").write_text(spec, encoding="utf-8")
    assert not_ok(examined(server(habits=Habits(ignore_stop=True)))) == [("stop", "problem")]


def test_an_endpoint_that_sends_elsewhere_is_a_problem() -> None:
    async def moved(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://127.0.0.1:9/v1/models")

    app = web.Application()
    app.router.add_get("/v1/models", moved)
    assert not_ok(examined(app)) == [("access", "problem")]


def test_an_unknown_model_gets_a_suggestion() -> None:
    found = examined(server(), "model=openai/extractiv")
    assert one(found, "answer").fix == "did you mean `extractive`?"


def test_a_model_that_is_not_listed_and_answers_is_only_a_warning() -> None:
    app = make_app(complete)  # lists nothing, answers to every name
    assert not_ok(examined(app)) == [("model", "warning")]


def test_nobody_listens() -> None:
    found = examined(None)
    assert not_ok(found) == [("address", "problem")]
    assert found[-1].said == "no connection to port 9: Connection refused"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://127.0.0.1/v1", "this is no address"),
        ("http://127.0.0.1:99999/v1", "this is no address"),
        ("127.0.0.1", "this is no address"),
    ],
)
def test_what_is_no_address(url: str, words: str) -> None:
    said = asyncio.run(connect(url))
    assert isinstance(said, str)
    assert said.startswith(words)


def test_a_key_is_tried_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "secret-right")
    found = examined(server(required_key="secret-right"), f"key={VARIABLE}")
    assert not_ok(found) == []
    assert one(found, "access").said == "the key is accepted, 2 models listed"
    monkeypatch.setenv(VARIABLE, "secret-wrong")
    found = examined(server(required_key="secret-right"), f"key={VARIABLE}")
    assert not_ok(found) == [("access", "problem")]
    assert f"`{VARIABLE}` is refused" in found[-1].said
    assert not any("secret" in f.said + f.fix for f in found)


def test_a_wrong_key_is_found_by_asking_where_the_list_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "secret-wrong")
    app = server(required_key="secret-right", habits=Habits(open_models=True))
    found = examined(app, f"key={VARIABLE}")
    assert not_ok(found) == [("answer", "problem")]
    assert "the key was refused" in found[-1].said


def test_a_key_that_no_header_can_carry_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "sécret")
    (found,) = examined(server(), f"key={VARIABLE}")
    assert (found.check, found.status) == ("key", "problem")
    assert "sécret" not in found.said + found.fix


def test_an_env_file_may_hold_the_key(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)
    (here / ".env").write_text(f"{VARIABLE}=k\n", encoding="utf-8")
    given = ["--set", "api_base=http://127.0.0.1:9/v1", "--set", f"key={VARIABLE}"]
    assert run(["doctor", "spec.yaml", *given, "--env-file", ".env"]) == 1  # nobody listens
    assert f"the variable `{VARIABLE}` is set" in capsys.readouterr().out


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take this machine for another, as far as consent and keys go."""
    for module in ("atkc.cli.doctor.case", "atkc.cli.keys"):
        monkeypatch.setattr(f"{module}.is_loopback", lambda _url: False)


@pytest.mark.usefixtures("elsewhere")
def test_an_endpoint_elsewhere_is_asked_only_with_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "secret-right")
    asked: list[str] = []

    def counting(messages: Any, response_format: Any, seed: int) -> Reply:
        asked.append(messages[-1]["content"])
        return complete(messages, response_format, seed)

    def app() -> web.Application:
        return make_app(counting, models=("extractive",), required_key="secret-right")

    found = examined(app(), f"key={VARIABLE}")
    assert not_ok(found) == [("answer", "warning")]
    assert "--probe" in found[-1].fix
    assert asked == []
    assert not_ok(examined(app(), f"key={VARIABLE}", probe=True)) == []
    assert len(asked) == 5


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_a_model_that_is_not_listed_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "k")
    found = examined(server(), f"key={VARIABLE}", "model=openai/extractiv")
    assert ("model", "problem") in not_ok(found)


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_a_missing_key_ends_the_checks() -> None:
    found = examined(server(), f"key={VARIABLE}")
    assert not_ok(found) == [("key", "problem")]
    assert len(found) == 1
    assert f"`{VARIABLE}`" in found[0].said


@pytest.mark.usefixtures("elsewhere")
def test_where_to_get_a_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    (found,) = examined(server(), "key=GROQ_API_KEY")
    assert "https://console.groq.com/keys" in found.fix


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_an_open_list_leaves_the_key_untried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "wrong")
    app = server(required_key="right", habits=Habits(open_models=True))
    assert ("access", "warning") in not_ok(examined(app, f"key={VARIABLE}"))


def with_page(path: str, data: Any, owner: str) -> web.Application:
    """Return a server of another make: its list tells the owner, a page of its own the rest."""

    async def page(_request: web.Request) -> web.StreamResponse:
        return web.json_response(data)

    async def rows(_request: web.Request) -> web.StreamResponse:
        row = {"id": "extractive", "object": "model", "owned_by": owner}
        return web.json_response({"object": "list", "data": [row]})

    app = web.Application()
    app.router.add_get("/v1/models", rows)
    app.router.add_get(path, page)
    app.add_subapp("/v1/", _only_chat())
    return app


def _only_chat() -> web.Application:
    served = make_app(complete)
    (route,) = [r for r in served.router.routes() if "/chat/" in str(r.resource)]
    chat = web.Application()
    chat.router.add_post("/chat/completions", route.handler)
    return chat


@pytest.mark.parametrize(
    ("path", "data", "owner"),
    [
        ("/props", {"default_generation_settings": {"n_ctx": 700}}, "llamacpp"),
        ("/api/ps", {"models": [{"name": "extractive:latest", "context_length": 700}]}, "library"),
    ],
)
def test_the_context_is_asked_for_where_each_server_tells_it(
    path: str, data: Any, owner: str
) -> None:
    found = examined(with_page(path, data, owner))
    assert not_ok(found) == [("context", "problem")]
    assert one(found, "context").said.startswith("700 tokens")


@pytest.mark.parametrize(("vectors", "status"), [(((0.1, 0.2),), "ok"), ((), "problem")])
def test_embeddings_are_tried_if_asked_for(
    vectors: tuple[tuple[float, ...], ...], status: str
) -> None:
    app = server(embed=lambda _texts, _dimensions: Embeddings(vectors))
    assert one(examined(app, embeddings="extractive"), "embeddings").status == status
    without = server()
    assert one(examined(without, embeddings="extractive"), "embeddings").status == "problem"
    assert not any(f.check == "embeddings" for f in examined(server()))


def test_an_answer_that_is_empty_or_all_thought() -> None:
    def empty(_m: list[Message], _f: Any, _s: int) -> Reply:
        return Reply("", prompt_tokens=1, completion_tokens=1)

    found = examined(make_app(empty, models=("extractive",)))  # type: ignore[arg-type]
    assert not_ok(found) == [("answer", "problem")]

    def thinking(_m: list[Message], _f: Any, _s: int) -> Reply:
        return Reply("", "length", prompt_tokens=1, completion_tokens=512)

    found = examined(make_app(thinking, models=("extractive",)))  # type: ignore[arg-type]
    assert ("answer", "warning") in not_ok(found)


def test_a_model_behind_litellm_is_asked_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Echo:
        async def complete(self, request: Any) -> Reply:
            return complete(request.messages, request.response_format, request.seed)

        async def close(self) -> None:
            return None

    monkeypatch.setattr("atkc.runtime.transport.open_transport", lambda *_: Echo())
    monkeypatch.setenv(VARIABLE, "k")
    sets = ("api_base=", "model=anthropic/some", f"key={VARIABLE}")
    found = examined(None, *sets, probe=True)
    assert not_ok(found) == [("length", "problem"), ("stop", "warning")]
    assert one(found, "address").said == "LiteLLM knows the address of `anthropic`"
