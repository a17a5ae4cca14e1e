"""Spill edges: where a bounded queue could block for ever.

If steps wait for each other in a circle, one of them is a fork that waits for room on one way
while another way wants its records. So on each circle, seen without direction, on which some step
waits for one of its ways (a barrier, an ordered node, several roles, a gate), the edges that leave
a fork are marked: their queues go to disk beyond their bound.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from atkc.compiler.blocks import blocks
from atkc.compiler.plan import CombineOp, Edge, Node

Slot = tuple[str, str, int]  # an edge by the node that reads it, the role and the place in it


def mark_spills(nodes: list[Node]) -> list[Node]:
    """Return the nodes with `spill` set on every edge that needs it."""
    slots = [(slot, edge.node) for node in nodes for slot, edge in _slots(node)]
    waits = list(_waits_of_gates(nodes))
    found = blocks([(above, slot[0]) for slot, above in slots] + waits)
    waiting = {node.id for node in nodes if _waits(node)}
    leaving: dict[tuple[int, str], list[Slot]] = defaultdict(list)
    coming: Counter[tuple[int, str]] = Counter()
    for (slot, above), block in zip(slots, found, strict=False):
        leaving[block, above].append(slot)
        coming[block, slot[0]] += slot[0] in waiting
    blocking = {block for (block, _), count in coming.items() if count > 1}
    blocking.update(found[len(slots) :])
    marked = {
        slot
        for (block, _), ways in leaving.items()
        if block in blocking and len(ways) > 1
        for slot in ways
    }
    return [_marked(node, marked) for node in nodes]


def _waits_of_gates(nodes: list[Node]) -> Iterator[tuple[str, str]]:
    """Yield who waits for whom where no edge says so: a gate for its `accept`."""
    for node in nodes:
        if isinstance(node.op, CombineOp) and node.op.operator == "gate":
            yield node.id, node.op.options["of"]


def _waits(node: Node) -> bool:
    """Return whether a node may stop taking from one edge until another gives."""
    return node.order != "streaming" or len(node.inputs) > 1


def _slots(node: Node) -> Iterator[tuple[Slot, Edge]]:
    for role, edges in node.inputs.items():
        for i, edge in enumerate(edges):
            yield (node.id, role, i), edge


def _marked(node: Node, marked: set[Slot]) -> Node:
    inputs = {
        role: [
            replace(e, spill=True) if (node.id, role, i) in marked else e
            for i, e in enumerate(edges)
        ]
        for role, edges in node.inputs.items()
    }
    return node if inputs == node.inputs else replace(node, inputs=inputs)
