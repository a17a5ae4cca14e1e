"""The last passes over the nodes: prune, merge, gates, spill, stages. Each is a small function."""

from __future__ import annotations

from msgspec.structs import replace

from atkc.compiler.flow import Flow
from atkc.compiler.gate_findings import depths_of, report_ungated
from atkc.compiler.gates import with_gates
from atkc.compiler.plan import Edge, Node, encoded
from atkc.compiler.scope import Expansion
from atkc.compiler.spill import mark_spills
from atkc.spec.diagnostic import Diagnostic


def finish(flow: Flow, ex: Expansion) -> list[Node]:
    """Return the nodes that the runtime gets, in topological order."""
    nodes = prune(flow, ex)
    nodes = merge(nodes)
    report_ungated(flow, nodes)
    nodes = with_gates(nodes, depths_of(flow))
    nodes = mark_spills(nodes)
    return stages(handled(nodes))


def prune(flow: Flow, ex: Expansion) -> list[Node]:
    """Drop nodes from which no export can be reached; those of the root spec are reported."""
    exports = [n.id for n in flow.nodes.values() if n.op.op == "export"]
    wanted = _behind(flow, exports)
    if not flow.partial:
        mine = [id_ for id_ in flow.nodes if ex.instances[id_].root]
        spared = [id_ for id_ in mine if ex.instances[id_].path in ex.spared]
        _report_dead(flow, ex, _behind(flow, [*exports, *ex.outputs, *spared]))
    return [n for n in flow.nodes.values() if n.id in wanted]


def _behind(flow: Flow, ends: list[str]) -> set[str]:
    """Return the ends and all that they read, near and far."""
    found: set[str] = set()
    stack = [id_ for id_ in ends if id_ in flow.nodes]
    while stack:
        id_ = stack.pop()
        if id_ not in found:
            found.add(id_)
            stack += [e.node for edges in flow.nodes[id_].inputs.values() for e in edges]
    return found


def _report_dead(flow: Flow, ex: Expansion, read: set[str]) -> None:
    """Report the steps of the root spec of which no instance is read."""
    live = {ex.instances[id_].path for id_ in read if ex.instances[id_].root}
    for id_ in flow.nodes:
        inst = ex.instances[id_]
        if inst.root and inst.path[0] == "steps" and inst.path not in live:
            message = f"nobody reads `{inst.path[-1]}`, and it writes nothing"
            flow.space.report(Diagnostic("ATK320", message, flow.span(inst, key=True)))


def merge(nodes: list[Node]) -> list[Node]:
    """Let nodes that do the same to the same streams be one; exports stay apart."""
    same: dict[str, str] = {}
    first: dict[bytes, str] = {}
    out: list[Node] = []
    for node in nodes:
        inputs = {
            role: [replace(e, node=same.get(e.node, e.node)) for e in edges]
            for role, edges in node.inputs.items()
        }
        node = replace(node, inputs=inputs)
        key = encoded(replace(node, id="", place=None, type=""))
        if node.op.op != "export" and key in first:
            same[node.id] = first[key]
            continue
        first[key] = node.id
        out.append(node)
    return out


def handled(nodes: list[Node]) -> list[Node]:
    """Mark the nodes whose `failed` port somebody reads."""
    read = {e.node for e in _edges(nodes) if e.port == "failed"}
    return [replace(n, handled=True) if n.id in read else n for n in nodes]


def stages(nodes: list[Node]) -> list[Node]:
    """Number the stages: a node is one further than the barriers before it."""
    stage: dict[str, int] = {}
    out: list[Node] = []
    for node in nodes:
        before = [stage[e.node] for edges in node.inputs.values() for e in edges]
        after = max(before, default=0)
        out.append(replace(node, stage=after))
        stage[node.id] = after + (node.order == "barrier")
    return out


def _edges(nodes: list[Node]) -> list[Edge]:
    return [e for n in nodes for edges in n.inputs.values() for e in edges]
