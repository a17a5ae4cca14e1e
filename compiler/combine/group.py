"""Group: records of one origin, or with equal fields, become one."""

from __future__ import annotations

from typing import Any

from atkc.compiler.combine.fitting import (
    FAILED,
    Fitted,
    fields_there,
    names_in,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Expression
from atkc.spec.rowtype import (
    STRING,
    ListOf,
    Record,
    Type,
    join_records,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `group` makes of a stream."""
    step = inst.step
    by = inst.raw.get("by")
    if by is None:
        flow.report("ATK203", "`group` needs the key `by`", flow.span(inst, key=True))
        return None
    keep = step.keep if isinstance(step.keep, list) else []
    if not fields_there(flow, inst, record, keep, "keep"):
        return None
    options: dict[str, Any] = {"keep": list(keep), "incomplete": step.incomplete}
    out = record.only(frozenset([*keep, *(n for n in record.names() if n.startswith("^"))]))
    lineage: tuple[str, ...] = (inst.id,)
    order = "barrier"
    if isinstance(by, dict):
        found = _origin(flow, inst)
        if found is None:
            return None
        options["depth"], lineage, order = len(found), found, "streaming"
        options["keep"] = list(out.names())
    else:
        names = names_in(by)
        if not names:
            span = flow.span(inst, "by")
            flow.report("ATK202", "`by` names fields, or is `{origin: step}`", span)
        if not names or not fields_there(flow, inst, record, names, "by"):
            return None
        options["by"] = names
        keys = record.only(frozenset(names))
        out = keys.plus(record.only(frozenset(keep)))
    expressions: dict[str, Expression] = {}
    kinds: dict[str, Type] = {}
    read: frozenset[str] = frozenset(out.names())
    for name, text in (step.collect or {}).items():
        text = _mapping_text(text)
        value, kind, more = flow.expression(inst, ("collect", name), text, record)
        expressions[f"collect.{name}"] = value
        kinds[name] = ListOf(kind)
        read |= more
    out = flow.add(inst, out, Record.of(kinds), [], ("collect",))
    ports = {"main": out, "failed": (join_records(record, out) or out).plus(FAILED)}
    if step.incomplete == "reject":
        ports["rejected"] = out.plus(Record.of({"rejected_by": STRING}))
    return Fitted(ports, options, expressions, "n:1", order, lineage, read)


def _mapping_text(value: Any) -> Any:
    """Return `{a: b}` of YAML as the text of an expression: field names stay names."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_mapping_text(v)}" for k, v in value.items()) + "}"
    return value


def _origin(flow: Flow, inst: Instance) -> tuple[str, ...] | None:
    """Return the ordinals of the origin step if the stream descends from it in one line."""
    if not inst.origins:
        return None  # reported where the reference was read, or nothing comes from there
    ((name, id_),) = inst.origins.items()
    origin = flow.lineage.get(id_)
    mine = flow.ordinals(inst)
    if origin is None or mine[: len(origin)] != origin:
        flow.report(
            "ATK315",
            f"the records here do not descend in one line from `{name}`",
            flow.span(inst, "by", "origin"),
            "group before streams are joined or shuffled, or group by fields",
        )
        return None
    return origin
