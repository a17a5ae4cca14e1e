"""`source`, and an input of a spec that runs alone: records come from a reader."""

from __future__ import annotations

from typing import Any

from atkc.compiler.bindings import infer
from atkc.compiler.flow import FAILURE, Flow, Made
from atkc.compiler.instance import Instance
from atkc.compiler.options import settle
from atkc.compiler.plan import SourceOp
from atkc.compiler.records import Anchored, record_type
from atkc.spec.rowtype import ANY, STRING, ListOf, Record, non_null, to_notation
from atkc.spec.suggest import hint


def make_source(flow: Flow, inst: Instance) -> Made | None:
    """Return the node of a `source` step."""
    fields = inst.raw.get("fields")
    declared = None
    if fields is not None:
        path = (*inst.path, "fields")
        declared = record_type(flow.space, inst.document, fields, path)
        if declared is None:
            return None
    return _source(flow, inst, ("with",), declared, inst.step.extra)


def make_input(flow: Flow, inst: Instance) -> Made | None:
    """Return the node that reads the default of an input; its type is the declared one."""
    return _source(flow, inst, ("default", "with"), inst.detail, inst.step.extra)


def _source(
    flow: Flow, inst: Instance, path: tuple[str, ...], declared: Any, extra: str
) -> Made | None:
    readers = flow.space.library.readers
    reader = readers.get(inst.step.read)
    if reader is None:
        span = flow.span(inst, *path[:-1], "read")
        message = f"there is no reader `{inst.step.read}`"
        helps = hint(inst.step.read, readers) or "use one of " + ", ".join(sorted(readers))
        flow.report("ATK304", message, span, helps)
        return None
    options = settle(flow, inst, path, inst.step.with_, reader.options, reader.name)
    if options is None:
        return None
    kind = declared if declared is not None else reader.fields
    if kind is None and reader.name == "inline":
        rows = infer(options.get("rows", []))
        kind = rows.item if isinstance(rows, ListOf) and rows.item != ANY else Record()
    if not isinstance(kind, Record):
        flow.report(
            "ATK203",
            f"reader `{reader.name}` needs `fields:`",
            flow.span(inst, key=True),
            "state the type of its rows: `fields: {question: string, …}`",
        )
        return None
    is_open = reader.fields is None
    op = SourceOp(
        reader=reader.name,
        version=reader.version,
        options=options,
        fields=to_notation(kind) if is_open or declared is not None else None,
        defaults=_defaults(flow, inst, kind) if declared is not None else {},
        extra=extra,  # type: ignore[arg-type]
        content=None if reader.content is None else list(reader.content),
    )
    failed = Record.of({"source": STRING, "failure": FAILURE})
    return Made(op, {"main": kind, "failed": failed}, "0:n", lineage=(inst.id,))


def _defaults(flow: Flow, inst: Instance, kind: Record) -> dict[str, Any]:
    """Return what a row gets for the fields that it leaves out, as `SourceOp.defaults` tells."""
    out: dict[str, Any] = {}
    for name, field in kind.items():
        told: dict[str, Any] = {}
        if field.rule is not None and field.rule.has_default:
            raw = field.rule.default
            text = raw.raw if isinstance(raw, Anchored) else raw
            told["value"], problems = flow.space.fill(text, inst.constants)
            for _, problem in problems:
                flow.space.report(problem.at(flow.span(inst, key=True)))
        inner = non_null(field.type)
        if isinstance(inner, Record):
            told |= _under("inside", _defaults(flow, inst, inner))
        elif isinstance(inner, ListOf) and isinstance(inner.item, Record):
            told |= _under("each", _defaults(flow, inst, inner.item))
        if told:
            out[name] = told
    return out


def _under(key: str, told: dict[str, Any]) -> dict[str, Any]:
    return {key: told} if told else {}
