"""A plan's nodes and edges made live: queues for inputs, ends of queues for ports."""

from __future__ import annotations

from collections import defaultdict

from atkc.compiler.plan import CombineOp, MapOp, Node, Plan
from atkc.runtime.edge import Edge, Tap
from atkc.runtime.failures import Failures
from atkc.runtime.ledger import Tally
from atkc.runtime.ports import Ports, Sink
from atkc.runtime.settings import Settings
from atkc.runtime.stage import Run, Stage
from atkc.runtime.tokens import Mark
from atkc.runtime.yields import Rejects, sorters


def wire(run: Run, failures: Failures) -> list[Stage]:
    """Return the stages of a plan, connected, in topological order."""
    plan, settings = run.plan, run.settings
    sinks: dict[str, dict[str, list[Sink]]] = {node.id: defaultdict(list) for node in plan.nodes}
    inputs = {node.id: _inputs(node, settings, sinks) for node in plan.nodes}
    for node in plan.nodes:
        if "failed" not in sinks[node.id]:
            sinks[node.id]["failed"].append(failures.sink(node.id, settings.spool))
    depths = depths_of(plan)
    sorting = sorters(plan)
    return [
        Stage(
            n,
            run,
            inputs[n.id],
            Ports(sinks[n.id]),
            _tallies(n, list(inputs[n.id])),
            depths[n.id],
            Rejects(n, quiet=n.id in sorting),
        )
        for n in plan.nodes
    ]


def depths_of(plan: Plan) -> dict[str, int]:
    """Return for each node the most steps that lie between it and a source."""
    depths: dict[str, int] = {}
    for node in plan.nodes:
        before = [depths[edge.node] for edges in node.inputs.values() for edge in edges]
        depths[node.id] = max(before, default=-1) + 1
    return depths


def _inputs(
    node: Node, settings: Settings, sinks: dict[str, dict[str, list[Sink]]]
) -> dict[str, Edge]:
    found = {}
    for role, edges in node.inputs.items():
        spill = settings.spool if any(edge.spill for edge in edges) else None
        queue = Edge(settings.queue, len(edges), spill)
        if len(edges) != 1:  # several edges of one role are a concat
            queue.put(Mark((), len(edges)))
        for index, edge in enumerate(edges):
            prefix = (index,) if len(edges) > 1 else ()
            sinks[edge.node][edge.port].append(Tap(queue, prefix, edge.spill))
        found[role] = queue
    if node.op.op != "source" and not set(found) - _side_roles(node):
        found["in"] = Edge(settings.queue, 0)  # all that it read was left out by `when`
        found["in"].put(Mark((), 0))
    return found


def _side_roles(node: Node) -> set[str]:
    return set(node.op.sides.values()) if isinstance(node.op, CombineOp) else set()


def _tallies(node: Node, roles: list[str]) -> dict[str, Tally]:
    """Return the books of a node: one for each role, or for each action of a map."""
    op = node.op
    if isinstance(op, MapOp) and len(op.actions) > 1:
        names = [f"{node.id}.{number}" for number in range(1, len(op.actions) + 1)]
        return {name: Tally(name) for name in names}
    if not isinstance(op, CombineOp) or len(roles) < 2:
        return {role: Tally(node.id) for role in roles or [""]}
    return {role: Tally(node.id, role) for role in roles}
