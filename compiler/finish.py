"""The last passes over the nodes: prune, merge, spill, stages. Each is a small function."""

from __future__ import annotations

from atkc.compiler.flow import Flow
from atkc.compiler.plan import Edge, Node
from atkc.compiler.scope import Expansion
from atkc.compiler.spill import mark_spills
from atkc.spec.diagnostic import Diagnostic

_FREE = ("label", "border")


def finish(flow: Flow, ex: Expansion) -> list[Node]:
    """Return the nodes that the runtime gets, in topological order."""
    nodes = prune(flow, ex)
    nodes = merge(nodes)
    nodes = mark_spills(nodes)
    return stages(handled(nodes))


def prune(flow: Flow, ex: Expansion) -> list[Node]:
    """Drop nodes from which no export can be reached; those of the root spec are reported."""
    wanted: set[str] = set()
    stack = [n.id for n in flow.nodes.values() if n.op.op == "export"]
    while stack:
        id_ = stack.pop()
        if id_ not in wanted:
            wanted.add(id_)
            stack += [e.node for edges in flow.nodes[id_].inputs.values() for e in edges]
    for id_, node in flow.nodes.items():
        inst = ex.instances[id_]
        if id_ not in wanted and inst.root and inst.path[0] == "steps" and node.type != "label":
            name = inst.path[-1]
            span = flow.span(inst, key=True)
            message = f"nobody reads `{name}`, and it writes nothing"
            flow.space.report(Diagnostic("ATK320", message, span))
    return [n for n in flow.nodes.values() if n.id in wanted]


def merge(nodes: list[Node]) -> list[Node]:
    """Let nodes that do the same to the same streams be one; exports stay apart."""
    same: dict[str, str] = {}
    first: dict[str, str] = {}
    out: list[Node] = []
    for node in nodes:
        inputs = {
            role: [e.model_copy(update={"node": same.get(e.node, e.node)}) for e in edges]
            for role, edges in node.inputs.items()
        }
        node = node.model_copy(update={"inputs": inputs})
        key = node.model_dump_json(exclude={"id", "place", "type"})
        if node.op.op != "export" and key in first:
            same[node.id] = first[key]
            continue
        first[key] = node.id
        out.append(node)
    return out


def handled(nodes: list[Node]) -> list[Node]:
    """Mark the nodes whose `failed` port somebody reads."""
    read = {e.node for e in _edges(nodes) if e.port == "failed"}
    return [n.model_copy(update={"handled": True}) if n.id in read else n for n in nodes]


def stages(nodes: list[Node]) -> list[Node]:
    """Number the stages: a node is one further than the barriers before it."""
    stage: dict[str, int] = {}
    out: list[Node] = []
    for node in nodes:
        before = [stage[e.node] for edges in node.inputs.values() for e in edges]
        after = max(before, default=0)
        out.append(node.model_copy(update={"stage": after}))
        stage[node.id] = after + (node.order == "barrier")
    return out


def _edges(nodes: list[Node]) -> list[Edge]:
    return [e for n in nodes for edges in n.inputs.values() for e in edges]
