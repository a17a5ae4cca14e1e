"""What is told of an `accept` above which nothing can wait: it only takes the first records."""

from __future__ import annotations

from atkc.compiler.flow import Flow
from atkc.compiler.gates import Gated, gated
from atkc.compiler.plan import Node


def depths_of(flow: Flow) -> dict[str, int]:
    """Return how many positions the ordinals of each node's records have."""
    return {name: len(lineage) for name, lineage in flow.lineage.items()}


def report_ungated(flow: Flow, nodes: list[Node]) -> None:
    """Report each `accept` that asks models above it for all records."""
    for found in gated(nodes, depths_of(flow)):
        if found.pays and not found.gates:
            _report(flow, found)


def _report(flow: Flow, found: Gated) -> None:
    inst = flow.origins[found.accept]
    name, span = inst.path[-1], flow.span(inst, "accept", key=True)
    if found.blocked is not None:
        message = f"`{name}` saves no calls: `{found.blocked}` above it needs all records"
        advice = "put `accept` above that step, or the steps that ask models below it"
        flow.report("ATK481", message, span, advice)
    else:
        message = f"`{name}` saves no calls: what the models above it make is also read elsewhere"
        advice = "let the other readers read `accept`, or steps above those that ask models"
        flow.report("ATK480", message, span, advice)
