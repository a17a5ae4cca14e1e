"""Plans as files: a JSON text becomes a plan, or findings that point into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec import ValidationError

from atkc.compiler.instance import Path
from atkc.compiler.plan import PLAN_VERSION, Plan, PromptOp, VoteOp, asked_model, from_json
from atkc.compiler.structure import misfitting
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.nodes import MapNode, locate
from atkc.spec.source import Source
from atkc.spec.yamltext import load

MOST = 20  # findings shown of one plan
_ADVICE = "compile the spec again"


def read_plan(source: Source) -> Plan | list[Diagnostic]:
    """Return the plan in a text, or why it is none: ATK008, each finding at its place."""
    try:
        data = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        return [_syntax(source, error)]
    version = data.get("atkc_plan") if isinstance(data, dict) else None
    if version != PLAN_VERSION:
        return [_version(source, version)]
    try:
        plan = from_json(source.text)
    except ValidationError:
        return list(_misfits(source, data))[:MOST]
    loose = list(_loose_ends(plan))[:MOST]
    return [_placed(source, path, message) for path, message in loose] or plan


def _placed(source: Source, path: Path, message: str) -> Diagnostic:
    root = load(source)[0]
    span = locate(root, path).span if root is not None else None
    return Diagnostic("ATK008", message, span, help=_ADVICE)


def _syntax(source: Source, error: Exception) -> Diagnostic:
    at = error.pos if isinstance(error, json.JSONDecodeError) else 0
    what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
    message = f"the plan is no JSON: {what[:1].lower()}{what[1:]}"
    return Diagnostic("ATK008", message, source.span(at, at + 1), help=_ADVICE)


def _version(source: Source, version: Any) -> Diagnostic:
    if version is None:
        message = "this is no plan: the key `atkc_plan` is missing"
        advice = "run the spec, or a file that `atkc compile` wrote"
        return Diagnostic("ATK008", message, source.span(0, 1), help=advice)
    message = f"the plan is of version {json.dumps(version)}; this atkc runs version {PLAN_VERSION}"
    return _placed(source, ("atkc_plan",), message)


def _misfits(source: Source, data: Any) -> Iterator[Diagnostic]:
    root = load(source)[0]
    if not isinstance(root, MapNode):  # a text that JSON takes and YAML does not
        from atkc.spec.misfits import misfits

        first = next(misfits(data, Plan))
        where = ".".join(map(str, first.path))
        yield Diagnostic("ATK008", f"`{where}`: {first.message}", help=_ADVICE)
        return
    for found in misfitting(data, Plan, root, ()):
        message = f"the plan does not fit: {found.message}"
        yield Diagnostic("ATK008", message, found.span, help=_ADVICE, where=found.where)


def _loose_ends(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield what a schema cannot say: nodes in order, each reading ports that are there."""
    known: dict[str, set[str]] = {}
    for i, node in enumerate(plan.nodes):
        for role, edges in node.inputs.items():
            for k, edge in enumerate(edges):
                if edge.port not in known.get(edge.node, ()):
                    message = f"no node before `{node.id}` has the port `{edge.node}.{edge.port}`"
                    yield ("nodes", i, "inputs", role, k), message
        model = asked_model(node.op)
        needed = bool(model) or isinstance(node.op, PromptOp | VoteOp)
        if needed and model not in plan.models:
            yield ("nodes", i, "op", "model"), f"there is no model `{model}`"
        if node.id in known:
            yield ("nodes", i, "id"), f"two nodes are called `{node.id}`"
        known[node.id] = set(node.ports)
