"""The borders of a module: inputs projected to their type, outputs labelled and projected."""

from __future__ import annotations

from atkc.compiler.bindings import infer
from atkc.compiler.flow import Flow, Made, enum_of, visible
from atkc.compiler.instance import Instance, hidden
from atkc.compiler.plan import Action, Expression, MapOp
from atkc.spec.rowtype import Fit, Record, Type, fits, show
from atkc.spec.source import Span
from atkc.spec.suggest import hint


def make_border(flow: Flow, inst: Instance) -> Made | None:
    """Return the node that lets a module see the declared fields alone; carried ones hide."""
    record = flow.incoming(inst)
    if record is None:
        return None
    wanted: Record = inst.detail.type
    if not _fits(flow, inst, record, wanted):
        return None
    module = inst.id
    crossing = [n for n in record.names() if n.startswith("^")]
    renamed: dict[str, Expression] = {}
    kinds: dict[str, Type] = {}
    for name, span in inst.detail.carry.items():
        found = record.get(name)
        if found is None:
            known = visible(record)
            advice = hint(name, known.names()) or f"the records here are {show(known)}"
            flow.report("ATK412", f"there is no field `{name}` to carry", span, advice)
            flow.lost.add(hidden(name, module.rpartition(".")[0]))
            continue
        key = hidden(name, module.rpartition(".")[0])
        renamed[key], kinds[key] = Expression(text=name), found.type
    keep = [*wanted.only(frozenset(record.names())).names(), *crossing, *renamed]
    actions = [Action(verb="set", values=renamed)] if renamed else []
    out = Record(tuple((n, f) for n, f in record.items() if n in keep))
    out = Record(tuple((n, wanted.get(n) or f) for n, f in out.items())).plus(Record.of(kinds))
    # an optional field that the records do not have is known inside, and absent
    out = out.plus(wanted.without(frozenset(record.names())))
    if set(keep) != set(record.names()) or renamed:
        actions.append(Action(verb="keep", fields=keep))
    return Made(MapOp(actions=actions), {"main": out}, "1:1", lineage=flow.ordinals(inst))


def make_opaque(flow: Flow, inst: Instance) -> Made | None:
    """Return a node that stands for a module: what it declares and what it carries come out."""
    record = flow.incoming(inst) if inst.inputs else Record()
    if record is None:
        return None
    crossing = record.only(frozenset(n for n in record.names() if n.startswith("^")))
    out: Record = inst.detail.plus(crossing)
    return Made(MapOp(actions=[]), {"main": out}, "n:n", lineage=flow.ordinals(inst))


def make_label(flow: Flow, inst: Instance) -> Made | None:
    """Return the node that adds constant fields and gives carried ones their names back."""
    record = flow.incoming(inst)
    if record is None:
        return None
    detail = inst.detail
    actions: list[Action] = []
    out = record
    if detail.type is not None:
        if not _fits(flow, inst, record, detail.type):
            return None
        keep = [n for n in record.names() if n in detail.type or n.startswith("^")]
        out = record.only(frozenset(keep))
        if len(keep) < len(record.names()):
            actions.append(Action(verb="keep", fields=keep))
    names = _carried(flow, inst, out)
    out = Record(tuple((names.get(n, n), f) for n, f in out.items()))
    values, added = _labels(flow, inst, out)
    if values:
        out = out.plus(added)
        actions.append(Action(verb="set", values=values))
    if names:
        actions.append(Action(verb="rename", names=names))
    return Made(MapOp(actions=actions), {"main": out}, "1:1", lineage=flow.ordinals(inst))


def _labels(flow: Flow, inst: Instance, record: Record) -> tuple[dict[str, Expression], Record]:
    """Return the values and the types of the labels."""
    detail = inst.detail
    values: dict[str, Expression] = {}
    added: dict[str, Type] = {}
    for name, value in detail.values.items():
        if value is None:
            _no_label(flow, inst, name)
            continue
        if name in record:
            message = f"field `{name}` exists already"
            flow.report("ATK430", message, detail.spans[name], "give the label another name")
        values[name] = _constant(value)
        added[name] = enum_of(detail.enums[name]) if isinstance(value, str) else infer(value)
    return values, Record.of(added)


def _no_label(flow: Flow, inst: Instance, name: str) -> None:
    message = f"label `{name}` is neither a name of `for_each` nor an expression over such names"
    flow.report("ATK402", message, inst.detail.spans[name])


def _carried(flow: Flow, inst: Instance, out: Record) -> dict[str, str]:
    """Return hidden name -> name of the fields that were carried across."""
    names: dict[str, str] = {}
    for name, span in inst.detail.carry.items():
        found = hidden(name, inst.detail.module)
        if found in flow.lost:
            continue
        if found not in out:
            output = inst.path[-1]
            message = f"`{name}` cannot be carried: a record of `{output}` has no one record it "
            flow.report("ATK315", message + "comes from", span)
            continue
        names[found] = name
    return names


def _constant(value: object) -> Expression:
    import json

    return Expression(text=json.dumps(value, ensure_ascii=False))


def _fits(flow: Flow, inst: Instance, record: Record, wanted: Record) -> bool:
    name = inst.path[-1]
    right = True
    for field, want in wanted.items():
        have = record.get(field)
        if have is None and not want.optional:
            flow.report(
                "ATK420",
                f"`{name}` needs the field `{field}`, which the records do not have",
                _reference(inst),
                f"the records here are {show(record)}",
            )
            right = False
        elif have is not None:
            fit = fits(have.type, want.type)
            if have.optional and not want.optional:
                fit = min(fit, Fit.MAYBE)
            if fit is not Fit.YES:
                flow.report(
                    "ATK420" if fit is Fit.NO else "ATK421",
                    f"`{name}` needs `{field}: {show(want.type)}`; it is {show(have.type)} here",
                    _reference(inst),
                )
                right &= fit is Fit.MAYBE
    return right


def _reference(inst: Instance) -> Span | None:
    """Return where the stream is handed over: what a reader should look at."""
    targets = [t for ts in inst.inputs.values() for t in ts if t.span is not None]
    return targets[0].span if targets else None
