"""Sort: the order of expressions."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Expression
from atkc.spec.rowtype import (
    NUMBER,
    STRING,
    Fit,
    Record,
    fits,
    nullable,
    show,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `sort` makes of a stream."""
    by = inst.raw.get("by")
    texts = by if isinstance(by, list) else [by]
    if by is None:
        flow.report("ATK203", "`sort` needs the key `by`", flow.span(inst, key=True))
        return None
    expressions: dict[str, Expression] = {}
    read: frozenset[str] = frozenset()
    for i, text in enumerate(texts):
        path = ("by", i) if isinstance(by, list) else ("by",)
        value, kind, more = flow.expression(inst, path, text, record)
        if fits(kind, nullable(NUMBER)) is Fit.NO and fits(kind, nullable(STRING)) is Fit.NO:
            span = flow.span(inst, *path)
            flow.report("ATK402", f"`{text}` is {show(kind)}, which has no order", span)
        expressions[f"by.{i}"] = value
        read |= more
    down = inst.step.descending
    options = {"descending": [down] * len(texts) if isinstance(down, bool) else list(down)}
    return Fitted({"main": record}, options, expressions, "n:n", "barrier", (inst.id,), read)
