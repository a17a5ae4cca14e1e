"""Decontaminate: records that share a run of words with another stream are turned away."""

from __future__ import annotations

from atkc.compiler.combine.evidence import evidence
from atkc.compiler.combine.fitting import Fitted
from atkc.compiler.combine.likeness import texts_there
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import STRING, Record


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `decontaminate` makes of a stream."""
    step = inst.step
    other = flow.incoming(inst, "against")
    if step.field is None:
        message = "`decontaminate` needs the key `field`"
        flow.report("ATK203", message, flow.span(inst, key=True))
        return None
    if other is None and flow.poisoned(inst, "against"):
        return None
    theirs, key = step.field, "field"
    if step.against_field is not None:
        theirs, key = step.against_field, "against_field"
    right = texts_there(flow, inst, record, [step.field], "field")
    if other is not None:  # else nothing comes from there, and all records pass
        right &= texts_there(flow, inst, other, [theirs], key)
    told = evidence(flow, inst, record, other, {"matched": STRING})
    if not right or told is None:
        return None
    options = {
        "field": step.field, "against_field": theirs, "words": step.words, **told.options
    }  # fmt: skip
    rejected = record.plus(told.added).plus(Record.of({"rejected_by": STRING}))
    ports = {"main": record, "rejected": rejected}
    return Fitted(ports, options, {}, "filter", "barrier", None, frozenset({step.field}))
