"""Flows whose `accept` gets its gates as the compiler would set them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from atkc.compiler.gates import with_gates
from atkc.compiler.plan import CombineOp, MapOp, Node, Plan, PromptOp
from atkc.compiler.spill import mark_spills
from tests.runtime.engine.kit import LIBRARY, Flow

PORTS = {port: {"text": "string"} for port in ("main", "rejected", "failed")}


class GatedFlow(Flow):
    """A flow with gates; `gates: False` leaves them out, to compare."""

    gates = True

    def accept(self, name: str, inputs: Any, count: int = 0, **more: Any) -> Flow:
        by = {"expressions": {"by": more.pop("by")}} if "by" in more else {}
        targets = more.pop("targets", None) or {"": count}
        options = {"targets": targets, "ahead": 256, "shortage": "warn", **more}
        return self.combine(name, "take", inputs, options=options, order="ordered", **by)

    def plan(self) -> Plan:
        nodes = [replace(node, ports=PORTS) for node in self.nodes]
        nodes = with_gates(nodes, depths(nodes)) if self.gates else nodes
        return Plan(name="t", nodes=mark_spills(nodes))


def depths(nodes: list[Node]) -> dict[str, int]:
    """Positions of the ordinals that each node hands out, as the compiler's lineage counts them."""
    found: dict[str, int] = {}
    for node in nodes:
        edges = next(iter(node.inputs.values()), [])
        before = max((found[e.node] for e in edges), default=0) + (len(edges) > 1)
        found[node.id] = before + _deeper(node) if node.inputs else 1
        if isinstance(node.op, CombineOp) and node.op.operator == "group":
            found[node.id] = node.op.options.get("depth", 1)
    return found


def _deeper(node: Node) -> int:
    if isinstance(node.op, PromptOp):
        return int(node.op.expand)
    if not isinstance(node.op, MapOp):
        return 0
    names = [a.function for a in node.op.actions if a.verb == "apply"]
    unnested = sum(a.verb == "unnest" for a in node.op.actions)
    return unnested + sum(LIBRARY.functions[n].cardinality == "1:n" for n in names)
