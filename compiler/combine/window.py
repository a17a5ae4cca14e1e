"""Window: each record gets those around it."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
    fields_there,
    names_in,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    ANY,
    ListOf,
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `window` makes of a stream."""
    step = inst.step
    if step.as_ is None:
        flow.report("ATK203", "`window` needs the key `as`", flow.span(inst, key=True))
        return None
    take = step.take or {n: n for n in record.names() if not n.startswith("^")}
    if not fields_there(flow, inst, record, list(take.values()), "take"):
        return None
    within = names_in(step.within)
    if not fields_there(flow, inst, record, within, "within"):
        return None
    near = ListOf(Record.of({new: record.get(old) or ANY for new, old in take.items()}))
    added = Record.of({step.as_: Record.of({"before": near, "after": near})})
    options = {
        "before": step.before, "after": step.after, "within": within,
        "take": dict(take), "as": step.as_,
    }  # fmt: skip
    out = flow.add(inst, record, added, [], ("as",))
    return Fitted({"main": out}, options, {}, "1:1", "ordered", None, frozenset(take.values()))
