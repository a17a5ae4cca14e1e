"""What of a prompt file its params leave out: examples and verdict values whose `when` is false."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.compiler.flow import Flow
from atkc.compiler.load import Document
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.expression.scope import Constant
from atkc.spec.nodes import ScalarNode, locate
from atkc.spec.rowtype import Record

Path = tuple[str | int, ...]


def applicable(
    flow: Flow, document: Document, values: Mapping[str, Any], kinds: Record
) -> dict[str, Any]:
    """Return the data of a prompt file without what is left out; what is wrong is reported."""
    data = dict(document.data)
    params = {"params": Constant(kinds, dict(values))}

    def kept(part: Mapping[str, Any], *path: str | int) -> bool:
        return "when" not in part or _holds(flow, document, (*path, "when"), part["when"], params)

    shown = enumerate(data.get("examples", []))
    data["examples"] = [part for i, part in shown if kept(part, "examples", i)]
    reply = data.get("reply") or {}
    verdict = reply.get("verdict")
    if not isinstance(verdict, Mapping) or not isinstance(verdict.get("values"), Mapping):
        return data  # what is wrong with it the contract says
    words = {
        name: part["words"] if _sometimes(part) else part
        for name, part in verdict["values"].items()
        if not _sometimes(part) or kept(part, "reply", "verdict", "values", name)
    }
    data["reply"] = {**reply, "verdict": {**verdict, "values": words}}
    return data


def _sometimes(words: Any) -> bool:
    """Return whether a verdict value is written as `{words: […], when: …}`."""
    return isinstance(words, Mapping) and words.keys() == {"words", "when"}


def _holds(
    flow: Flow, document: Document, path: Path, when: Any, params: Mapping[str, Constant]
) -> bool:
    value, problems = flow.space.fill(when, params)
    node = locate(document.root, path)
    for _, problem in problems:
        span = node.span
        if isinstance(node, ScalarNode) and problem.end > problem.start:
            span = node.span_of(problem.start, problem.end)
        flow.space.report(problem.at(span))
    if not problems and not isinstance(value, bool):
        flow.space.report(Diagnostic("ATK202", "`when` must be true or false", node.span))
    return value is not False
