"""The front of the compiler: a file and values in, a plan and findings out.

The passes, in order: load · structure · params · expand · link · flow (types) · prune · merge ·
gates · spill · stages.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from atkc.compiler.budget import budget_of
from atkc.compiler.failure_limit import failure_limit
from atkc.compiler.finish import finish, merge, prune
from atkc.compiler.gate_findings import report_ungated
from atkc.compiler.graph import typed
from atkc.compiler.load import Document, Workspace, span_at
from atkc.compiler.params import Given, Params
from atkc.compiler.plan import Gate, Node, ParamValue, Plan, asked_model
from atkc.compiler.scope import Expansion
from atkc.compiler.switches import other_ways
from atkc.compiler.unread import unread_params
from atkc.spec.diagnostic import Diagnostic, has_errors
from atkc.spec.places import SCHEME, Resolved
from atkc.spec.signature import Library
from atkc.spec.source import Source


class Compiled(Struct, frozen=True):
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
    ex, flow = typed(space, document, given or [], checking=only_check)
    if not has_errors(space.diagnostics):  # a misspelt name would be reported twice
        space.report(*unread_params(space))
    output = _output(space, document, ex)
    gate = _gate(space, document, ex)
    budget = budget_of(ex, document)
    plan = None
    if only_check and not has_errors(space.diagnostics):
        report_ungated(flow, merge(prune(flow, ex)))
        space.report(*other_ways(space, document, given or [], ex))
    elif not has_errors(space.diagnostics):
        nodes = finish(flow, ex)
        used = _used_models(nodes, ex)
        data = document.data
        plan = Plan(
            name=data["name"],
            description=data.get("description", ""),
            seed=data.get("seed", 0),
            tokenizer=data.get("tokenizer", "cl100k"),
            output=output,
            max_failures=gate,
            budget=budget,
            params={
                n: ParamValue(value=v, origin=ex.params.origins[n])
                for n, v in ex.params.values.items()
            },
            models={n: m for n, m in ex.models.items() if n in used},
            nodes=nodes,
        )
    unset = tuple(ex.unset)
    return Compiled(plan, tuple(space.diagnostics), unset, space.sources, ex.params)


def _output(space: Workspace, document: Document, ex: Expansion) -> str:
    """Return the folder that the spec names for its outputs, else nothing."""
    if "output" not in document.data:
        return ""
    value, problems = space.fill(document.data["output"], {"params": ex.params.constant()})
    span = span_at(document.root, ("output",))
    space.report(*(problem.at(span) for _, problem in problems))
    if not isinstance(value, str):
        return ""  # null: the folder is named like the spec
    place = value if isinstance(value, Resolved) else space.locate(value, document.path, span)
    if place is not None and place.startswith(SCHEME):
        space.report(Diagnostic("ATK002", "outputs cannot go to what ships with atkc", span))
    return place or ""


def _gate(space: Workspace, document: Document, ex: Expansion) -> Gate | None:
    """Return the limit of failed records that the spec states for a run."""
    if document.data.get("max_failures") is None:
        return None
    value, problems = space.fill(document.data["max_failures"], {"params": ex.params.constant()})
    span = span_at(document.root, ("max_failures",))
    space.report(*(problem.at(span) for _, problem in problems))
    found = failure_limit(value) if isinstance(value, str | int | float) else None
    if problems or found is None:
        return None  # null: there is none
    if isinstance(found, str):
        space.report(Diagnostic("ATK205", found, span))
        return None
    return found


def _used_models(nodes: list[Node], ex: Expansion) -> set[str]:
    """Return the names of the models that nodes call, fallbacks of fallbacks included."""
    used: set[str] = set()
    more = {name for n in nodes if (name := asked_model(n.op))}
    while more:
        used |= more
        more = {f for name in more for f in ex.models[name].fallback} - used
    return used
