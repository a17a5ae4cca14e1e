"""`parse`: a text field becomes typed fields by a contract that stands in the step."""

from __future__ import annotations

from atkc.compiler.conditions import condition, on_failure
from atkc.compiler.flow import Flow, Made
from atkc.compiler.instance import Instance
from atkc.compiler.plan import ParseOp
from atkc.compiler.prompts import added_fields, failure_ports, read_contract, shape_of
from atkc.spec.contract import cardinality, to_json
from atkc.spec.rowtype import STRING, Fit, fits, show


def make_parse(flow: Flow, inst: Instance) -> Made | None:
    """Return the node of a `parse` step."""
    record = flow.incoming(inst)
    if record is None:
        return None
    step = inst.step
    found = record.get(step.field)
    if found is None:
        flow.unknown_field(inst, ("field",) if "field" in inst.raw else (), step.field, record)
        return None
    if fits(found.type, STRING) is not Fit.YES:
        message = f"`{step.field}` is {show(found.type)}; only a text can be parsed"
        flow.report("ATK402", message, flow.span(inst, "field"))
    if step.on_failure.resample:
        flow.report(
            "ATK316",
            "a parse asks nobody again: only the prompt that made the text could",
            flow.span(inst, "on_failure", "resample"),
            "write the reply contract into the prompt file; then the prompt step resamples",
        )
    contract = read_contract(flow, inst, inst.document, step.reply, (*inst.path, "reply"))
    if contract is None:
        return None
    shape = shape_of(flow, inst, step.each, step.as_)
    if shape is None:
        return None
    added = added_fields(contract, shape)
    guard, added, read = condition(flow, inst, record, added)
    failing, added = on_failure(flow, inst, added)
    out = flow.add(inst, record, added, step.replace, ())
    expand = cardinality(contract) == "1:n" and shape.kind != "list"
    op = ParseOp(
        field=step.field,
        contract=to_json(contract),
        shape=shape,
        expand=expand,
        on_failure=failing,
        condition=guard,
    )
    lineage = flow.ordinals(inst)
    return Made(
        op,
        {"main": out, **failure_ports(record)},
        "1:n" if expand else "1:1",
        reads=frozenset({step.field}) | read,
        lineage=(*lineage, inst.id) if expand else lineage,
    )
