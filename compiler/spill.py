"""Spill edges: where a bounded queue could block for ever.

A fork whose two ways meet again in a node that waits for one of them (a barrier, an ordered node,
several roles) would hang once the other way's queue is full. Each edge on which the fork feeds
such a meeting is marked: its queue goes to disk beyond its bound.
"""

from __future__ import annotations

from atkc.compiler.plan import Edge, Node


def mark_spills(nodes: list[Node]) -> list[Node]:
    """Return the nodes with `spill` set on every edge that needs it."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(n.id for n in nodes)
    for node in nodes:
        for role, edges in node.inputs.items():
            for i, edge in enumerate(edges):
                graph.add_edge(edge.node, node.id, key=(role, i))
    meetings = [n.id for n in nodes if graph.in_degree(n.id) > 1 and _waits(n)]
    marked: set[tuple[str, str, int]] = set()
    for meeting in meetings:
        above = nx.ancestors(graph, meeting) | {meeting}
        for fork in above - {meeting}:
            out = [(b, *key) for _, b, key in graph.out_edges(fork, keys=True) if b in above]
            if len(out) > 1:
                marked.update(out)
    return [_marked(node, marked) for node in nodes]


def _waits(node: Node) -> bool:
    """Return whether a node may stop taking from one edge until another gives."""
    return node.order != "streaming" or len(node.inputs) > 1


def _marked(node: Node, marked: set[tuple[str, str, int]]) -> Node:
    if not any(to == node.id for to, _, _ in marked):
        return node
    inputs: dict[str, list[Edge]] = {}
    for role, edges in node.inputs.items():
        inputs[role] = [
            e.model_copy(update={"spill": True}) if (node.id, role, i) in marked else e
            for i, e in enumerate(edges)
        ]
    return node.model_copy(update={"inputs": inputs})
