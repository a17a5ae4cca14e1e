"""`map`: verbs in a fixed order, a function of the library, or a list of either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from atkc.compiler.bindings import infer
from atkc.compiler.conditions import condition
from atkc.compiler.flow import FAILURE, Flow, Made
from atkc.compiler.instance import Instance, Path
from atkc.compiler.options import settle
from atkc.compiler.plan import Action, Condition, Expression, MapOp, Text
from atkc.compiler.steps.export import fits_shape
from atkc.spec.model import Verbs
from atkc.spec.rowtype import (
    BOOLEAN,
    INTEGER,
    STRING,
    Field,
    ListOf,
    Record,
    Type,
    join_records,
    non_null,
    show,
)
from atkc.spec.signature import ShapeError
from atkc.spec.suggest import hint


class Work(Struct):
    """A record type on its way through the verbs."""

    record: Record
    actions: list[Action] = field(default_factory=list)
    reads: frozenset[str] = frozenset()
    rejected: Record | None = None
    failed: Record | None = None
    expand: bool = False
    ordered: bool = False
    right: bool = True


Verb = Callable[[Flow, Instance, Work, Any, Path], None]


def make_map(flow: Flow, inst: Instance) -> Made | None:
    """Return the node of a `map` step."""
    record = flow.incoming(inst)
    if record is None:
        return None
    work = Work(record)
    step = inst.step
    if step.do is not None:
        for i, line in enumerate(step.do):
            _line(flow, inst, work, line, ("do", i))
    else:
        _line(flow, inst, work, step, ())
    if not work.right:
        return None
    guard, out = _guard(flow, inst, record, work)
    ports = {"main": out}
    if step.cases is not None:
        ports = _cases(flow, inst, work)
    if work.rejected is not None:
        ports["rejected"] = work.rejected
    if work.failed is not None:
        ports["failed"] = work.failed
    if not work.actions:
        message = "this step does nothing"
        flow.report("ATK203", message, flow.span(inst, key=True), "add `set`, `where` or `apply`")
        return None
    lineage = flow.ordinals(inst)
    filtered = any(a.verb in ("where", "cases") for a in work.actions)
    return Made(
        MapOp(actions=work.actions, condition=guard),
        ports,
        "1:n" if work.expand else "filter" if filtered else "1:1",
        order="ordered" if work.ordered else "streaming",
        reads=work.reads & frozenset(record.names()),
        lineage=(*lineage, *(inst.id for a in work.actions if _splits(flow, a))),
    )


def _splits(flow: Flow, action: Action) -> bool:
    if action.verb == "unnest":
        return True
    functions = flow.space.library.functions
    return action.verb == "apply" and functions[action.function].cardinality == "1:n"


def _guard(
    flow: Flow, inst: Instance, record: Record, work: Work
) -> tuple[Condition | None, Record]:
    """Return the condition and the type that comes out; a map under `if` may only add fields."""
    if inst.step.if_ is None and not isinstance(inst.step.else_, dict):
        return None, work.record
    gone = [n for n in record.names() if n not in work.record]
    if gone or work.expand:
        what = f"removes `{gone[0]}`" if gone else "makes several records of one"
        message = f"a step with `if` {what}; where it passes by, it could not"
        flow.report("ATK206", message, flow.span(inst, "if"))
    if inst.step.cases is not None:
        message = "a step with `cases` has a port for each record; `if` would leave it without"
        flow.report("ATK206", message, flow.span(inst, "if"))
    same = frozenset(n for n, f in work.record.items() if f == record.get(n))
    replaced = _replaced(inst)
    added = work.record.without(same - replaced)
    guard, added, read = condition(flow, inst, record, added)
    work.reads |= read
    return guard, work.record.plus(added)


def _replaced(inst: Instance) -> frozenset[str]:
    """Return the fields that the verbs overwrite."""
    lines = inst.step.do or [inst.step]
    return frozenset(name for line in lines for name in line.replace)


def _line(flow: Flow, inst: Instance, work: Work, line: Verbs, path: Path) -> None:
    for name, verb in _VERBS:
        value = getattr(line, name)
        if value is not None:
            verb(flow, inst, work, line, path)


def _where(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    test, _, read = flow.expression(inst, (*path, "where"), line.where, work.record, want=BOOLEAN)
    work.reads |= read
    work.actions.append(Action(verb="where", test=test))
    _reject(work)


def _reject(work: Work) -> None:
    out = work.record.plus(Record.of({"rejected_by": STRING}))
    work.rejected = out if work.rejected is None else (join_records(work.rejected, out) or out)


def _fail(work: Work) -> None:
    out = work.record.plus(Record.of({"failure": FAILURE}))
    work.failed = out if work.failed is None else (join_records(work.failed, out) or out)


def _unnest(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    spec = line.unnest
    found = work.record.get(spec.field)
    if found is None:
        flow.unknown_field(inst, (*path, "unnest", "field"), spec.field, work.record)
        work.right = False
        return
    kind = non_null(found.type)
    if not isinstance(kind, ListOf):
        span = flow.span(inst, *path, "unnest", "field")
        flow.report("ATK402", f"`{spec.field}` is {show(found.type)}, not a list", span)
        work.right = False
        return
    for i, name in enumerate(spec.keep):
        if name not in work.record:
            flow.unknown_field(inst, (*path, "unnest", "keep", i), name, work.record)
    work.reads |= {spec.field}
    record = work.record if spec.field in spec.keep else work.record.without({spec.field})
    added: dict[str, Type | Field] = {}
    if spec.as_ is not None:
        added[spec.as_] = kind.item
    elif isinstance(kind.item, Record):
        added |= dict(kind.item.items())
    else:
        span = flow.span(inst, *path, "unnest")
        flow.report("ATK203", "`unnest` of a list of values needs a name", span, "add `as:`")
        work.right = False
    if spec.index:
        added[spec.index] = INTEGER
    work.record = flow.add(inst, record, Record.of(added), line.replace, (*path, "unnest"))
    work.expand = True
    work.actions.append(
        Action(
            verb="unnest",
            field=spec.field,
            name=spec.as_ or "",
            index=spec.index or "",
            keep=list(spec.keep),
        )
    )


def _apply(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    functions = flow.space.library.functions
    signature = functions.get(line.apply)
    if signature is None:
        helps = hint(line.apply, functions) or "use one of " + ", ".join(sorted(functions))
        span = flow.span(inst, *path, "apply")
        flow.report("ATK304", f"there is no function `{line.apply}`", span, helps)
        work.right = False
        return
    options = settle(flow, inst, (*path, "with"), line.with_, signature.options, signature.name)
    if options is None:
        work.right = False
        return
    shape = signature.shape(options, work.record)
    if isinstance(shape, ShapeError):
        place = (*path, "with", *shape.option.split(".")) if shape.option else (*path, "apply")
        flow.report("ATK420", shape.message, flow.span(inst, *place), shape.help)
        work.right = False
        return
    read = fits_shape(flow, inst, shape, work.record, (*path, "apply"))
    if read is None:
        work.right = False
        return
    work.reads |= read
    _fail(work)
    action = Action(
        verb="apply", function=signature.name, version=signature.version, options=options
    )
    work.actions.append(action)
    work.expand |= signature.cardinality == "1:n"
    work.ordered |= signature.identity == "content"
    if signature.cardinality == "filter":
        _reject(work)
    rest = work.record.without(shape.removes)
    replace = [n for n in line.replace if n not in shape.removes]
    work.record = flow.add(inst, rest, shape.adds, replace, (*path, "apply"))
    gone = sorted(n for n in shape.removes if n not in shape.adds)
    if gone:
        work.actions.append(Action(verb="drop", fields=gone))


def _set(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    values: dict[str, Expression] = {}
    kinds: dict[str, Type] = {}
    for name, text in (line.set or {}).items():
        place = (*path, "set", name)
        values[name], kinds[name], read = flow.expression(inst, place, text, work.record)
        work.reads |= read
    for name, value in (line.add or {}).items():
        import json

        values[name] = Expression(text=json.dumps(value, ensure_ascii=False))
        kinds[name] = infer(value)
    work.record = flow.add(inst, work.record, Record.of(kinds), line.replace, (*path, "set"))
    work.actions.append(Action(verb="set", values=values))


def _add(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    if line.set is None:
        _set(flow, inst, work, line, path)


def _render(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    texts: dict[str, Text] = {}
    for name, text in line.render.items():
        texts[name], read = flow.template(inst, (*path, "render", name), text, work.record)
        work.reads |= read
    added = Record.of(dict.fromkeys(texts, STRING))
    work.record = flow.add(inst, work.record, added, line.replace, (*path, "render"))
    work.actions.append(Action(verb="render", texts=texts))


def _rename(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    for old in line.rename:
        if old not in work.record:
            flow.unknown_field(inst, (*path, "rename", old), old, work.record)
            work.right = False
    names = [line.rename.get(n, n) for n in work.record.names()]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        span = flow.span(inst, *path, "rename")
        flow.report("ATK430", f"two fields would be called `{twice}`", span)
        work.right = False
        return
    fields = zip(names, (f for _, f in work.record.items()), strict=True)
    work.record = Record(tuple(fields))
    work.actions.append(Action(verb="rename", names=dict(line.rename)))


def _known(flow: Flow, inst: Instance, work: Work, names: list[str], path: Path) -> None:
    for i, name in enumerate(names):
        if name not in work.record:
            flow.unknown_field(inst, (*path, i), name, work.record)


def _drop(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    _known(flow, inst, work, line.drop, (*path, "drop"))
    work.record = work.record.without(frozenset(line.drop))
    work.actions.append(Action(verb="drop", fields=list(line.drop)))


def _keep(flow: Flow, inst: Instance, work: Work, line: Any, path: Path) -> None:
    _known(flow, inst, work, line.keep, (*path, "keep"))
    hidden = [n for n in work.record.names() if n.startswith("^")]
    work.record = work.record.only(frozenset([*line.keep, *hidden]))
    work.actions.append(Action(verb="keep", fields=[*line.keep, *hidden]))


def _cases(flow: Flow, inst: Instance, work: Work) -> dict[str, Record]:
    values: dict[str, Expression] = {}
    names = list(inst.step.cases)
    flow.port_names(inst, "cases", names)
    for name, text in inst.step.cases.items():
        path = ("cases", name)
        if text == "else":
            if name != names[-1]:
                flow.report("ATK206", "`else` must be the last case", flow.span(inst, *path))
            values[name] = Expression(text="true")
            continue
        values[name], _, read = flow.expression(inst, path, text, work.record, want=BOOLEAN)
        work.reads |= read
    if "else" not in inst.step.cases.values():
        span = flow.span(inst, "cases", names[-1])
        flow.report("ATK206", "the last case must be `else`, so that no record is lost", span)
    work.actions.append(Action(verb="cases", values=values))
    return dict.fromkeys(names, work.record)


_VERBS: tuple[tuple[str, Verb], ...] = (
    ("where", _where),
    ("unnest", _unnest),
    ("apply", _apply),
    ("set", _set),
    ("add", _add),
    ("render", _render),
    ("rename", _rename),
    ("drop", _drop),
    ("keep", _keep),
)
