"""Measure: one record of counts and sums."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Expression
from atkc.spec.rowtype import (
    INTEGER,
    NUMBER,
    Record,
    Type,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `measure` makes of a stream."""
    step = inst.step
    if not step.of:
        flow.report("ATK203", "`measure` needs the key `of`", flow.span(inst, key=True))
        return None
    kinds: dict[str, str] = {}
    expressions: dict[str, Expression] = {}
    added: dict[str, Type] = {}
    read: frozenset[str] = frozenset()
    for name, text in step.of.items():
        inner = text.strip()
        if inner == "count":
            kinds[name], added[name] = "count", INTEGER
            continue
        if not (inner.startswith("sum(") and inner.endswith(")")):
            span = flow.span(inst, "of", name)
            flow.report("ATK404", f"`{text}` is neither `count` nor `sum(…)`", span)
            return None
        kinds[name] = "sum"
        shift = text.index("sum(") + 4
        path = ("of", name)
        value, kind, more = flow.expression(
            inst, path, inner[4:-1], record, want=NUMBER, shift=shift
        ) if record.fields else (Expression(text=inner[4:-1]), INTEGER, frozenset())  # fmt: skip
        expressions[name], added[name] = value, kind
        read |= more
    out = Record.of(added)
    return Fitted({"main": out}, {"kinds": kinds}, expressions, "n:1", "barrier", (inst.id,), read)
