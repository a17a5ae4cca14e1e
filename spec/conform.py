"""JSON values held against types: what does not fit, what is filled in, and the JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from atkc.spec.expression.scope import Constant
from atkc.spec.rowtype import (
    ANY,
    NULL,
    Enum,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Rule,
    Scalar,
    Type,
    is_text,
    show,
)
from atkc.spec.suggest import hint

Path = tuple[str | int, ...]


class Mismatch(Struct, frozen=True):
    """A value that is not of its type, and where it stands; the message is one sentence."""

    path: Path
    message: str


def conform(value: Any, kind: Type, where: Path = (), *, closed: bool = True) -> list[Mismatch]:
    """Return all mismatches of a JSON value; `1`, `1.0`, `"1"` and `true` stay apart.

    An integer is a number. Keys that a record type does not name are refused when `closed`.
    """
    return list(_mismatches(value, kind, where, closed))


def _mismatches(value: Any, kind: Type, where: Path, closed: bool) -> Iterator[Mismatch]:
    match kind:
        case Nullable():
            if value is not None:
                yield from _mismatches(value, kind.item, where, closed)
        case ListOf() if isinstance(value, list):
            for at, item in enumerate(value):
                yield from _mismatches(item, kind.item, (*where, at), closed)
        case MapOf() if isinstance(value, dict):
            for key, item in value.items():
                yield from _mismatches(item, kind.value, (*where, key), closed)
        case Record() if isinstance(value, dict):
            yield from _record_mismatches(value, kind, where, closed)
        case Enum() if isinstance(value, str) and value not in kind.values:
            near = hint(value, kind.values)
            tail = f"; {near}" if near else ""
            yield Mismatch(where, f"`{value}` is none of {_listed(kind.values)}{tail}")
        case _ if not _is_scalar(value, kind):
            yield Mismatch(where, f"{_shown(value)} is not {show(kind)}")


def _is_scalar(value: Any, kind: Type) -> bool:
    if kind == ANY:
        return True
    if kind == NULL:
        return value is None
    if is_text(kind):
        return isinstance(value, str)
    if not isinstance(kind, Scalar):
        return False
    if isinstance(value, bool):
        return kind.name == "boolean"
    if isinstance(value, int):
        return kind.name in ("integer", "number")
    return isinstance(value, float) and kind.name == "number" and math.isfinite(value)


def _record_mismatches(
    value: Mapping[str, Any], kind: Record, where: Path, closed: bool
) -> Iterator[Mismatch]:
    for name, field in kind.items():
        if name in value:
            here = (*where, name)
            wrong = list(_mismatches(value[name], field.type, here, closed))
            yield from wrong or _out_of_bounds(value[name], field.rule, here)
        elif not field.optional:
            yield Mismatch(where, f"`{name}` is missing")
    if closed:
        known = kind.names()
        for name in value:
            if name not in known:
                near = hint(str(name), known)
                tail = f"; {near}" if near else ""
                yield Mismatch((*where, name), f"there is no field `{name}`{tail}")


def _out_of_bounds(value: Any, rule: Rule | None, where: Path) -> Iterator[Mismatch]:
    if rule is None or isinstance(value, bool) or not isinstance(value, int | float):
        return
    if rule.minimum is not None and value < rule.minimum:
        yield Mismatch(where, f"`{value}` is below the minimum, {rule.minimum}")
    if rule.maximum is not None and value > rule.maximum:
        yield Mismatch(where, f"`{value}` is above the maximum, {rule.maximum}")
    if rule.exclusive_maximum is not None and value >= rule.exclusive_maximum:
        yield Mismatch(where, f"`{value}` is not below {rule.exclusive_maximum}")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{v}`" for v in values)


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


Evaluate = Callable[[Any, Mapping[str, Constant]], Any]


def complete(value: Any, kind: Type, evaluate: Evaluate) -> Any:
    """Return the value with defaults of record fields filled in, in the order of the fields.

    `evaluate` gets the default as written and `{"it": Constant}`, the record so far; what it
    returns is completed in turn. Values of another type stay as they are.
    """
    match kind:
        case Nullable():
            return None if value is None else complete(value, kind.item, evaluate)
        case ListOf() if isinstance(value, list):
            return [complete(item, kind.item, evaluate) for item in value]
        case MapOf() if isinstance(value, dict):
            return {key: complete(item, kind.value, evaluate) for key, item in value.items()}
        case Record() if isinstance(value, dict):
            return _complete_record(value, kind, evaluate)
    return value


def _complete_record(value: dict[str, Any], kind: Record, evaluate: Evaluate) -> dict[str, Any]:
    done: dict[str, Any] = {}
    for name, field in kind.items():
        if name in value:
            done[name] = complete(value[name], field.type, evaluate)
        elif field.rule is not None and field.rule.has_default:
            it = Constant(kind.only(set(done)), dict(done))
            made = evaluate(field.rule.default, {"it": it})
            done[name] = complete(made, field.type, evaluate)
    return done | {name: item for name, item in value.items() if name not in done}


def to_json_schema(kind: Type) -> dict[str, Any]:
    """Return the type as JSON Schema, draft 2020-12; records are closed."""
    match kind:
        case Enum():
            return {"type": "string", "enum": list(kind.values)}
        case ListOf():
            return {"type": "array", "items": to_json_schema(kind.item)}
        case MapOf():
            return {"type": "object", "additionalProperties": to_json_schema(kind.value)}
        case Record():
            return {
                "type": "object",
                "properties": {n: _field_schema(f) for n, f in kind.items()},
                "required": [n for n, f in kind.items() if not f.optional],
                "additionalProperties": False,
            }
        case Nullable():
            return _or_null(to_json_schema(kind.item))
    if kind == ANY:
        return {}
    return {"type": "string" if is_text(kind) else kind.name}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The list of types keeps messages precise; branches are needed for nothing here."""
    if not schema:
        return schema
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | more


def _field_schema(field: Field) -> dict[str, Any]:
    schema, rule = to_json_schema(field.type), field.rule
    if rule is None:
        return schema
    bounds = {
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "exclusiveMaximum": rule.exclusive_maximum,
        "description": rule.description or None,
    }
    return schema | {key: value for key, value in bounds.items() if value is not None}
