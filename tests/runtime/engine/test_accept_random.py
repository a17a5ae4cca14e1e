"""Pipelines by chance: an accept with gates takes what one without would, for no more calls."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atkc.compiler.plan import Action, OnFailure
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
    "asked": lambda f, n, i: f.ask(n, i, on_failure=OnFailure(then="rejected")),
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


COMMON = ("filter", "ask", "asked", "many", "vote", "dedupe", "neighbours", "group", "near")
RARE = ("chunk", "split", "first", "shuffle", "window", "batch")
TURNING_AWAY = ("asked", "vote", "dedupe", "near", "filter")


def some_flow(seed: int, *, gates: bool) -> GatedFlow:
    """Return the flow of a seed: sources, steps of which some fork and meet, an accept, exports."""
    rng = random.Random(seed)
    flow = GatedFlow()
    flow.gates = gates
    names = [f"s{number}" for number in range(rng.choice((1, 1, 2, 3)))]
    for name in names:
        rows = [rng.choices(WORDS, k=rng.randint(1, 3)) for _ in range(rng.randint(0, 70))]
        some = [] if _is_empty(seed, name) else rows
        flow.source(name, texts(*(f"{' '.join(row)} {name}{n}" for n, row in enumerate(some))))
    last = list(names) if rng.random() < 0.5 else names[-1:]
    kind = ""
    for number in range(rng.randint(1, 5)):
        kind = rng.choice(RARE if rng.random() < 0.15 else COMMON)
        KINDS[kind](flow, f"n{number}_raw", last)
        flow.map(f"n{number}", f"n{number}_raw", CLEAN)
        names.append(f"n{number}")
        last = [names[-1]] if rng.random() < 0.85 else sorted(set(rng.sample(names, 2)))
    count = rng.randint(1, 30)
    how: dict[str, Any] = {"count": count, "ahead": rng.choice((1, 7, 256))}
    if rng.random() < 0.3:
        part = rng.randint(0, count)
        how |= {"targets": {"0": part, "1": count - part}, "by": "count(text) % 2"}
        how["fill"] = rng.random() < 0.5
    flow.accept("enough", last, **how)
    flow.export("out", "enough")
    if kind in TURNING_AWAY and rng.random() < 0.5:
        flow.export("no", f"{names[-1]}_raw.rejected")
    if rng.random() < 0.15:
        flow.export("else", rng.choice(names))
    return flow


def _is_empty(seed: int, source: str) -> bool:
    """Now and then a gate has no candidates: it ends while another has its turn."""
    return random.Random(f"{seed} {source}").random() < 0.15


def reply(text: str, ask: Ask) -> Any:
    if "bad bad" in text:
        return "!"
    return json.dumps({"said": text[::-1], "pass": (len(text) + ask.sample) % 3 > 0})


def ran(flow: GatedFlow, folder: Path, delay: int | None, **more: Any) -> Ran:
    return go(flow, folder, FakeCaller(reply, delay=delay), wait=5, **more)


def asked(one: Ran) -> Counter[tuple[str, int]]:
    return Counter((ask.messages[-1]["content"], ask.sample) for ask in one.caller.asked)


def compared(seed: int, folder: Path) -> tuple[Ran, int]:
    """Run with gates and without, calm and wild; return the gated run and the calls it saved."""
    whole = ran(some_flow(seed, gates=False), folder, None)
    calm = ran(some_flow(seed, gates=True), folder, None)
    assert calm.raw["out.jsonl"] == whole.raw["out.jsonl"]
    assert calm.raw.get("else.jsonl") == whole.raw.get("else.jsonl")
    assert asked(calm) <= asked(whole)
    for queue, window in ((1, 1), (2, 50)):
        wild = ran(some_flow(seed, gates=True), folder, seed, queue=queue, window=window)
        assert wild.raw == calm.raw
        assert wild.result.ledger == calm.result.ledger
        assert wild.result.accepts == calm.result.accepts
        assert asked(wild) == asked(calm)
    return calm, len(whole.caller.asked) - len(calm.caller.asked)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 100_000))
def test_gates_change_the_cost_alone(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        compared(seed, Path(folder))


def test_most_of_these_pipelines_save_calls(tmp_path: Path) -> None:
    found = Counter(compared(seed, tmp_path)[1] > 0 for seed in range(40))
    assert found[True] > 12
