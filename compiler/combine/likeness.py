"""Near-duplicates: the keys `near`, `shingle` and `permutations`, and texts to compare."""

from __future__ import annotations

from typing import Any

from atkc.compiler.combine.fitting import fields_there
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import STRING, Fit, Record, fits, nullable, show

KEYS = frozenset({"near", "shingle", "permutations"})


def likeness(flow: Flow, inst: Instance) -> dict[str, Any] | None:
    """Return the options of likeness, empty without `near`; None after a finding."""
    step = inst.step
    if step.near is not None:
        return {"near": step.near, "shingle": step.shingle, "permutations": step.permutations}
    idle = [key for key in ("shingle", "permutations") if key in inst.raw]
    for key in idle:
        span = flow.span(inst, key, key=True)
        flow.report("ATK206", f"`{key}` says nothing without `near`", span)
    return None if idle else {}


def texts_there(flow: Flow, inst: Instance, record: Record, names: list[str], key: str) -> bool:
    """Return whether a record has all fields and each is text, or null; others are reported."""
    if not fields_there(flow, inst, record, names, key):
        return False
    right = True
    for name in names:
        found = record.get(name)
        assert found is not None
        if fits(found.type, nullable(STRING)) is Fit.NO:
            right = False
            message = f"`{name}` is {show(found.type)}; texts are compared here"
            flow.report("ATK420", message, flow.span(inst, key))
    return right
