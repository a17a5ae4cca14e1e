"""What shapers share: finding the fields that options name, nested ones included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    STRING,
    TURNS,
    Field,
    Fit,
    ListOf,
    MapOf,
    Record,
    Scalar,
    Type,
    fits,
    non_null,
    show,
)
from atkc.spec.signature import Option, ShapeError
from atkc.spec.suggest import hint

TURNS_OPTION = Option(STRING, "turns", description="the field with the turns")
TEMPLATE_OPTION = Option(
    Scalar("chat-template"), "atk", description="`atk`, `chatml`, or a Jinja text over `messages`"
)
VARIABLES_OPTION = Option(MapOf(ANY), {}, description="further variables of the template")
SEGMENTS = ListOf(Record.of({"label": BOOLEAN, "text": STRING}))


def find(record: Record, name: str, option: str) -> Field | ShapeError:
    """Return the field at a name or dotted path, or why there is none."""
    if whole := record.get(name):
        return whole
    current: Record = record
    field: Field | None = None
    parts = name.split(".")
    for n, part in enumerate(parts):
        field = current.get(part)
        if field is None:
            known = current.names()
            listed = ", ".join(known) or "none"
            help_ = hint(part, known) or f"use one of the fields that are there: {listed}"
            return ShapeError(f"no field is called `{'.'.join(parts[: n + 1])}`", option, help_)
        inner = non_null(field.type)
        if inner == ANY or isinstance(inner, MapOf):
            return Field(ANY if inner == ANY else inner.value)  # type: ignore[union-attr]
        current = inner if isinstance(inner, Record) else Record()
    assert field is not None
    return field


def need(record: Record, name: str, wanted: Type, option: str) -> ShapeError | None:
    """Return why the field does not do where `wanted` is needed, or None."""
    field = find(record, name, option)
    if isinstance(field, ShapeError):
        return field
    if fits(field.type, wanted) is Fit.NO:
        message = f"field `{name}` is {show(field.type)}, not {show(wanted)}"
        return ShapeError(message, option)
    return None


def top(record: Record, *names: str) -> Record:
    """Return the top-level fields that these names or dotted paths read."""
    heads = {name if name in record else name.split(".")[0] for name in names if name}
    return record.only(heads)


def need_turns(record: Record, options: Mapping[str, Any]) -> ShapeError | None:
    """Return why the field that the option `turns` names holds no turns, or None."""
    return need(record, options["turns"], TURNS, "turns")


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value at a name or dotted path; None where the path ends early."""
    if path in row:
        return row[path]
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
