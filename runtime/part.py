"""A part of a plan that can run by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import structs

from atkc.compiler.plan import Node, Plan


def part_of(plan: Plan, nodes: Iterable[Node], wanted: Callable[[Node], bool]) -> Plan:
    """Return the plan with those of the nodes, in topological order, that are wanted and read
    nothing of others."""
    kept: dict[str, Node] = {}
    for node in nodes:
        reads = [edge.node for edges in node.inputs.values() for edge in edges]
        if wanted(node) and all(name in kept for name in reads):
            kept[node.id] = node
    return structs.replace(plan, nodes=list(kept.values()))
