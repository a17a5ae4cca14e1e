"""`combine`: one typing function per operator; the table at the end names them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from atkc.compiler.flow import FAILURE, Flow, Made, visible
from atkc.compiler.instance import Instance
from atkc.compiler.plan import CombineOp, Expression
from atkc.spec.rowtype import (
    ANY,
    INTEGER,
    NUMBER,
    STRING,
    Field,
    Fit,
    ListOf,
    Record,
    Type,
    fits,
    join_records,
    nullable,
    show,
)
from atkc.spec.suggest import hint

FAILED = Record.of({"failure": FAILURE})
# Keys of a combine step that are not an operator's own.
_COMMON = {"type", "description", "op", "from", "when", "else", "for_each", "label"}


@dataclass(slots=True)
class Plan:
    """What an operator makes: ports, options, expressions, and how it treats order."""

    ports: dict[str, Record]
    options: dict[str, Any] = field(default_factory=dict)
    expressions: dict[str, Expression] = field(default_factory=dict)
    cardinality: str = "filter"
    order: str = "barrier"
    lineage: tuple[str, ...] | None = None  # None: kept
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of `combine`: its typing, its keys, its roles."""

    make: Callable[[Flow, Instance, Record], Plan | None]
    keys: frozenset[str]
    roles: tuple[str, ...] = ("in",)
    empty: bool = False  # gives something even when nothing arrives


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
    if made.expressions:  # an expression may fail for one record
        made.ports.setdefault("failed", record.plus(FAILED))
    op = CombineOp(
        operator=step.op, options=made.options, expressions=made.expressions, sides=sides
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


def _names(value: Any) -> list[str]:
    if isinstance(value, list):
        return [v for v in value if isinstance(v, str)]
    return [value] if isinstance(value, str) else []


def _fields(flow: Flow, inst: Instance, record: Record, names: list[str], *path: Any) -> bool:
    missing = [n for n in names if n not in record]
    for name in missing:
        flow.unknown_field(inst, path, name, record)
    return not missing


def _sides(flow: Flow, inst: Instance) -> dict[str, Record]:
    out: dict[str, Record] = {}
    for name in inst.step.sides:
        found = flow.incoming(inst, f"side.{name}")
        out[name] = found or Record()
    return out


def _concat(flow: Flow, inst: Instance, record: Record) -> Plan:
    del flow, inst
    return Plan({"main": record}, cardinality="1:1", order="streaming")


def _group(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    by = inst.raw.get("by")
    if by is None:
        flow.report("ATK203", "`group` needs the key `by`", flow.span(inst, key=True))
        return None
    keep = step.keep if isinstance(step.keep, list) else []
    if not _fields(flow, inst, record, keep, "keep"):
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
        names = _names(by)
        if not names:
            span = flow.span(inst, "by")
            flow.report("ATK202", "`by` names fields, or is `{origin: step}`", span)
        if not names or not _fields(flow, inst, record, names, "by"):
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
    return Plan(ports, options, expressions, "n:1", order, lineage, read)


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


def _batch(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    if (step.size is None) == (step.target is None):
        span = flow.span(inst, key=True)
        flow.report("ATK206", "`batch` has either `size` or `target`", span)
        return None
    if step.as_ is None:
        flow.report("ATK203", "`batch` needs the key `as`", flow.span(inst, key=True))
        return None
    within = _names(step.within)
    if not _fields(flow, inst, record, within, "within"):
        return None
    target = (
        step.target
        if step.target is None or isinstance(step.target, int)
        else {"uniform": list(step.target.uniform)}
    )
    options = {
        "size": step.size, "target": target, "order": step.order, "within": within, "as": step.as_
    }  # fmt: skip
    expressions = {}
    read: frozenset[str] = frozenset(record.names())
    if step.weight is not None:
        weight, _, _ = flow.expression(inst, ("weight",), step.weight, record, want=NUMBER)
        expressions["weight"] = weight
    out = record.only(frozenset(within))
    out = flow.add(inst, out, Record.of({step.as_: ListOf(record)}), [], ("as",))
    order = "barrier" if step.order == "hashed" else "ordered"
    return Plan({"main": out}, options, expressions, "n:1", order, (inst.id,), read)


def _neighbours(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    pool = flow.incoming(inst, "pool")
    if step.field is None or step.as_ is None or step.take is None:
        for key, value in (("field", step.field), ("as", step.as_), ("take", step.take)):
            if value is None:
                span = flow.span(inst, key=True)
                flow.report("ATK203", f"`neighbours` needs the key `{key}`", span)
        return None
    if pool is None:
        pool = record
    right = _fields(flow, inst, record, [step.field], "field")
    right &= _fields(flow, inst, pool, [step.field], "field")
    kinds: dict[str, Field] = {}
    for new, old in step.take.items():
        found = pool.get(old)
        if found is None:
            flow.unknown_field(inst, ("take", new), old, pool)
            right = False
        else:
            kinds[new] = found
    if not right:
        return None
    options = {
        "field": step.field,
        "top": step.top or 3,
        "scorer": step.scorer,
        "exclude": step.exclude,
        "take": dict(step.take),
        "as": step.as_,
        "budget": dict(step.budget) if step.budget else None,
    }
    added = Record.of({step.as_: ListOf(Record(tuple(kinds.items())))})
    out = flow.add(inst, record, added, [], ("as",))
    return Plan({"main": out}, options, {}, "1:1", "barrier", None, frozenset({step.field}))


def _dedupe(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    names = _names(inst.raw.get("by"))
    if not names:
        flow.report("ATK203", "`dedupe` needs the key `by`", flow.span(inst, key=True))
        return None
    if not _fields(flow, inst, record, names, "by"):
        return None
    options = {"by": names, "normalise": step.normalise, "keep": "first"}
    rejected = record.plus(Record.of({"duplicate_of": STRING, "rejected_by": STRING}))
    ports = {"main": record, "rejected": rejected}
    return Plan(ports, options, {}, "filter", "ordered", None, frozenset(names))


def _take(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    hashed = inst.raw.get("hashed")
    if ("first" in inst.raw) == ("hashed" in inst.raw):
        flow.report("ATK206", "`take` has either `first` or `hashed`", flow.span(inst, key=True))
        return None
    options: dict[str, Any] = {"shortage": step.shortage}
    expressions: dict[str, Expression] = {}
    read: frozenset[str] = frozenset()
    order = "barrier"
    if "first" in inst.raw:
        options["first"], order = step.first, "ordered"
    elif isinstance(hashed, dict) and "tokens" in hashed:
        sides = _sides(flow, inst)
        path = ("hashed", "tokens")
        budget, _, _ = flow.expression(
            inst, path, hashed["tokens"], Record(), sides=sides, want=NUMBER
        )
        path = ("hashed", "weigh")
        weigh, _, read = flow.expression(inst, path, hashed["weigh"], record, want=NUMBER)
        expressions = {"tokens": budget, "weigh": weigh}
    elif isinstance(hashed, dict):
        options["share"] = hashed["share"]
    else:
        options["hashed"] = hashed
    ports = {"main": record, "rejected": record.plus(Record.of({"rejected_by": STRING}))}
    return Plan(ports, options, expressions, "filter", order, None, read)


def _split(flow: Flow, inst: Instance, record: Record) -> Plan | None:
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
    return Plan(ports, options, expressions, "filter", "streaming", None, read)


def _measure(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    if not step.of:
        flow.report("ATK203", "`measure` needs the key `of`", flow.span(inst, key=True))
        return None
    kinds: dict[str, str] = {}
    expressions: dict[str, Expression] = {}
    added: dict[str, Type] = {}
    read: frozenset[str] = frozenset()
    for name, text in step.of.items():
        inner = text.strip()
        if inner == "count":
            kinds[name], added[name] = "count", INTEGER
            continue
        if not (inner.startswith("sum(") and inner.endswith(")")):
            span = flow.span(inst, "of", name)
            flow.report("ATK404", f"`{text}` is neither `count` nor `sum(…)`", span)
            return None
        kinds[name] = "sum"
        shift = text.index("sum(") + 4
        path = ("of", name)
        value, kind, more = flow.expression(
            inst, path, inner[4:-1], record, want=NUMBER, shift=shift
        ) if record.fields else (Expression(text=inner[4:-1]), INTEGER, frozenset())  # fmt: skip
        expressions[name], added[name] = value, kind
        read |= more
    out = Record.of(added)
    return Plan({"main": out}, {"kinds": kinds}, expressions, "n:1", "barrier", (inst.id,), read)


def _shuffle(flow: Flow, inst: Instance, record: Record) -> Plan:
    del flow
    return Plan({"main": record}, cardinality="n:n", lineage=(inst.id,))


def _sort(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    by = inst.raw.get("by")
    texts = by if isinstance(by, list) else [by]
    if by is None:
        flow.report("ATK203", "`sort` needs the key `by`", flow.span(inst, key=True))
        return None
    expressions: dict[str, Expression] = {}
    read: frozenset[str] = frozenset()
    for i, text in enumerate(texts):
        path = ("by", i) if isinstance(by, list) else ("by",)
        value, kind, more = flow.expression(inst, path, text, record)
        if fits(kind, nullable(NUMBER)) is Fit.NO and fits(kind, nullable(STRING)) is Fit.NO:
            span = flow.span(inst, *path)
            flow.report("ATK402", f"`{text}` is {show(kind)}, which has no order", span)
        expressions[f"by.{i}"] = value
        read |= more
    down = inst.step.descending
    options = {"descending": [down] * len(texts) if isinstance(down, bool) else list(down)}
    return Plan({"main": record}, options, expressions, "n:n", "barrier", (inst.id,), read)


def _join(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    other = flow.incoming(inst, "right")
    names = _names(inst.raw.get("by"))
    if other is None or not names:
        if not names:
            flow.report("ATK203", "`join` needs the key `by`", flow.span(inst, key=True))
        return None
    right = _fields(flow, inst, record, names, "by") and _fields(flow, inst, other, names, "by")
    take = step.take or {n: n for n in visible(other).names() if n not in names}
    kinds: dict[str, Type] = {}
    for new, old in take.items():
        found = other.get(old)
        if found is None:
            flow.unknown_field(inst, ("take", new), old, other)
            right = False
            continue
        kinds[new] = nullable(found.type) if step.missing == "null" else found.type
    if not right:
        return None
    out = flow.add(inst, record, Record.of(kinds), [], ("take",))
    options = {"by": names, "take": dict(take), "missing": step.missing}
    ports = {"main": out, "rejected": record.plus(Record.of({"rejected_by": STRING}))}
    return Plan(ports, options, {}, "filter", "barrier", None, frozenset(names))


def _zip(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    other = flow.incoming(inst, "right")
    if other is None:
        return None
    out = flow.add(inst, record, visible(other), [], ("from",))
    return Plan({"main": out}, {}, {}, "n:n", "barrier", (inst.id,))


def _window(flow: Flow, inst: Instance, record: Record) -> Plan | None:
    step = inst.step
    if step.as_ is None:
        flow.report("ATK203", "`window` needs the key `as`", flow.span(inst, key=True))
        return None
    take = step.take or {n: n for n in record.names() if not n.startswith("^")}
    if not _fields(flow, inst, record, list(take.values()), "take"):
        return None
    within = _names(step.within)
    if not _fields(flow, inst, record, within, "within"):
        return None
    near = ListOf(Record.of({new: record.get(old) or ANY for new, old in take.items()}))
    added = Record.of({step.as_: Record.of({"before": near, "after": near})})
    options = {
        "before": step.before, "after": step.after, "within": within,
        "take": dict(take), "as": step.as_,
    }  # fmt: skip
    out = flow.add(inst, record, added, [], ("as",))
    return Plan({"main": out}, options, {}, "1:1", "ordered", None, frozenset(take.values()))


OPERATORS: dict[str, Operator] = {
    "concat": Operator(_concat, frozenset()),
    "group": Operator(_group, frozenset({"by", "collect", "keep", "incomplete"})),
    "batch": Operator(_batch, frozenset({"size", "weight", "target", "order", "within", "as"})),
    "neighbours": Operator(
        _neighbours,
        frozenset({"field", "top", "scorer", "exclude", "take", "as", "budget"}),
        ("query", "pool"),
    ),
    "dedupe": Operator(_dedupe, frozenset({"by", "normalise", "keep"})),
    "take": Operator(_take, frozenset({"first", "hashed", "shortage", "sides"})),
    "split": Operator(_split, frozenset({"into", "by"})),
    "measure": Operator(_measure, frozenset({"of"}), empty=True),
    "shuffle": Operator(_shuffle, frozenset()),
    "sort": Operator(_sort, frozenset({"by", "descending"})),
    "join": Operator(_join, frozenset({"by", "take", "missing"}), ("left", "right")),
    "zip": Operator(_zip, frozenset(), ("left", "right")),
    "window": Operator(_window, frozenset({"before", "after", "within", "take", "as"})),
}
