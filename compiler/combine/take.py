"""Take: the first records, or some by hash: a number, a share, a budget of tokens."""

from __future__ import annotations

from typing import Any

from atkc.compiler.combine import accept
from atkc.compiler.combine.fitting import (
    Fitted,
    sides_of,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Expression
from atkc.spec.rowtype import (
    NUMBER,
    STRING,
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `take` makes of a stream."""
    step = inst.step
    hashed = inst.raw.get("hashed")
    ways = [key for key in ("first", "hashed", "accept") if key in inst.raw]
    if len(ways) != 1:
        message = "`take` has one of `first`, `hashed`, `accept`"
        flow.report("ATK206", message, flow.span(inst, key=True))
        return None
    if ways == ["accept"]:
        return accept.fit(flow, inst, record)
    strange = sorted(accept.KEYS & inst.raw.keys())
    if strange:
        span = flow.span(inst, strange[0], key=True)
        flow.report("ATK206", f"`{strange[0]}` is there only with `accept`", span)
        return None
    options: dict[str, Any] = {"shortage": step.shortage}
    expressions: dict[str, Expression] = {}
    read: frozenset[str] = frozenset()
    order = "barrier"
    if "first" in inst.raw:
        options["first"], order = step.first, "ordered"
    elif isinstance(hashed, dict) and "tokens" in hashed:
        sides = sides_of(flow, inst)
        path = ("hashed", "tokens")
        budget, _, _ = flow.expression(
            inst, path, hashed["tokens"], Record(), sides=sides, want=NUMBER
        )
        path = ("hashed", "weigh")
        weigh, _, read = flow.expression(inst, path, hashed["weigh"], record, want=NUMBER)
        expressions = {"tokens": budget, "weigh": weigh}
    elif isinstance(hashed, dict):
        options["share"] = hashed["share"]
    else:
        options["hashed"] = hashed
    ports = {"main": record, "rejected": record.plus(Record.of({"rejected_by": STRING}))}
    return Fitted(ports, options, expressions, "filter", order, None, read)
