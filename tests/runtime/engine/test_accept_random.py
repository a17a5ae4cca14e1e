"""Pipelines by chance: an accept with gates takes what one without would, for no more calls."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atkc.compiler.plan import Action
from atkc.runtime.asking import Ask
from tests.runtime.engine.gating import GatedFlow
from tests.runtime.engine.kit import FakeCaller, Ran, apply, go, put, texts, where

LIKE = {"near": 0.6, "shingle": 1, "permutations": 16}
CLEAN = Action(verb="keep", fields=["text"])
WORDS = ("ab", "c", "def", "gh", "bad", "i", "jklm")
GROUP = {"depth": 1, "keep": ["text"], "incomplete": "keep"}
NEAR = {"field": "text", "top": 2, "take": {"t": "text"}, "as": "near"}


def _near(flow: GatedFlow, name: str, edges: list[str]) -> None:
    flow.combine(name, "neighbours", {"query": edges, "pool": ["s0"]}, options=NEAR)


def _batch(flow: GatedFlow, name: str, edges: list[str]) -> None:
    how = {"size": 2, "as": "parts"}
    flow.combine(f"{name}_b", "batch", edges, options=how, order="ordered")
    flow.map(name, f"{name}_b", put(text="join(pluck(parts, 'text'), ' ')"))


# Each adds a node that reads rows with `text`.
KINDS: dict[str, Callable[[GatedFlow, str, list[str]], Any]] = {
    "filter": lambda f, n, i: f.map(n, i, where("count(text) % 3 != 1")),
    "chunk": lambda f, n, i: f.map(n, i, apply("chunk"), put(text="part"), order="ordered"),
    "split": lambda f, n, i: f.map(n, i, apply("slow_split"), where("count(part) > 1")),
    "ask": lambda f, n, i: f.ask(n, i),
    "asked": lambda f, n, i: f.ask(n, i, on_failure={"then": "rejected"}),
    "many": lambda f, n, i: f.ask(n, i, expand=True, samples=2, branch=n),
    "vote": lambda f, n, i: f.vote(n, i, votes=3),
    "dedupe": lambda f, n, i: f.combine(n, "dedupe", i, options={"by": ["text"]}, order="ordered"),
    "near": lambda f, n, i: f.combine(
        n, "dedupe", i, options={"by": ["text"], **LIKE}, order="ordered"
    ),
    "first": lambda f, n, i: f.combine(n, "take", i, options={"first": 25}, order="ordered"),
    "shuffle": lambda f, n, i: f.combine(n, "shuffle", i, order="barrier"),
    "window": lambda f, n, i: f.combine(
        n, "window", i, options={"before": 1, "after": 1, "as": "w"}, order="ordered"
    ),
    "neighbours": _near,
    "group": lambda f, n, i: f.combine(n, "group", i, options=GROUP),
    "batch": _batch,
}


@st.composite
def flows(draw: st.DrawFn) -> Callable[[bool], GatedFlow]:
    rows = [
        draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), max_size=60))
        for _ in range(draw(st.integers(1, 2)))
    ]
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=5))
    picks = [draw(st.lists(st.integers(0, 9), min_size=1, max_size=2)) for _ in kinds]
    ends = draw(st.lists(st.integers(0, 1), min_size=1, max_size=2, unique=True))
    rejects = draw(st.booleans())
    elsewhere = draw(st.integers(0, 20))
    count = draw(st.integers(1, 40))
    how: dict[str, Any] = {"ahead": draw(st.sampled_from((1, 7, 256)))}
    if draw(st.booleans()):
        part = draw(st.integers(0, count))
        how |= {"targets": {"0": part, "1": count - part}, "by": "count(text) % 2"}
        how["fill"] = draw(st.booleans())

    def make(gates: bool) -> GatedFlow:
        flow = GatedFlow()
        flow.gates = gates
        names = []
        for number, some in enumerate(rows):
            flow.source(f"s{number}", texts(*map(" ".join, some)))
            names.append(f"s{number}")
        sources = len(names)
        for number, kind in enumerate(kinds):
            edges = sorted({names[-1 - pick % min(len(names), 2)] for pick in picks[number]})
            KINDS[kind](flow, f"n{number}_raw", edges)
            flow.map(f"n{number}", f"n{number}_raw", CLEAN)
            names.append(f"n{number}")
        chosen = [names[-1 - end % (len(names) - sources)] for end in ends]
        flow.accept("enough", sorted(set(chosen)), count, **how)
        flow.export("out", "enough")
        if rejects and kinds[-1] in ("asked", "vote", "dedupe"):
            flow.export("no", f"n{len(kinds) - 1}_raw.rejected")
        if elsewhere < len(names):
            flow.export("else", names[elsewhere])
        return flow

    return make


def reply(text: str, ask: Ask) -> Any:
    if "bad bad" in text:
        return "!"
    return json.dumps({"said": text[::-1], "pass": (len(text) + ask.sample) % 3 > 0})


def ran(flow: GatedFlow, folder: Path, delay: int | None, **more: Any) -> Ran:
    return go(flow, folder, FakeCaller(reply, delay=delay), wait=5, **more)


def asked(one: Ran) -> Counter[tuple[str, int]]:
    return Counter((ask.messages[-1]["content"], ask.sample) for ask in one.caller.asked)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(flows(), st.integers(0, 1000))
def test_gates_change_the_cost_alone(make: Callable[[bool], GatedFlow], seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = ran(make(False), folder, None)
        calm = ran(make(True), folder, None)
        assert calm.raw["out.jsonl"] == whole.raw["out.jsonl"]
        assert calm.raw.get("else.jsonl") == whole.raw.get("else.jsonl")
        assert asked(calm) <= asked(whole)
        for queue, window in ((1, 1), (2, 50)):
            wild = ran(make(True), folder, seed, queue=queue, window=window)
            assert wild.raw == calm.raw
            assert wild.result.ledger == calm.result.ledger
            assert wild.result.accepts == calm.result.accepts
            assert asked(wild) == asked(calm)
