"""Spill edges: where a bounded queue could block for ever.

A fork whose two ways meet again in a node that waits for one of them (a barrier, an ordered node,
several roles) would hang once the other way's queue is full. Each edge on which the fork feeds
such a meeting is marked: its queue goes to disk beyond its bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from atkc.compiler.plan import CombineOp, Edge, Node

Slot = tuple[str, str, int]  # an edge by the node that reads it, the role and the place in it


def mark_spills(nodes: list[Node]) -> list[Node]:
    """Return the nodes with `spill` set on every edge that needs it."""
    by_id = {node.id: node for node in nodes}
    marked: set[Slot] = set()
    for meeting in nodes:
        if _waits(meeting) and (_meets(meeting) or is_gated(meeting)):
            marked |= _forked(meeting, by_id)
    return [_marked(node, marked) for node in nodes]


def _meets(node: Node) -> bool:
    return sum(len(edges) for edges in node.inputs.values()) > 1


def is_gated(node: Node) -> bool:
    """Return whether gates above wait for this `accept`, and so for all that leads to it."""
    return isinstance(node.op, CombineOp) and "begins" in node.op.options


def _waits(node: Node) -> bool:
    """Return whether a node may stop taking from one edge until another gives."""
    return node.order != "streaming" or len(node.inputs) > 1


def _forked(meeting: Node, by_id: dict[str, Node]) -> set[Slot]:
    """Return the edges of forks above a meeting that lead to it on more than one way."""
    ways: dict[str, list[Slot]] = defaultdict(list)
    seen: set[str] = set()
    stack = [meeting]
    while stack:
        node = stack.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        for slot, edge in _slots(node):
            ways[edge.node].append(slot)
            stack.append(by_id[edge.node])
    return {slot for slots in ways.values() if len(slots) > 1 for slot in slots}


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
