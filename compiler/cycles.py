"""Steps that read each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atkc.compiler.load import Document, span_at
from atkc.compiler.references import flat_refs
from atkc.spec.diagnostic import Diagnostic


def cycles(document: Document) -> Iterator[Diagnostic]:
    """Yield one finding for each circle among the steps of a file."""
    steps = document.data.get("steps", {})
    edges = {name: [r for r in _names(raw) if r in steps] for name, raw in steps.items()}
    if not any(edges.values()):
        return
    import graphlib

    order = graphlib.TopologicalSorter(edges)
    try:
        order.prepare()
    except graphlib.CycleError:
        yield from _explain(document, edges)


def _explain(document: Document, edges: Mapping[str, list[str]]) -> Iterator[Diagnostic]:
    import networkx as nx

    graph = nx.DiGraph([(a, b) for a, outs in edges.items() for b in outs])
    for knot in nx.strongly_connected_components(graph):
        loop = [n for n in edges if n in knot]
        if len(loop) == 1 and not graph.has_edge(loop[0], loop[0]):
            continue
        ring = [a for a, _ in nx.find_cycle(graph.subgraph(loop))]
        chain = " → ".join([*ring, ring[0]])
        span = span_at(document.root, ("steps", ring[0], "from"))
        yield Diagnostic("ATK310", f"these steps read each other in a circle: {chain}", span)


def _names(raw: Mapping[str, Any]) -> Iterator[str]:
    for part in (raw.get("from"), raw.get("sides")):
        yield from (ref.partition(".")[0] for ref in flat_refs(part))
