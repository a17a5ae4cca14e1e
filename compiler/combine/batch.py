"""Batch: records are gathered by number or by weight."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
    fields_there,
    names_in,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    NUMBER,
    ListOf,
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `batch` makes of a stream."""
    step = inst.step
    if (step.size is None) == (step.target is None):
        span = flow.span(inst, key=True)
        flow.report("ATK206", "`batch` has either `size` or `target`", span)
        return None
    if step.as_ is None:
        flow.report("ATK203", "`batch` needs the key `as`", flow.span(inst, key=True))
        return None
    within = names_in(step.within)
    if not fields_there(flow, inst, record, within, "within"):
        return None
    target = (
        step.target
        if step.target is None or isinstance(step.target, int)
        else {"uniform": list(step.target.uniform)}
    )
    options = {
        "size": step.size, "target": target, "order": step.order, "within": within, "as": step.as_
    }  # fmt: skip
    expressions = {}
    read: frozenset[str] = frozenset(record.names())
    if step.weight is not None:
        weight, _, _ = flow.expression(inst, ("weight",), step.weight, record, want=NUMBER)
        expressions["weight"] = weight
    out = record.only(frozenset(within))
    out = flow.add(inst, out, Record.of({step.as_: ListOf(record)}), [], ("as",))
    order = "barrier" if step.order == "hashed" else "ordered"
    return Fitted({"main": out}, options, expressions, "n:1", order, (inst.id,), read)
