"""The front of the compiler: a file and values in, a plan and findings out.

The passes, in order: load · structure · params · expand · link · flow (types) · prune · merge ·
spill · stages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from atkc.compiler.expand import expand
from atkc.compiler.finish import finish, prune
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.load import Workspace, span_at
from atkc.compiler.outfiles import check_paths
from atkc.compiler.params import Given, Params
from atkc.compiler.plan import Node, ParamValue, Plan
from atkc.compiler.scope import Expansion
from atkc.compiler.steps.border import make_border, make_label
from atkc.compiler.steps.combine import make_combine
from atkc.compiler.steps.export import make_export
from atkc.compiler.steps.map import make_map
from atkc.compiler.steps.parse import make_parse
from atkc.compiler.steps.prompt import make_prompt
from atkc.compiler.steps.source import make_input, make_source
from atkc.compiler.steps.vote import make_vote
from atkc.spec.diagnostic import Diagnostic, has_errors
from atkc.spec.signature import Library
from atkc.spec.source import Source

MAKERS = {
    "source": make_source,
    "input": make_input,
    "border": make_border,
    "label": make_label,
    "prompt": make_prompt,
    "parse": make_parse,
    "vote-filter": make_vote,
    "map": make_map,
    "combine": make_combine,
    "export": make_export,
    "output": make_export,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """The plan, or None where there are errors; `unset` are values that a run needs first."""

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    unset: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    params: Params = field(default_factory=Params)


def compile_file(
    path: str, library: Library, given: list[Given] | None = None, *, only_check: bool = False
) -> Compiled:
    """Return the plan of a spec. `path` is in resolved notation (`spec.places.canonical`).

    `only_check` stops after the last pass that can find something: there is no plan then.
    """
    space = Workspace(library)
    document = space.document(path, "pipeline")
    if document is None:
        return Compiled(None, tuple(space.diagnostics), sources=space.sources)
    ex = expand(space, document, given or [])
    flow = Flow(space, ex.models, document.data.get("tokenizer", "cl100k"))
    if ex.whole:
        for inst in ordered(ex):
            flow.enter(inst, MAKERS[inst.kind])
        check_paths(flow, ex)
    plan = None
    if only_check and not has_errors(space.diagnostics):
        prune(flow, ex)
    elif not has_errors(space.diagnostics):
        nodes = finish(flow, ex)
        used = _used_models(nodes, ex)
        data = document.data
        plan = Plan(
            name=data["name"],
            description=data.get("description", ""),
            seed=data.get("seed", 0),
            tokenizer=data.get("tokenizer", "cl100k"),
            params={
                n: ParamValue(value=v, origin=ex.params.origins[n])
                for n, v in ex.params.values.items()
            },
            models={n: m for n, m in ex.models.items() if n in used},
            nodes=nodes,
            output=path.rpartition("/")[2].rpartition(".")[0],
        )
    unset = tuple(ex.unset)
    return Compiled(plan, tuple(space.diagnostics), unset, space.sources, ex.params)


def _used_models(nodes: list[Node], ex: Expansion) -> set[str]:
    """Return the names of the models that nodes call, fallbacks of fallbacks included."""
    used: set[str] = set()
    more = {n.op.model for n in nodes if n.op.op in ("prompt", "vote")}
    while more:
        used |= more
        more = {f for name in more for f in ex.models[name].fallback} - used
    return used


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
