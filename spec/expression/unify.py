"""Types of values that may be either of two, with the empty list's item as the lowest type."""

from __future__ import annotations

from atkc.spec.rowtype import (
    ANY,
    Enum,
    Field,
    Fit,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Scalar,
    Type,
    field_by_field,
    fits,
    join,
    non_null,
    nullable,
)

NEVER = Scalar("never")  # the item of `[]`: no value has it; it leaves no expression


def unify(a: Type, b: Type) -> Type | None:
    """Return the smallest type of which both are, or None; `any` swallows everything."""
    if a == b or b == NEVER:
        return a
    if a == NEVER:
        return b
    if ANY in (a, b):
        return ANY
    if isinstance(a, Nullable) or isinstance(b, Nullable):
        inner = unify(non_null(a), non_null(b))
        return None if inner is None else nullable(inner)
    match a, b:
        case ListOf(), ListOf():
            item = unify(a.item, b.item)
            return None if item is None else ListOf(item)
        case MapOf(), MapOf():
            value = unify(a.value, b.value)
            return None if value is None else MapOf(value)
        case Record(), MapOf():
            return _as_map(a, b)
        case MapOf(), Record():
            return _as_map(b, a)
        case Record(), Record():  # a field of one alone is optional: no value has one too many
            return field_by_field(a, b, unify)
    return join(a, b)


def _as_map(record: Record, map_: MapOf) -> Type | None:
    value: Type | None = map_.value
    for _, field in record.fields:
        value = None if value is None else unify(value, field.type)
    return None if value is None else MapOf(value)


def settle(t: Type) -> Type:
    """Return the type with `any` where the item of an empty list is still open."""
    match t:
        case ListOf():
            return ListOf(settle(t.item))
        case MapOf():
            return MapOf(settle(t.value))
        case Nullable():
            return nullable(settle(t.item))
        case Record():
            return Record(
                tuple((n, Field(settle(f.type), f.optional, f.rule)) for n, f in t.items())
            )
    return ANY if t == NEVER else t


def comparable(a: Type, b: Type) -> bool:
    """Return whether values of the two types can be equal; null aside."""
    a, b = non_null(a), non_null(b)
    if isinstance(a, Enum) and isinstance(b, Enum):
        return fits(a, b) is not Fit.NO
    return unify(a, b) is not None
