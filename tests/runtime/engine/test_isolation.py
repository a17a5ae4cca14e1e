"""A bad record fails alone, whatever step it meets: its neighbours are as if it were not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.plan import ParseOp
from atkc.runtime.api import ReadFailure
from atkc.runtime.asking import Ask, Outcome
from tests.runtime.engine import kit
from tests.runtime.engine.kit import FakeCaller, Flow, apply, go, prompt, put, texts, where

GOOD = [f"w{n}" for n in range(8)]
BAD = "bad"
FAKE = {"format": "fake"}


def nonsense(text: str, ask: Ask) -> Any:
    return "!" if text == BAD else json.dumps({"said": text, "pass": True})


def refused(text: str, ask: Ask) -> Any:
    if text != BAD:
        return nonsense(text, ask)
    return Outcome(None, ("refused", "400"), ask.messages, None)


def unreadable(text: str, ask: Ask) -> Any:
    return '{"said": ' if text == BAD else nonsense(text, ask)  # the parser raises ValueError


def vector(text: str) -> Any:
    return ("refused", "400") if text == BAD else b"\0\0\x80\x3f" * 2


def _crash(data: Any, options: Any, context: Any) -> Any:
    return {"n": 1 // (data["text"] != BAD)}


def _near(flow: Flow) -> Flow:
    given = {"field": "text", "top": 1, "take": {"text": "text"}, "as": "near"}
    options = {**given, "scorer": "embeddings"}
    flow.source("pool", texts("p", "q"))
    inputs = {"query": "in", "pool": "pool"}
    return flow.combine("x", "neighbours", inputs, model="m", options=options)


def _parse(flow: Flow) -> Flow:
    flow.map("r", "in", put(reply="if text == 'bad' then '!' else '{\"a\": 1}'"))
    return flow.node("x", ParseOp(field="reply", contract=FAKE), "r")


STEPS: dict[str, tuple[Callable[[Flow], Flow], Any, str]] = {
    "prompt, nonsense": (lambda f: f.ask("x", "in"), nonsense, "no-json"),
    "prompt, refused": (lambda f: f.ask("x", "in"), refused, "refused"),
    "prompt, parser raises": (lambda f: f.ask("x", "in"), unreadable, "crashed"),
    "prompt of several": (lambda f: f.ask("x", "in", expand=True, samples=2), nonsense, "no-json"),
    "prompt, template": (
        lambda f: f.ask("x", "in", prompt=prompt("{{ maybe.say }}", FAKE)),
        nonsense,
        "template",
    ),
    "vote, nonsense": (lambda f: f.vote("x", "in", votes=3), nonsense, "no-json"),
    "vote, refused": (lambda f: f.vote("x", "in", votes=3), refused, "refused"),
    "parse": (_parse, None, "no-json"),
    "where": (lambda f: f.map("x", "in", where("number > 0")), None, "expression"),
    "set": (lambda f: f.map("x", "in", put(n="number + 1")), None, "expression"),
    "function, record error": (
        lambda f: f.map("x", "in", apply("fussy", word=BAD)),
        None,
        "fussy",
    ),
    "function, any error": (lambda f: f.map("x", "in", apply("crash")), None, "crashed"),
    "function in a thread": (lambda f: f.map("x", "in", apply("slow_crash")), None, "crashed"),
    "neighbours": (_near, None, "refused"),
}


@pytest.fixture(autouse=True)
def _crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"crash": (_crash, {}), "slow_crash": (_crash, {"costly": True})}
    monkeypatch.setattr(kit, "_FUNCTIONS", {**kit._FUNCTIONS, **more})
    signatures = {
        name: kit.FunctionSignature(name, 1, kit._shape, **how) for name, (_, how) in more.items()
    }
    library = kit.Library({}, {**kit.LIBRARY.functions, **signatures}, {}, {})
    monkeypatch.setattr(kit, "LIBRARY", library)


def rows(*words: str) -> list[dict[str, Any]]:
    return [
        {"text": w, "number": "x" if w == BAD else 1, "maybe": None if w == BAD else {"say": w}}
        for w in words
    ]


def left(ran: kit.Ran) -> list[Any]:
    return [json.dumps(row, sort_keys=True) for row in ran.rows()]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("at", [0, 4, 8], ids=["first", "middle", "last"])
def test_only_the_bad_record_fails(step: str, at: int, tmp_path: Path) -> None:
    build, reply, kind = STEPS[step]

    def run(words: list[str]) -> kit.Ran:
        given = [r if "template" in step else {"text": r["text"], "number": r["number"]}
                 for r in rows(*words)]  # fmt: skip
        flow = build(Flow().source("in", given)).export("out", "x")
        return go(flow, tmp_path, FakeCaller(reply or nonsense, vector=vector, delay=1))

    undisturbed = run(GOOD)
    ran = run([*GOOD[:at], BAD, *GOOD[at:]])
    assert left(ran) == left(undisturbed)
    assert len(ran.rows()) >= len(GOOD)
    lost = ran.failed("x")
    assert {row["failure"]["kind"] for row in lost} == {kind}
    assert {row["text"] for row in lost} == {BAD}
    assert all(row["failure"]["message"] for row in lost)


def test_a_bad_document_fails_alone(tmp_path: Path) -> None:
    given = [*texts(*GOOD[:4]), ReadFailure("d.pdf", "corrupt", "is damaged"), *texts(*GOOD[4:])]
    ran = go(Flow().source("in", given).export("out", "in"), tmp_path)
    assert [row["text"] for row in ran.rows()] == GOOD
    (lost,) = ran.failed("in")
    assert (lost["source"], lost["failure"]["kind"]) == ("d.pdf", "corrupt")
