"""Split: records are dealt to named ports by hash."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Expression
from atkc.spec.rowtype import (
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `split` makes of a stream."""
    step = inst.step
    if not step.into:
        flow.report("ATK203", "`split` needs the key `into`", flow.span(inst, key=True))
        return None
    total = sum(step.into.values())
    if abs(total - 1) > 1e-9:
        span = flow.span(inst, "into")
        flow.report("ATK205", f"the shares of `into` make {total:g}, not 1", span)
        return None
    flow.port_names(inst, "into", list(step.into))
    by = inst.raw.get("by")
    expressions: dict[str, Expression] = {}
    read: frozenset[str] = frozenset()
    if isinstance(by, dict):
        value, _, read = flow.expression(inst, ("by", "hashed"), by["hashed"], record)
        expressions["by"] = value
    ports = dict.fromkeys(step.into, record)
    options = {"into": {k: float(v) for k, v in step.into.items()}}
    return Fitted(ports, options, expressions, "filter", "streaming", None, read)
