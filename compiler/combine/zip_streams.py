"""Zip: records of two streams side by side."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
)
from atkc.compiler.flow import Flow, visible
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `zip` makes of a stream."""
    other = flow.incoming(inst, "right")
    if other is None:
        return None
    out = flow.add(inst, record, visible(other), [], ("from",))
    return Fitted({"main": out}, {}, {}, "n:n", "barrier", (inst.id,))
