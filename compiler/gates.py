"""Gates: where candidates of an `accept` wait until they are asked for.

Going up from an `accept`, a step may lie below a gate if it settles each record by itself, and if
nobody else wants what goes on from it. Of these a gate stands above the first that asks a model.
So what is gated serves the `accept` alone, and free steps above say what a candidate is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from atkc.compiler.plan import CombineOp, Edge, MapOp, Node, ParseOp, PromptOp, VoteOp, asked_model

_PASSING = {"neighbours": "query", "decontaminate": "records", "join": "left"}
_SIDE_PORTS = ("rejected", "failed")
# operators that settle each record by itself, and those that do with some options
_ONE_BY_ONE = {"concat", "dedupe", "decontaminate", "join", "neighbours", "split"}


class Gate(Struct, frozen=True):
    """The edge where candidates wait: of which node, role and place; `prefix` is its branch.

    `sources` feed this gate alone and need to read no more than it lets in; with each stands the
    branch that its records come by.
    """

    node: str
    role: str
    index: int
    prefix: tuple[int, ...]
    sources: Mapping[str, tuple[int, ...]]


class Gated(Struct, frozen=True):
    """An `accept` with its gates; `blocked` is a step that needs all records, if one is why
    models above it are asked for all."""

    accept: str
    gates: tuple[Gate, ...]
    pays: bool
    blocked: str | None = None


def with_gates(nodes: list[Node], depths: Mapping[str, int]) -> list[Node]:
    """Return the nodes with a gate on each edge that needs one."""
    for found in gated(nodes, depths):
        nodes = _inserted(nodes, found)
    return nodes


def gated(nodes: list[Node], depths: Mapping[str, int]) -> list[Gated]:
    """Return for each `accept` where its gates stand; `depths`: positions of a node's ordinals."""
    graph = _Graph(nodes, depths)
    accepts = [n for n in nodes if isinstance(n.op, CombineOp) and "targets" in n.op.options]
    return [graph.above(node) for node in accepts]


class _Reader(Struct, frozen=True):
    port: str
    node: str
    role: str
    index: int


class _Graph:
    def __init__(self, nodes: list[Node], depths: Mapping[str, int]) -> None:
        self.depths = depths
        self.by_id = {node.id: node for node in nodes}
        self.readers: dict[str, list[_Reader]] = defaultdict(list)
        for node in nodes:
            for role, edges in node.inputs.items():
                for i, edge in enumerate(edges):
                    self.readers[edge.node].append(_Reader(edge.port, node.id, role, i))

    def above(self, accept: Node) -> Gated:
        way = _Way(self, accept.id, self.behind(accept.id))
        gates = tuple(way.gates(accept, (), math.inf, paid=False))
        pays = any(asked_model(self.by_id[name].op) for name in way.ancestors)
        return Gated(accept.id, gates, pays, way.blocked if not gates else None)

    def behind(self, name: str) -> set[str]:
        """Return all that a node reads, near and far."""
        found: set[str] = set()
        stack = [name]
        while stack:
            for edges in self.by_id[stack.pop()].inputs.values():
                new = {e.node for e in edges} - found
                found |= new
                stack += new
        return found

    def leads_to_model(self, name: str) -> bool:
        """Return whether a node or one that reads it asks a model."""
        stack, seen = [name], {name}
        while stack:
            at = stack.pop()
            if asked_model(self.by_id[at].op):
                return True
            new = {reader.node for reader in self.readers[at]} - seen
            seen |= new
            stack += new
        return False


class _Way(Struct):
    """The way up from one `accept`."""

    graph: _Graph
    accept: str
    ancestors: set[str]
    blocked: str | None = None

    def gates(
        self, node: Node, prefix: tuple[int, ...], deepest: float, *, paid: bool
    ) -> Iterator[Gate]:
        """Yield the gates above a node, in canonical order.

        A candidate may have at most `deepest` positions, else a group below would wait for
        candidates that are not let in. `paid`: the node or one below it asks a model.
        """
        paid |= bool(asked_model(node.op))
        role = passing_role(node)
        edges = node.inputs.get(role, [])
        for index, edge in enumerate(edges):
            inner = (*prefix, index) if len(edges) > 1 else prefix
            most = min(deepest, _origin_depth(node)) - (len(edges) > 1)
            above = self.graph.by_id[edge.node]
            too_deep = self.graph.depths.get(above.id, 0) > most
            own = _Reader(edge.port, node.id, role, index)
            if self.is_sole(above, own) and (too_deep or self.pays(above)):
                yield from self.gates(above, inner, most, paid=paid)
            elif paid and not too_deep:
                sources = dict(self.sources(above, own, (), math.inf))
                yield Gate(node.id, role, index, inner, sources)

    def sources(
        self, node: Node, own: _Reader, prefix: tuple[int, ...], deepest: float
    ) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the sources that feed a gate record by record, and nothing else.

        With `deepest` 0 a group between waits for the whole of a source.
        """
        if node.op.op == "source":
            if deepest >= 1 and self.has_only(node, own):
                yield node.id, prefix
        elif self.is_sole(node, own):
            role = passing_role(node)
            edges = node.inputs.get(role, [])
            for index, edge in enumerate(edges):
                inner = (*prefix, index) if len(edges) > 1 else prefix
                most = min(deepest, _origin_depth(node)) - (len(edges) > 1)
                reader = _Reader(edge.port, node.id, role, index)
                yield from self.sources(self.graph.by_id[edge.node], reader, inner, most)

    def pays(self, node: Node) -> bool:
        """Return whether a node, or one above it that may be gated with it, asks a model."""
        if asked_model(node.op):
            return True
        role = passing_role(node)
        return any(
            self.is_sole(above, _Reader(edge.port, node.id, role, i)) and self.pays(above)
            for i, edge in enumerate(node.inputs.get(role, []))
            if (above := self.graph.by_id[edge.node])
        )

    def is_sole(self, node: Node, own: _Reader) -> bool:
        """Return whether a node settles records one by one, and for this reader alone."""
        if not one_by_one(node):
            if node.op.op == "combine" and self.blocked is None:
                self.blocked = node.id
            return False
        return self.has_only(node, own)

    def has_only(self, node: Node, own: _Reader) -> bool:
        """Return whether nobody else reads a node, less who writes out what was turned away."""
        for other in self.graph.readers[node.id]:
            if other == own:
                continue
            shared = other.node in self.ancestors or other.node == self.accept
            if shared or other.port not in _SIDE_PORTS or self.graph.leads_to_model(other.node):
                return False
        return True


def passing_role(node: Node) -> str:
    """Return the input of which the records go on."""
    return _PASSING.get(node.op.operator, "in") if isinstance(node.op, CombineOp) else "in"


def one_by_one(node: Node) -> bool:
    """Return whether each record is settled without those that come after it."""
    op = node.op
    if not isinstance(op, CombineOp):
        return isinstance(op, MapOp | ParseOp | PromptOp | VoteOp)
    options = op.options
    return (
        op.operator in _ONE_BY_ONE
        or (op.operator == "take" and ("first" in options or "share" in options))
        or (op.operator == "group" and "depth" in options)
        or (op.operator == "window" and not options.get("after"))
    )


def _origin_depth(node: Node) -> float:
    """Return how many positions the origin of a group has: it waits for all that is below."""
    op = node.op
    if isinstance(op, CombineOp) and op.operator == "group":
        return float(op.options.get("depth", math.inf))
    return math.inf


def _inserted(nodes: list[Node], found: Gated) -> list[Node]:
    """Return the nodes with the gates of one `accept`, each before the node that reads it."""
    by_id = {node.id: node for node in nodes}
    waiting: dict[str, list[Node]] = defaultdict(list)
    changed: dict[str, Node] = {}
    for turn, gate in enumerate(found.gates):
        node = changed.get(gate.node, by_id[gate.node])
        edge = node.inputs[gate.role][gate.index]
        name = f"{found.accept}.gate" + (f"{turn + 1}" if turn else "")
        made = _node(name, by_id[edge.node], edge, by_id[found.accept], turn, gate)
        waiting[node.id].append(made)
        edges = list(node.inputs[gate.role])
        edges[gate.index] = Edge(node=name)
        changed[node.id] = replace(node, inputs={**node.inputs, gate.role: edges})
    if found.gates:
        node = changed.get(found.accept, by_id[found.accept])
        changed[found.accept] = _told(node, begins=list(found.gates[0].prefix))
    out: list[Node] = []
    for node in nodes:
        out += [*waiting[node.id], changed.get(node.id, node)]
    return out


def _node(name: str, above: Node, edge: Edge, accept: Node, turn: int, gate: Gate) -> Node:
    options: dict[str, Any] = {"of": accept.id, "turn": turn, "prefix": list(gate.prefix)}
    options["sources"] = {name: list(prefix) for name, prefix in gate.sources.items()}
    return Node(
        id=name,
        type="combine",
        op=CombineOp(operator="gate", options=options),
        inputs={"in": [edge]},
        ports={"main": above.ports[edge.port]},
        cardinality="filter",
        order="ordered",
        place=accept.place,
    )


def _told(node: Node, **more: Any) -> Node:
    op = node.op
    assert isinstance(op, CombineOp)
    told = replace(op, options={**op.options, **more})
    return replace(node, op=told)
