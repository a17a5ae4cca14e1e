"""The graph of a spec: its instances, and their types along every edge."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from atkc.compiler.expand import expand
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.load import Document, Workspace, span_at
from atkc.compiler.outfiles import check_paths
from atkc.compiler.params import Given
from atkc.compiler.scope import Expansion, Scope
from atkc.compiler.steps.border import make_border, make_label, make_opaque
from atkc.compiler.steps.combine import make_combine
from atkc.compiler.steps.export import make_export
from atkc.compiler.steps.map import make_map
from atkc.compiler.steps.parse import make_parse
from atkc.compiler.steps.prompt import make_prompt
from atkc.compiler.steps.source import make_input, make_source
from atkc.compiler.steps.vote import make_vote
from atkc.spec.diagnostic import Diagnostic

MAKERS = {
    "source": make_source,
    "input": make_input,
    "border": make_border,
    "label": make_label,
    "opaque": make_opaque,
    "prompt": make_prompt,
    "parse": make_parse,
    "vote-filter": make_vote,
    "map": make_map,
    "combine": make_combine,
    "export": make_export,
    "output": make_export,
}


def typed(
    space: Workspace,
    document: Document,
    given: list[Given],
    *,
    opaque: bool = False,
    checking: bool = False,
    before: Scope | None = None,
) -> tuple[Expansion, Flow]:
    """Return the instances of a spec and their types; what is found goes to the workspace.

    With `opaque` modules are not looked into: they hand out what their outputs declare. With
    `checking` equal uses of one are looked into once; `before` is what `expand` says.
    """
    ex = expand(space, document, given, opaque=opaque, checking=checking, before=before)
    flow = Flow(space, ex.models, document.data.get("tokenizer", "cl100k"), opaque=opaque)
    if ex.whole:
        for inst in ordered(ex):
            flow.enter(inst, MAKERS[inst.kind])
        check_paths(flow, ex)
    return ex, flow


def ordered(ex: Expansion) -> list[Instance]:
    """Return the instances so that each follows what it reads; nothing after reporting a circle."""
    edges = {
        id_: [t.id for ts in inst.inputs.values() for t in ts if t.id in ex.instances]
        for id_, inst in ex.instances.items()
    }
    try:
        return [ex.instances[id_] for id_ in TopologicalSorter(edges).static_order()]
    except CycleError as error:
        ring: list[str] = error.args[1]
        first = ex.instances[ring[0]]
        span = span_at(first.document.root, first.path, key=True)
        message = f"these read each other in a circle: {' → '.join(reversed(ring))}"
        ex.report(Diagnostic("ATK310", message, span))
        return []
