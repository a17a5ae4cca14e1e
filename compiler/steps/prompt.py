"""`prompt`: messages, a model, and the fields of its reply."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict, replace

from atkc.compiler.conditions import condition, on_failure
from atkc.compiler.flow import Flow, Made, enum_of
from atkc.compiler.instance import Instance
from atkc.compiler.named_model import model_of
from atkc.compiler.plan import Choose, Expression, PromptOp, Shape, Variant
from atkc.compiler.prompts import Read, added_fields, failure_ports, read_prompt, shape_of
from atkc.spec.contract import cardinality
from atkc.spec.rowtype import INTEGER, STRING, Record, join_records
from atkc.spec.suggest import hint


def make_prompt(flow: Flow, inst: Instance) -> Made | None:
    """Return the node of a `prompt` step."""
    record = flow.incoming(inst)
    model = model_of(flow, inst)
    if record is None or model is None:
        return None
    found = _variants(flow, inst, record, flow.models[model].structured)
    if not found:
        return None
    step = inst.step
    shape, added = _reply(flow, inst, list(found.values()))
    if shape is None or added is None:
        return None
    choose, read = _choose(flow, inst, record, list(found))
    if step.variants:
        added = added.plus(Record.of({step.variant_as: enum_of(tuple(found))}))
    guard, added, more = condition(flow, inst, record, added)
    failing, added = on_failure(flow, inst, added)
    out = flow.add(inst, record, added, step.replace, ())
    several = (len(found) > 1 and choose.kind == "all") or choose.kind == "draw" or step.samples > 1
    items = any(r.contract and cardinality(r.contract) == "1:n" for r in found.values())
    expand = several or (items and shape.kind != "list")
    op = PromptOp(
        model=model,
        variants=[
            Variant(name=n, prompt=_with_sampling(r, step.sampling)) for n, r in found.items()
        ],
        choose=choose,
        variant_field=step.variant_as if step.variants else "",
        samples=step.samples,
        shape=shape,
        expand=expand,
        on_failure=failing,
        condition=guard,
    )
    lineage = flow.ordinals(inst)
    fields = frozenset().union(*(r.fields for r in found.values()))
    return Made(
        op,
        {"main": out, **failure_ports(record)},
        "1:n" if expand else "1:1",
        reads=fields | read | more,
        lineage=(*lineage, inst.id) if expand else lineage,
        draws=True,
    )


def _with_sampling(read: Read, sampling: dict[str, Any]) -> Any:
    if not sampling:
        return read.prompt
    return replace(read.prompt, sampling={**read.prompt.sampling, **sampling})


def _variants(flow: Flow, inst: Instance, record: Record, structured: str) -> dict[str, Read]:
    step = inst.step
    if (step.prompt is None) == (step.variants is None):
        span = flow.span(inst, key=True)
        flow.report("ATK206", "a prompt step has either `prompt` or `variants`", span)
        return {}
    # From `raw`: the model makes plain texts of paths that were resolved where they were written.
    written = inst.raw.get("variants") or {"": inst.raw["prompt"]}
    each = asdict(step.each) if step.each is not None and step.each != "none" else None
    out: dict[str, Read] = {}
    for name, text in written.items():
        path = ("variants", name) if name else ("prompt",)
        found = read_prompt(flow, inst, path, text, record, each=each, structured=structured)
        if found is None:
            return {}
        out[name] = found
    return out


def _reply(flow: Flow, inst: Instance, found: list[Read]) -> tuple[Shape | None, Record | None]:
    """Return the shape of the reply and the fields it adds; all variants must agree."""
    step = inst.step
    contracts = [r.contract for r in found if r.contract is not None]
    if len(contracts) < len(found):
        if contracts or step.each is not None:
            span = flow.span(inst, key=True)
            flow.report("ATK440", "all prompts of a step have a reply contract, or none has", span)
            return None, None
        name = step.as_ or "reply"
        return Shape(kind="field", name=name), Record.of({name: STRING})
    shape = shape_of(flow, inst, step.each, step.as_)
    if shape is None:
        return None, None
    added: Record | None = None
    for contract in contracts:
        other = added_fields(contract, shape)
        added = other if added is None else join_records(added, other)
        if added is None:
            span = flow.span(inst, "variants")
            flow.report("ATK440", "the contracts of these variants do not fit each other", span)
            return None, None
    return shape, added


def _choose(
    flow: Flow, inst: Instance, record: Record, names: list[str]
) -> tuple[Choose, frozenset[str]]:
    step = inst.step
    if step.choose == "all":
        return Choose(), frozenset()
    if step.choose.by is not None:
        want = enum_of(tuple(names))
        by, kind, read = flow.expression(inst, ("choose", "by"), step.choose.by, record)
        from atkc.spec.rowtype import Fit, fits, show

        if fits(kind, want) is Fit.NO:
            span = flow.span(inst, "choose", "by")
            flow.report("ATK402", f"`choose: by` gives {show(kind)}, not a variant", span)
        return Choose(kind="by", by=by), read
    for name in step.choose.weights:
        if name not in names:
            span = flow.span(inst, "choose", "weights", name, key=True)
            flow.report("ATK205", f"there is no variant `{name}`", span, hint(name, names))
    count: Expression | None = None
    count, _, read = flow.expression(
        inst, ("choose", "draw"), step.choose.draw or 1, record, want=INTEGER
    )
    weights = (
        {n: float(step.choose.weights.get(n, 1)) for n in names} if step.choose.weights else {}
    )
    return Choose(kind="draw", n=count, replace=step.choose.replace, weights=weights), read
