"""Dedupe: of records with equal fields, or texts that are alike, the first stays."""

from __future__ import annotations

from typing import Any

from atkc.compiler.combine.evidence import evidence
from atkc.compiler.combine.fitting import (
    Fitted,
    fields_there,
    names_in,
)
from atkc.compiler.combine.likeness import likeness, texts_there
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    NUMBER,
    STRING,
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `dedupe` makes of a stream."""
    names = names_in(inst.raw.get("by"))
    if not names:
        flow.report("ATK203", "`dedupe` needs the key `by`", flow.span(inst, key=True))
        return None
    compared = _compared(flow, inst, record, names)
    told = evidence(flow, inst, record, record, {"similarity": NUMBER})
    if compared is None or told is None:
        return None
    options = {"by": names, "keep": "first", **compared, **told.options}
    marks = Record.of({"duplicate_of": STRING, "rejected_by": STRING})
    ports = {"main": record, "rejected": record.plus(marks).plus(told.added)}
    reads = frozenset([*names, *told.options.get("take", {}).values()])
    return Fitted(ports, options, {}, "filter", "ordered", None, reads)


def _compared(
    flow: Flow, inst: Instance, record: Record, names: list[str]
) -> dict[str, Any] | None:
    """Return the options that say when two records are the same."""
    near = likeness(flow, inst)
    if near is None:
        return None
    if not near:
        right = fields_there(flow, inst, record, names, "by")
        return {"normalise": inst.step.normalise} if right else None
    if "normalise" in inst.raw:
        span = flow.span(inst, "normalise", key=True)
        advice = "likeness looks at words alone: case, spaces and punctuation never count"
        flow.report("ATK206", "`normalise` says nothing beside `near`", span, advice)
        return None
    return near if texts_there(flow, inst, record, names, "by") else None
