"""Parameters: types, defaults, the values given from outside, and where each value came from."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from atkc.compiler.load import Document, Workspace, span_at
from atkc.compiler.reads import params_read
from atkc.compiler.records import Anchored, anchored, record_types
from atkc.compiler.templates import Writer, misread
from atkc.spec.conform import complete, conform
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.expression.scope import Constant
from atkc.spec.places import Resolved, folder_of, resolve
from atkc.spec.rowtype import (
    ANY,
    NULL,
    Enum,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Scalar,
    Type,
    non_null,
)
from atkc.spec.source import Span
from atkc.spec.suggest import hint
from atkc.spec.typetext import TypeTextError, parse_field

PATH_KINDS = ("path", "prompt-file")
_NOWHERE = object()  # a place inside a value that the value does not have
Placing = Callable[[str], str]


class Given(Struct, frozen=True):
    """A value from outside for a parameter, or for a place inside one (`input_dirs/0/path`)."""

    path: tuple[str, ...]
    value: Any
    origin: str  # "--set", "ATKC_PARAM_VOTES", "params.yaml", "the caller"
    base: str  # folder against which its paths resolve
    document: str = ""  # the spec in which it is written, whose project its paths may not leave
    place: tuple[str | int, ...] = ()  # where it stands in that spec


class Unset(Resolved):
    """A path that a parameter without a value stands for: nothing is read there."""

    __slots__ = ()


class Params(Struct):
    """The parameters of one file, resolved."""

    fields: dict[str, Field] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    unset: dict[str, Diagnostic] = field(default_factory=dict)

    def constant(self) -> Constant:
        """Return the `params` of expressions; null is known to be null, a value not to be."""
        kinds = {n: narrowed(f.type, self.values[n]) for n, f in self.fields.items()}
        return Constant(Record.of(kinds), dict(self.values))


def narrowed(kind: Type, value: Any) -> Type:
    """Return the type less null where the value is known not to be null, NULL where it is."""
    if isinstance(kind, Nullable):
        return NULL if value is None else kind.item
    return kind


def resolve_params(
    space: Workspace, document: Document, given: list[Given], before: Params | None = None
) -> Params:
    """Return the parameters of a file with their values; what does not fit is reported.

    `before`: the same with other values, in which nothing was found.
    """
    params = Params()
    changed: set[str] = set()  # against before
    for name, raw in document.data.get("params", {}).items():
        key = (document.path, name)
        if key not in space.fields:
            space.fields[key] = _field(space, document, name, raw)
        params.fields[name] = space.fields[key]
    _unknown(space, params, given)
    for name in params.fields:
        mine = [g for g in given if g.path[0] == name]
        if not mine and (document.path, name) in space.settled:
            params.values[name] = space.settled[(document.path, name)]
            params.origins[name] = "default"
        elif not mine and before is not None and _stays(document, name, before, changed):
            params.values[name], params.origins[name] = before.values[name], "default"
        else:
            _value(space, document, params, name, mine)
            if before is not None and params.values[name] != before.values[name]:
                changed.add(name)
    return params


def _stays(document: Document, name: str, before: Params, changed: set[str]) -> bool:
    """Return whether a default has the value that it had before."""
    raw = document.data["params"][name]
    if before.origins[name] != "default" or _fields_ask(before.fields[name].type):
        return False
    if "forward" in raw:  # to a parameter of a module, whose default is not written here
        return False
    read = params_read(raw)
    return read is not None and read.isdisjoint(changed)


def _field(space: Workspace, document: Document, name: str, raw: Mapping[str, Any]) -> Field:
    if "forward" in raw:
        return _forwarded(space, document, name, raw["forward"])
    try:
        told = {key: value for key, value in raw.items() if key != "group"}
        kind = parse_field(told, record_types(space, document))
    except TypeTextError as error:
        span = span_at(document.root, ("params", name, *error.path))
        space.report(Diagnostic(error.code, error.message, span))
        return Field(ANY)
    if "type" not in raw:
        span = span_at(document.root, ("params", name), key=True)
        space.report(Diagnostic("ATK203", f"parameter `{name}` needs the key `type`", span))
        return Field(ANY)
    whole = anchored(Record((("it", kind),)), document.path)
    assert isinstance(whole, Record)
    found = whole.get("it")
    assert found is not None
    return found


def _forwarded(space: Workspace, document: Document, name: str, target: str) -> Field:
    """Return a parameter of a module that a step uses: `step.param`."""
    span = span_at(document.root, ("params", name, "forward"))
    step, _, inner = target.partition(".")
    use = document.data.get("steps", {}).get(step, {}).get("use")
    path = space.locate(use, document.path, span) if isinstance(use, str) else None
    module = path and space.document(path, "pipeline", span)
    if not module or inner not in module.data.get("params", {}):
        space.report(
            Diagnostic("ATK306", f"`{target}` names no parameter of a module in `steps`", span)
        )
        return Field(ANY)
    if (module.path, inner) in space.forwards:
        space.report(Diagnostic("ATK311", f"`{target}` is forwarded in a circle", span))
        return Field(ANY)
    space.forwards.append((module.path, inner))
    found = _field(space, module, inner, module.data["params"][inner])
    space.forwards.pop()
    return found


def _unknown(space: Workspace, params: Params, given: list[Given]) -> None:
    for item in given:
        if item.path[0] not in params.fields:
            known = ", ".join(f"`{n}`" for n in params.fields) or "none"
            space.report(
                Diagnostic(
                    "ATK003",
                    f"{item.origin}: there is no parameter `{item.path[0]}`",
                    help=hint(item.path[0], params.fields) or f"known parameters: {known}",
                )
            )


def _value(
    space: Workspace, document: Document, params: Params, name: str, given: list[Given]
) -> None:
    wanted = params.fields[name]
    before = len(space.diagnostics)
    # most defaults are plain: what is known so far is gathered only where one asks for it
    asks = _asks(wanted.rule.default if wanted.rule else None) or _fields_ask(wanted.type)
    constants = {"params": params_so_far(params)} if asks else {}
    span = span_at(document.root, ("params", name), key=True)
    rule = wanted.rule
    value, origin = None, "unset"
    if rule is not None and rule.has_default:
        raw = rule.default
        value, origin = _default(space, raw, constants, wanted.type, span), "default"
    for item in given:
        place = _outside(item.base)
        if item.document:
            place = _within(space, item.document, span)
        changed = _assign(value, item, wanted.type, place)
        if changed is _NOWHERE:
            there = "/".join(item.path)
            space.report(Diagnostic("ATK003", f"{item.origin}: there is no place `{there}`", span))
            continue
        value, origin = changed, item.origin
    if origin == "unset" and not isinstance(wanted.type, Nullable):
        params.unset[name] = Diagnostic(
            "ATK005",
            f"parameter `{name}` has no value",
            span,
            help=f"give one with `--set {name}=…`",
        )
        params.values[name], params.origins[name] = stand_in(wanted.type), "unset"
        return
    wrong = conform({name: value}, Record(((name, _without_defaults(wanted)),)))
    if not wrong:
        value = _completed(space, value, wanted.type, constants, span)
        wrong = conform({name: value}, Record(((name, wanted),)))
    for miss in wrong:
        where = "/".join(str(p) for p in miss.path)
        said = "" if origin == "default" else f"{origin}: "
        written = _written(document, name, miss.path) if origin == "default" else span
        space.report(Diagnostic("ATK004", f"{said}`{where}`: {miss.message}", written))
    by = None
    if origin != "default":
        by = Writer(origin, given[-1].document, given[-1].place)
    bad = bool(wrong) or misread(space, document, name, value, wanted, by)
    params.values[name] = stand_in(wanted.type) if bad else value
    params.origins[name] = origin
    if origin == "default" and not asks and len(space.diagnostics) == before:
        space.settled[(document.path, name)] = value


def _asks(raw: Any) -> bool:
    """Return whether a default holds a `${…}`."""
    match raw:
        case Anchored():
            return _asks(raw.raw)
        case str():
            return "${" in raw
        case dict():
            return any(_asks(v) for v in raw.values())
        case list():
            return any(_asks(v) for v in raw)
    return False


def _fields_ask(kind: Type) -> bool:
    """Return whether a type has records in it with fields whose defaults hold a `${…}`."""
    match kind:
        case ListOf() | Nullable():
            return _fields_ask(kind.item)
        case MapOf():
            return _fields_ask(kind.value)
        case Record():
            return any(
                _asks(f.rule and f.rule.default) or _fields_ask(f.type) for _, f in kind.items()
            )
    return False


def _without_defaults(field: Field) -> Field:
    """Return what a value holds before defaults are filled in: those fields may be absent."""
    has_default = field.rule is not None and field.rule.has_default
    return Field(_sparse(field.type), field.optional or has_default, field.rule)


def _sparse(kind: Type) -> Type:
    match kind:
        case ListOf():
            return ListOf(_sparse(kind.item))
        case MapOf():
            return MapOf(_sparse(kind.value))
        case Nullable():
            return Nullable(_sparse(kind.item))
        case Record():
            return Record(tuple((n, _without_defaults(f)) for n, f in kind.items()))
    return kind


def _written(document: Document, name: str, path: tuple[str | int, ...]) -> Span:
    """Return the place of a part of a default, as far as it is written out there."""
    return span_at(document.root, ("params", name, "default", *path[1:]))


def params_so_far(params: Params) -> Constant:
    """Return `params` with the values known up to now."""
    kinds = {n: narrowed(params.fields[n].type, v) for n, v in params.values.items()}
    return Constant(Record.of(kinds), dict(params.values))


def _default(
    space: Workspace, raw: Any, constants: Mapping[str, Constant], kind: Type, span: Any
) -> Any:
    assert isinstance(raw, Anchored)
    value, problems = space.fill(raw.raw, constants)
    for _, problem in problems:
        space.report(problem.at(span))
    return located(value, kind, _within(space, raw.base, span))


def _within(space: Workspace, document: str, span: Any) -> Placing:
    """Return what resolves paths written in a spec; those that leave its project are reported."""

    def place(text: str) -> str:
        return space.locate(text, document, span) or resolve(text, folder_of(document))

    return place


def _outside(folder: str) -> Placing:
    """Return what resolves paths given from outside: they may lie anywhere."""
    return lambda text: resolve(text, folder)


def _completed(
    space: Workspace, value: Any, kind: Type, constants: Mapping[str, Constant], span: Any
) -> Any:
    """Fill in the defaults of record fields; each may read `params` and `it`."""

    def evaluate(raw: Any, names: Mapping[str, Constant]) -> Any:
        assert isinstance(raw, Anchored)
        found, problems = space.fill(raw.raw, {**constants, **names})
        for _, problem in problems:
            space.report(problem.at(span))
        return located(found, raw.type, _within(space, raw.base, span))

    return complete(value, kind, evaluate)


def located(value: Any, kind: Type, place: Placing) -> Any:
    """Return the value with each path in it resolved."""
    kind = non_null(kind)
    match kind, value:
        case Scalar(), str() if kind.name in PATH_KINDS:
            return value if isinstance(value, Resolved) else place(value)
        case ListOf(), list():
            return [located(v, kind.item, place) for v in value]
        case MapOf(), dict():
            return {k: located(v, kind.value, place) for k, v in value.items()}
        case Record(), dict():
            fields = dict(kind.items())
            return {
                k: located(v, fields[k].type, place) if k in fields else v for k, v in value.items()
            }
    return value


def _assign(value: Any, item: Given, kind: Type, place: Placing) -> Any:
    new = item.value
    if len(item.path) == 1:
        return located(copy.deepcopy(new), kind, place)
    root = copy.deepcopy(value)
    at, inner = root, kind
    for part in item.path[1:-1]:
        at, inner = _step_into(at, part, inner), _inner(inner, part)
    last = item.path[-1]
    new = located(new, _inner(inner, last), place)
    if isinstance(at, list) and last.isdigit() and int(last) <= len(at):
        at[int(last) : int(last) + 1] = [new]
    elif isinstance(at, dict):
        at[last] = new
    else:
        return _NOWHERE
    return root


def _step_into(value: Any, part: str, kind: Type) -> Any:
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    if not isinstance(value, dict):
        return None
    kind = non_null(kind)
    if part not in value and isinstance(kind, Record) and kind.get(part) is not None:
        value[part] = {}  # a record whose fields all have defaults may be left out
    return value.get(part)


def _inner(kind: Type, part: str) -> Type:
    kind = non_null(kind)
    if isinstance(kind, ListOf):
        return kind.item
    if isinstance(kind, MapOf):
        return kind.value
    found = kind.get(part) if isinstance(kind, Record) else None
    return found.type if found else ANY


def stand_in(kind: Type) -> Any:
    """Return a value of a type, for lint of a spec whose parameter has none yet."""
    match kind:
        case Enum():
            return kind.values[0]
        case ListOf():
            return []
        case MapOf():
            return {}
        case Record():
            return {n: stand_in(f.type) for n, f in kind.items() if not f.optional}
        case Nullable():
            return None
    known = {"integer": 1, "number": 1, "boolean": False, "null": None}
    if not isinstance(kind, Scalar):
        return None
    return Unset("unset") if kind.name in PATH_KINDS else known.get(kind.name, "unset")
