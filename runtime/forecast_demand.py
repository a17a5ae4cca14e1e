"""How many candidates the gates of an `accept` would let in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from atkc.compiler.plan import CombineOp, Node, Plan
from atkc.runtime.demand import FIRST
from atkc.runtime.ranges import ZERO, Range

Ports = Mapping[str, Mapping[str, Range]]  # what comes out, by node and port


def is_gate(node: Node) -> bool:
    """Return whether candidates wait at a node."""
    return isinstance(node.op, CombineOp) and node.op.operator == "gate"


def wanted(node: Node) -> int | None:
    """Return how many records an `accept` takes; None for any other node."""
    if isinstance(node.op, CombineOp) and "targets" in node.op.options:
        return int(sum(node.op.options["targets"].values()))
    return None


class Gates:
    """Shares out what each `accept` asks for among its gates, in their order."""

    def __init__(self, plan: Plan, behind: Callable[[Node, Ports], dict[str, Range]]) -> None:
        self._plan = plan
        self._behind = behind
        self._by_id = {node.id: node for node in plan.nodes}
        self._lacking: dict[
            str, Range
        ] = {}  # records, after as many, as expected, as few as may be
        self._room: dict[str, Range] = {}  # candidates below `max_candidates`

    def let_in(self, gate: Node, came: Range) -> Range:
        """Return how many of the candidates that come are let in.

        At best each comes to as many records as it can; at worst all are asked for in vain.
        """
        assert isinstance(gate.op, CombineOp)
        accept = self._by_id[gate.op.options["of"]]
        assert isinstance(accept.op, CombineOp)
        target, most = float(wanted(accept) or 0), accept.op.options.get("max_candidates", math.inf)
        lacking = self._lacking.setdefault(accept.id, Range(target, target, target))
        room = self._room.setdefault(accept.id, Range(most, most, most))
        each = self._yield(gate, accept)
        least = max(lacking.low / each.high, min(FIRST, lacking.low)) if each.high else math.inf
        usual = lacking.expected / each.expected if each.expected else math.inf
        found = Range(
            min(came.low, room.low, math.ceil(least) if least < math.inf else least),
            min(came.expected, room.expected, usual),
            min(came.high, room.high),
        )
        self._room[accept.id] = room.plus(found.times(-1, -1, -1))
        self._lacking[accept.id] = Range(
            max(0.0, lacking.low - found.low * each.high),
            max(0.0, lacking.expected - found.expected * each.expected),
            target,
        )
        return found

    def _yield(self, gate: Node, accept: Node) -> Range:
        """Return how many records one candidate comes to."""
        out: dict[str, Mapping[str, Range]] = {gate.id: {"main": Range(1, 1, 1)}}
        for node in self._plan.nodes:
            if node.id == accept.id:
                break
            if any(e.node in out for edges in node.inputs.values() for e in edges):
                out[node.id] = self._behind(node, out)
        came = ZERO
        for edge in accept.inputs["in"]:
            came = came.plus(out.get(edge.node, {}).get(edge.port, ZERO))
        return came
