"""Dedupe: of records with equal fields the first stays."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
    fields_there,
    names_in,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    STRING,
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `dedupe` makes of a stream."""
    step = inst.step
    names = names_in(inst.raw.get("by"))
    if not names:
        flow.report("ATK203", "`dedupe` needs the key `by`", flow.span(inst, key=True))
        return None
    if not fields_there(flow, inst, record, names, "by"):
        return None
    options = {"by": names, "normalise": step.normalise, "keep": "first"}
    rejected = record.plus(Record.of({"duplicate_of": STRING, "rejected_by": STRING}))
    ports = {"main": record, "rejected": rejected}
    return Fitted(ports, options, {}, "filter", "ordered", None, frozenset(names))
