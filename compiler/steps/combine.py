"""`combine`: an operator over whole streams."""

from __future__ import annotations

from atkc.compiler.combine.fitting import FAILED, Operator
from atkc.compiler.combine.table import OPERATORS
from atkc.compiler.flow import Flow, Made
from atkc.compiler.instance import Instance
from atkc.compiler.plan import CombineOp
from atkc.spec.rowtype import Record
from atkc.spec.suggest import hint

# Keys of a combine step that are not an operator's own.
_COMMON = {"type", "description", "op", "from", "when", "else", "for_each", "label", "max_failures"}


def make_combine(flow: Flow, inst: Instance) -> Made | None:
    """Return the node of a `combine` step."""
    step = inst.step
    operator = OPERATORS.get(step.op)
    if operator is None:
        helps = hint(step.op, OPERATORS) or "use one of " + ", ".join(OPERATORS)
        flow.report("ATK304", f"there is no operator `{step.op}`", flow.span(inst, "op"), helps)
        return None
    if not _keys(flow, inst, operator) or not _roles(flow, inst, operator):
        return None
    record = flow.incoming(inst, operator.roles[0])
    if record is None:
        if not operator.empty or flow.poisoned(inst):
            return None
        record = Record()
    sides = {name: f"side.{name}" for name in step.sides}
    if not _sides_are_there(flow, inst):
        return None
    made = operator.make(flow, inst, record)
    if made is None:
        return None
    lineage = flow.ordinals(inst, operator.roles[0]) if made.lineage is None else made.lineage
    if made.expressions or made.model:  # either may fail for one record
        made.ports.setdefault("failed", record.plus(FAILED))
    op = CombineOp(
        operator=step.op,
        options=made.options,
        expressions=made.expressions,
        model=made.model,
        sides=sides,
    )
    return Made(
        op, made.ports, made.cardinality, order=made.order, lineage=lineage, reads=made.reads
    )


def _sides_are_there(flow: Flow, inst: Instance) -> bool:
    """Return whether each side has a type; one that no step feeds is reported."""
    right = True
    for name in inst.step.sides:
        role = f"side.{name}"
        if flow.incoming(inst, role) is None:
            right = False
            if not flow.poisoned(inst, role):
                message = f"the side `{name}` is empty: what it reads is switched off"
                flow.report("ATK420", message, flow.span(inst, "sides", name))
    return right


def _keys(flow: Flow, inst: Instance, operator: Operator) -> bool:
    right = True
    for key in inst.raw:
        if key not in operator.keys and key not in _COMMON:
            right = False
            known = ", ".join(f"`{k}`" for k in sorted(operator.keys)) or "none"
            span = flow.span(inst, key, key=True)
            flow.report(
                "ATK201", f"`{inst.step.op}` has no key `{key}`", span, f"its keys: {known}"
            )
    return right


def _roles(flow: Flow, inst: Instance, operator: Operator) -> bool:
    given = [r for r in inst.inputs if not r.startswith("side.")]
    if set(given) == set(operator.roles):
        return True
    wanted = ", ".join(f"`{r}`" for r in operator.roles)
    helps = "write `from: {" + ", ".join(f"{r}: …" for r in operator.roles) + "}`"
    if operator.roles == ("in",):
        wanted, helps = "one stream or a list of them", "write `from: step`"
    span = flow.span(inst, "from")
    flow.report("ATK206", f"`{inst.step.op}` takes {wanted}", span, helps)
    return False
