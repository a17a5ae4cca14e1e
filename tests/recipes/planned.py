"""The plan of a shipped recipe under some settings, and what is looked at in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.compiler.plan import ExportOp, MapOp, Model, Node, Plan, VoteOp, asked_model, encoded
from atkc.spec.places import canonical
from atkc.stdlib.library import library

RECIPES = Path(__file__).parents[2] / "recipes"
# What a part reads when it runs by itself: test_settings_of_parts.py flips each of them.
ALONE = frozenset({
    "model", "api_base", "api_key_env", "price_in", "price_out", "structured",
    "concurrency_limit", "rpm", "tpm", "timeout",
})  # fmt: skip


def planned(recipe: str, **given: Any) -> Plan:
    """Return the plan of a recipe (`factual`, `factual/mix`), with which nothing may be wrong."""
    return _planned(recipe, json.dumps(given, sort_keys=True))


@lru_cache(maxsize=64)
def _planned(recipe: str, given: str) -> Plan:
    values = [Given((n,), v, f"--set {n}", "/here") for n, v in json.loads(given).items()]
    done = compile_file(canonical(RECIPES / f"{recipe}.yaml"), library(), values)
    assert [(d.code, d.message) for d in done.diagnostics] == []
    assert done.plan is not None
    return done.plan


def node(plan: Plan, id_: str) -> Node:
    """Return a node by its address."""
    return next(n for n in plan.nodes if n.id == id_)


def has(plan: Plan, *ids: str) -> list[bool]:
    """Return which of these nodes there are."""
    known = {n.id for n in plan.nodes}
    return [id_ in known for id_ in ids]


def before(plan: Plan, id_: str) -> Iterator[Node]:
    """Yield the node and, nearest first, all that it reads from."""
    known = {n.id: n for n in plan.nodes}
    seen, queue = {id_}, [id_]
    while queue:
        found = known[queue.pop(0)]
        yield found
        sources = [e.node for edges in found.inputs.values() for e in edges]
        queue += [s for s in dict.fromkeys(sources) if s not in seen]
        seen.update(sources)


def options(plan: Plan, id_: str, function: str = "") -> dict[str, Any]:
    """Return the options of a node, or those of a function that it, or one before it, applies."""
    if not function:
        return dict(getattr(node(plan, id_).op, "options", {}))
    return next(
        dict(action.options)
        for n in before(plan, id_)
        if isinstance(n.op, MapOp)
        for action in n.op.actions
        if action.function == function
    )


def data(op: Any) -> Any:
    """Return an operator as plain data, with its defaults."""
    return json.loads(encoded(op))


def constant(plan: Plan, id_: str, name: str) -> Any:
    """Return a parameter as an expression of the node reads it, None where none does."""
    found = _constants(data(node(plan, id_).op), name)
    return next(found, None)


def _constants(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        params = value.get("constants", {}).get("params", {})
        if name in params:
            yield params[name]
        for item in value.values():
            yield from _constants(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _constants(item, name)


def said(plan: Plan, id_: str) -> str:
    """Return everything that a node does, as text: prompts with the names that they read."""
    return encoded(node(plan, id_).op).decode()


def model(plan: Plan, id_: str) -> Model:
    """Return the model that a node asks."""
    return plan.models[asked_model(node(plan, id_).op)]


def judge(plan: Plan, id_: str) -> Node:
    """Return the vote on chunks that stands before a node."""
    return next(
        n
        for n in before(plan, id_)
        if isinstance(n.op, VoteOp) and n.op.prompt.name == "worthwhile"
    )


def ballots(plan: Plan, id_: str) -> int:
    """Return the ballots of a vote."""
    op = node(plan, id_).op
    assert isinstance(op, VoteOp)
    return op.votes


def taken(plan: Plan, id_: str) -> int | None:
    """Return how many chunks the nearest `take` before a node lets through; None: all."""
    takes = (n for n in before(plan, id_) if getattr(n.op, "operator", "") == "take")
    return next((options(plan, n.id)["hashed"] for n in takes), None)


def files(plan: Plan) -> set[str]:
    """Return the paths that a plan writes to."""
    return {n.op.path for n in plan.nodes if isinstance(n.op, ExportOp)}
