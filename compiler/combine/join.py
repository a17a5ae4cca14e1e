"""Join: each record gets fields of the record with equal fields."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
    fields_there,
    names_in,
)
from atkc.compiler.flow import Flow, visible
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    STRING,
    Record,
    Type,
    nullable,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `join` makes of a stream."""
    step = inst.step
    other = flow.incoming(inst, "right")
    names = names_in(inst.raw.get("by"))
    if other is None or not names:
        if not names:
            flow.report("ATK203", "`join` needs the key `by`", flow.span(inst, key=True))
        return None
    right = fields_there(flow, inst, record, names, "by") and fields_there(
        flow, inst, other, names, "by"
    )
    take = step.take or {n: n for n in visible(other).names() if n not in names}
    kinds: dict[str, Type] = {}
    for new, old in take.items():
        found = other.get(old)
        if found is None:
            flow.unknown_field(inst, ("take", new), old, other)
            right = False
            continue
        kinds[new] = nullable(found.type) if step.missing == "null" else found.type
    if not right:
        return None
    out = flow.add(inst, record, Record.of(kinds), [], ("take",))
    options = {"by": names, "take": dict(take), "missing": step.missing}
    ports = {"main": out, "rejected": record.plus(Record.of({"rejected_by": STRING}))}
    return Fitted(ports, options, {}, "filter", "barrier", None, frozenset(names))
