"""`if:` and `else:`: a record that passes by, or whose reply failed, goes on with other values."""

from __future__ import annotations

from msgspec.structs import replace

from atkc.compiler.flow import FAILURE, Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Condition, Expression, OnFailure
from atkc.spec.rowtype import BOOLEAN, Record, Type, join, nullable, show


def condition(
    flow: Flow, inst: Instance, record: Record, added: Record
) -> tuple[Condition | None, Record, frozenset[str]]:
    """Return the condition of a step, the added fields as they are then, and the fields it reads.

    Without a value in `else:` a new field is null, and one that is replaced stays as it is.
    """
    others = inst.step.else_ if isinstance(getattr(inst.step, "else_", None), dict) else {}
    fallible = getattr(inst.step, "on_failure", None)
    if inst.step.if_ is None and (fallible is None or fallible.then != "else"):
        if others:
            message = "nothing leads to these values: there is no `if`"
            advice = "add `if: …`" + ("" if fallible is None else " or `on_failure: {then: else}`")
            flow.report("ATK206", message, flow.span(inst, "else", key=True), advice)
        return None, added, frozenset()
    text = True if inst.step.if_ is None else inst.step.if_
    test, _, read = flow.expression(inst, ("if",), text, record, want=BOOLEAN)
    values: dict[str, Expression] = {}
    kinds: dict[str, Type] = {}
    for name, written in others.items():
        value, kind, more = flow.expression(inst, ("else", name), written, record)
        values[name] = value
        read |= more
        known = added.get(name)
        if known is None:
            flow.unknown_field(inst, ("else", name), name, added)
            continue
        both = join(kind, known.type)
        if both is None:
            message = f"`{name}` is {show(known.type)}; `else` gives {show(kind)}"
            flow.report("ATK420", message, flow.span(inst, "else", name))
        kinds[name] = both or known.type
    for name, field in added.items():
        if name in kinds:
            continue
        before = record.get(name)
        if before is None:
            values[name], kinds[name] = Expression(text="null"), nullable(field.type)
            continue
        both = join(before.type, field.type)
        if both is None:
            message = f"`{name}` is {show(before.type)} where the record passes by, and then "
            message += f"{show(field.type)}"
            flow.report("ATK420", message, flow.span(inst, key=True), "say it in `else:`")
        kinds[name] = both or field.type
    out = added.plus(Record.of(kinds))
    return Condition(test=test, otherwise=values), out, read


def on_failure(flow: Flow, inst: Instance, added: Record) -> tuple[OnFailure, Record]:
    """Return what a failed reply leads to, and the added fields with the one that says why."""
    given = inst.step.on_failure
    plain = OnFailure(resample=given.resample, then=given.then)
    if given.as_ is None:
        return plain, added
    span = flow.span(inst, "on_failure", "as", key=True)
    if given.then != "else":
        message = (
            f"`as` names why a record took the values of `else`; here it goes to `{given.then}`"
        )
        flow.report("ATK206", message, span, "write `then: else`, or read the port `failed`")
    if given.as_ in added:
        flow.report("ATK430", f"field `{given.as_}` is one of the reply", span)
    why = Record.of({given.as_: nullable(FAILURE)})
    return replace(plain, name=given.as_), added.plus(why)
