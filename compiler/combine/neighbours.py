"""Neighbours: each record of a query gets the nearest records of a pool."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
    fields_there,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    Field,
    ListOf,
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `neighbours` makes of a stream."""
    step = inst.step
    pool = flow.incoming(inst, "pool")
    if step.field is None or step.as_ is None or step.take is None:
        for key, value in (("field", step.field), ("as", step.as_), ("take", step.take)):
            if value is None:
                span = flow.span(inst, key=True)
                flow.report("ATK203", f"`neighbours` needs the key `{key}`", span)
        return None
    if pool is None:
        pool = record
    right = fields_there(flow, inst, record, [step.field], "field")
    right &= fields_there(flow, inst, pool, [step.field], "field")
    kinds: dict[str, Field] = {}
    for new, old in step.take.items():
        found = pool.get(old)
        if found is None:
            flow.unknown_field(inst, ("take", new), old, pool)
            right = False
        else:
            kinds[new] = found
    if not right:
        return None
    options = {
        "field": step.field,
        "top": step.top or 3,
        "scorer": step.scorer,
        "exclude": step.exclude,
        "take": dict(step.take),
        "as": step.as_,
        "budget": dict(step.budget) if step.budget else None,
    }
    added = Record.of({step.as_: ListOf(Record(tuple(kinds.items())))})
    out = flow.add(inst, record, added, [], ("as",))
    return Fitted({"main": out}, options, {}, "1:1", "barrier", None, frozenset({step.field}))
