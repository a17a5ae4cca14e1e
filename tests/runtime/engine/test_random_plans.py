"""Plans made by chance: whoever answers first and however short the queues, the files are equal."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.plan import Action, OnFailure
from atkc.runtime.asking import Ask
from tests.runtime.engine.kit import FakeCaller, Flow, apply, go, put, texts, where

LIKE = {"near": 0.6, "shingle": 1, "permutations": 32}
CLEAN = Action(verb="keep", fields=["text"])


def _near(flow: Flow, rng: random.Random, name: str, inputs: list[str]) -> None:
    how = {"field": "text", "top": 2, "take": {"t": "text"}, "as": "near"}
    edges = {"query": inputs, "pool": [rng.choice(inputs)]}
    flow.combine(name, "neighbours", edges, options=how, order="barrier")


def _group(flow: Flow, rng: random.Random, name: str, inputs: list[str]) -> None:
    how = {"depth": 1, "keep": ["text"], "incomplete": rng.choice(("keep", "reject"))}
    flow.combine(name, "group", inputs, options=how, expressions={"collect.all": "text"})


def _batch(flow: Flow, rng: random.Random, name: str, inputs: list[str]) -> None:
    how = {"size": 2, "as": "parts", "order": rng.choice(("hashed", "canonical"))}
    flow.combine(f"{name}_b", "batch", inputs, options=how, order="barrier")
    flow.map(name, f"{name}_b!", put(text="join(pluck(parts, 'text'), ' ')"))


# Each adds a node that reads rows with `text` and writes such rows.
KINDS: tuple[Callable[[Flow, random.Random, str, list[str]], Any], ...] = (
    lambda f, r, n, i: f.map(n, i, where(f"count(text) % 3 != {r.randrange(3)}")),
    lambda f, r, n, i: f.map(n, i, apply("chunk"), put(text="part"), order="ordered"),
    lambda f, r, n, i: f.map(n, i, apply("slow_split"), where("count(part) > 1")),
    lambda f, r, n, i: f.ask(n, i, on_failure=OnFailure(then=r.choice(("failed", "rejected")))),
    lambda f, r, n, i: f.ask(n, i, expand=True, samples=r.randint(1, 2), branch=n),
    lambda f, r, n, i: f.vote(n, i, votes=r.randint(1, 4)),
    lambda f, r, n, i: f.combine(n, "dedupe", i, options={"by": ["text"]}, order="ordered"),
    lambda f, r, n, i: f.combine(n, "dedupe", i, options={"by": ["text"], **LIKE}, order="ordered"),
    lambda f, r, n, i: f.combine(n, "cluster", i, options={"field": "text", **LIKE, "as": "c"}),
    lambda f, r, n, i: f.combine(n, "take", i, options={"first": 25}, order="ordered"),
    lambda f, r, n, i: f.combine(n, "take", i, options={"hashed": 25}, order="barrier"),
    lambda f, r, n, i: f.combine(n, "shuffle", i, order="barrier"),
    _near,
    _group,
    _batch,
)


def some_plan(seed: int) -> Flow:
    rng = random.Random(seed)
    words = ["ab", "c", "def", "gh", "bad", "i"]
    flow = Flow().source("s", texts(*(" ".join(rng.choices(words, k=3)) for _ in range(30))))
    names = ["s"]
    for number in range(6):
        inputs = [f"{name}!" for name in rng.sample(names, min(len(names), rng.choice((1, 1, 2))))]
        rng.choice(KINDS)(flow, rng, f"n{number}_raw", inputs)
        flow.map(f"n{number}", f"n{number}_raw!", CLEAN)
        names.append(f"n{number}")
    for name in names[-3:]:
        flow.export(f"out_{name}", name)
    return flow


def reply(text: str, ask: Ask) -> Any:
    if "bad bad" in text:
        return "!"
    length = len(text) + ask.sample
    said = {"said": text[::-1], "pass": length % 3 > 0}
    return json.dumps(said)


@pytest.mark.parametrize("seed", range(40))
def test_random_plans(tmp_path: Path, seed: int) -> None:
    flow = some_plan(seed)
    calm = go(flow, tmp_path, FakeCaller(reply))
    for queue, window in ((1, 1), (3, 50)):
        wild = go(flow, tmp_path, FakeCaller(reply, delay=seed), queue=queue, window=window)
        assert wild.raw == calm.raw
        assert wild.result.ledger == calm.result.ledger
        assert wild.result.failures.counts() == calm.result.failures.counts()
