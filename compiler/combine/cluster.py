"""Cluster: each record is told what it belongs together with."""

from __future__ import annotations

from atkc.compiler.combine.fitting import Fitted, fields_there, names_in
from atkc.compiler.combine.likeness import likeness, texts_there
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import STRING, Record


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `cluster` makes of a stream."""
    step = inst.step
    names = names_in(inst.raw.get("by"))
    near = likeness(flow, inst)
    if near is None or not _whole(flow, inst, names):
        return None
    right = fields_there(flow, inst, record, names, "by")
    if step.field is not None:
        right &= texts_there(flow, inst, record, [step.field], "field")
    if not right:
        return None
    options = {"by": names, **near, "as": step.as_}
    if near:
        options["field"] = step.field
    out = flow.add(inst, record, Record.of({step.as_: STRING}), [], ("as",))
    reads = frozenset([*names, *([step.field] if step.field else [])])
    return Fitted({"main": out}, options, {}, "1:1", "barrier", None, reads)


def _whole(flow: Flow, inst: Instance, names: list[str]) -> bool:
    """Return whether a step says by what records are linked, and where to write it."""
    step = inst.step
    missing = []
    if step.as_ is None:
        missing.append("the key `as`")
    if step.near is None and not names:
        missing.append("`by`, or `field` and `near`: nothing links the records")
    elif (step.near is None) != (step.field is None):
        missing.append("both `field` and `near`, or neither")
    for what in missing:
        flow.report("ATK203", f"`cluster` needs {what}", flow.span(inst, key=True))
    return not missing
