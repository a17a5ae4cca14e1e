"""The types of values and records, and when one fits another.

Structural and small: scalars, enums, lists, records, open maps and `T | null`. There is no other
union. `ANY` fits and accepts everything; after an error a type becomes `ANY`, so that one mistake
gives one message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from typing import Any

from msgspec import Struct

SCALARS = ("string", "integer", "number", "boolean", "null", "any")
# Strings with a meaning: they fit `string` and each other's values are strings.
TEXT_KINDS = ("path", "prompt-file", "env-name", "template", "chat-template")


class Scalar(Struct, frozen=True):
    """One of SCALARS or TEXT_KINDS."""

    name: str


class Enum(Struct, frozen=True):
    """A string out of a closed set."""

    values: tuple[str, ...]


class ListOf(Struct, frozen=True):
    """A list whose items have one type."""

    item: Type


class MapOf(Struct, frozen=True):
    """An object with any keys and one type of value."""

    value: Type


class Nullable(Struct, frozen=True):
    """`item | null`; never nested."""

    item: Type


class Rule(Struct, frozen=True):
    """What a value must hold beyond its type, and its default (source text, may hold `${…}`)."""

    default: Any = None
    has_default: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_maximum: float | None = None
    description: str = ""
    variables: Record | None = None  # what a param of type `template` may read


class Field(Struct, frozen=True, eq=False):
    """A field of a record, compared without its rule. `optional`: the key may be absent."""

    type: Type
    optional: bool = False
    rule: Rule | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Field):
            return False
        return self.optional == other.optional and self.type == other.type

    def __hash__(self) -> int:
        return hash((self.type, self.optional))


class Record(Struct, frozen=True):
    """An object with known fields, in the order in which they were added."""

    fields: tuple[tuple[str, Field], ...] = ()

    @classmethod
    def of(cls, fields: Mapping[str, Type | Field]) -> Record:
        """Build a record from a mapping; bare types become required fields."""
        return cls(tuple((k, v if isinstance(v, Field) else Field(v)) for k, v in fields.items()))

    def get(self, name: str) -> Field | None:
        """Return the field of that name."""
        for known, field in self.fields:
            if known == name:
                return field
        return None

    def names(self) -> list[str]:
        """Return the names of all fields."""
        return [n for n, _ in self.fields]

    def items(self) -> Iterator[tuple[str, Field]]:
        """Iterate over (name, field)."""
        return iter(self.fields)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def without(self, names: set[str] | frozenset[str]) -> Record:
        """Return the record less the named fields."""
        return Record(tuple(p for p in self.fields if p[0] not in names))

    def only(self, names: set[str] | frozenset[str]) -> Record:
        """Return the record with the named fields alone."""
        return Record(tuple(p for p in self.fields if p[0] in names))

    def plus(self, added: Record) -> Record:
        """Return the record with fields added; one of the same name is replaced at its place."""
        new = dict(self.fields)
        new.update(dict(added.fields))
        return Record(tuple(new.items()))


Type = Scalar | Enum | ListOf | MapOf | Nullable | Record

STRING = Scalar("string")
INTEGER = Scalar("integer")
NUMBER = Scalar("number")
BOOLEAN = Scalar("boolean")
NULL = Scalar("null")
ANY = Scalar("any")
STRINGS = ListOf(STRING)
TURN = Record.of({"role": STRING, "content": STRING})
TURNS = ListOf(TURN)


class Fit(IntEnum):
    """How one type fits another: certainly not, perhaps, certainly."""

    NO = 0
    MAYBE = 1
    YES = 2


def is_text(t: Type) -> bool:
    """Return whether values of the type are strings."""
    return isinstance(t, Enum) or (
        isinstance(t, Scalar) and (t.name == "string" or t.name in TEXT_KINDS)
    )


def is_number(t: Type) -> bool:
    """Return whether values of the type are numbers."""
    return isinstance(t, Scalar) and t.name in ("integer", "number")


def nullable(t: Type) -> Type:
    """Return `t | null`."""
    return t if isinstance(t, Nullable) or t in (NULL, ANY) else Nullable(t)


def non_null(t: Type) -> Type:
    """Return the type less null."""
    return t.item if isinstance(t, Nullable) else t


def may_be_null(t: Type) -> bool:
    """Return whether null is a value of the type (`any` is not counted)."""
    return isinstance(t, Nullable) or t == NULL


def fits(src: Type, sink: Type) -> Fit:
    """Return whether each value of `src` is a value of `sink`."""
    if src == sink or ANY in (src, sink):
        return Fit.YES
    if isinstance(src, Nullable):
        inner = fits(src.item, sink)
        return inner if isinstance(sink, Nullable) else min(inner, Fit.MAYBE)
    if isinstance(sink, Nullable):
        return Fit.YES if src == NULL else fits(src, sink.item)
    if (src, sink) == (INTEGER, NUMBER):
        return Fit.YES
    if is_text(src) and is_text(sink) and not isinstance(sink, Enum):
        return Fit.YES
    return _structural_fits(src, sink)


def _structural_fits(src: Type, sink: Type) -> Fit:
    match src, sink:
        case Enum(), Enum():
            return _enum_fits(src, sink)
        case ListOf(), ListOf():
            return fits(src.item, sink.item)
        case MapOf(), MapOf():
            return fits(src.value, sink.value)
        case Record(), MapOf():
            return min((fits(f.type, sink.value) for _, f in src.items()), default=Fit.YES)
        case Record(), Record():
            return _record_fits(src, sink)
        case Scalar(), Enum() if is_text(src):
            return Fit.MAYBE
    return Fit.NO


def _enum_fits(src: Enum, sink: Enum) -> Fit:
    inside = set(src.values) & set(sink.values)
    return Fit.YES if len(inside) == len(src.values) else Fit.MAYBE if inside else Fit.NO


def _record_fits(src: Record, sink: Record) -> Fit:
    found = Fit.YES
    for name, want in sink.items():
        have = src.get(name)
        if have is None:
            if not want.optional:
                return Fit.NO
            continue
        found = min(found, fits(have.type, want.type))
        if have.optional and not want.optional:
            found = min(found, Fit.MAYBE)
    return found


def join(a: Type, b: Type) -> Type | None:
    """Return the smallest type that both fit, or None where there is none."""
    if ANY in (a, b):
        return ANY
    if fits(a, b) is Fit.YES:
        return b
    if fits(b, a) is Fit.YES:
        return a
    if a == NULL or b == NULL:
        return nullable(b if a == NULL else a)
    if isinstance(a, Nullable) or isinstance(b, Nullable):
        inner = join(non_null(a), non_null(b))
        return None if inner is None else nullable(inner)
    match a, b:
        case Enum(), Enum():
            return Enum(tuple(dict.fromkeys(a.values + b.values)))
        case ListOf(), ListOf():
            item = join(a.item, b.item)
            return None if item is None else ListOf(item)
        case MapOf(), MapOf():
            value = join(a.value, b.value)
            return None if value is None else MapOf(value)
        case Record(), Record():
            return join_records(a, b)
    return STRING if is_text(a) and is_text(b) else None


def join_records(a: Record, b: Record) -> Record | None:
    """Join field by field: in both, required; in one, optional; None if one does not join."""
    return field_by_field(a, b, join)


def field_by_field(
    a: Record, b: Record, meet: Callable[[Type, Type], Type | None]
) -> Record | None:
    """Return the record of what `meet` gives for fields of both; a field of one is optional."""
    out: dict[str, Field] = {}
    for name in dict.fromkeys(a.names() + b.names()):
        left, right = a.get(name), b.get(name)
        if left is None or right is None:
            only = left or right
            assert only is not None
            out[name] = Field(only.type, optional=True)
            continue
        both = meet(left.type, right.type)
        if both is None:
            return None
        out[name] = Field(both, left.optional or right.optional)
    return Record(tuple(out.items()))


def to_notation(t: Type) -> Any:
    """Return the type in the notation of specs, as JSON: `string`, `[T]`, `{f: T}`, `{any: T}`."""
    match t:
        case Scalar():
            return t.name
        case Enum():
            return "one of " + " | ".join(map(_quoted, t.values))
        case ListOf():
            return [to_notation(t.item)]
        case MapOf():
            return {"any": to_notation(t.value)}
        case Record():
            return {n: _named_notation(n, f, len(t.fields)) for n, f in t.items()}
    inner = to_notation(t.item)
    return f"{inner} | null" if isinstance(inner, str) else {"type": inner, "nullable": True}


_PLAIN_VALUE = re.compile(r"(?!null$)[^\s|'\"\[\]{},:#]+(?: [^\s|'\"\[\]{},:#]+)*")


def _quoted(value: str) -> str:
    plain = _PLAIN_VALUE.fullmatch(value)
    return value if plain else json.dumps(value, ensure_ascii=False)


def _named_notation(name: str, field: Field, fields: int) -> Any:
    """Fields called `type` or, standing alone, `any` need the long form: both are words there."""
    inner = _field_notation(field)
    if name == "type" and not (isinstance(inner, dict) and "type" in inner):
        return {"type": inner}
    if name == "any" and fields == 1:
        return {"type": to_notation(field.type), "optional": field.optional}
    return inner


def _field_notation(field: Field) -> Any:
    inner = to_notation(field.type)
    if not field.optional:
        return inner
    if isinstance(inner, str):
        return f"optional {inner}"
    return {"type": inner, "optional": True}


def _shown_field(name: str, field: Field) -> str:
    return f"{name}: {'optional ' if field.optional else ''}{show(field.type)}"


def show(t: Type) -> str:
    """Return the type as a person reads it in a message: `{id: string, score: number | null}`."""
    match t:
        case Scalar():
            return t.name
        case Enum():
            return "one of " + " | ".join(t.values)
        case ListOf():
            return f"[{show(t.item)}]"
        case MapOf():
            return f"{{any: {show(t.value)}}}"
        case Record():
            return "{" + ", ".join(_shown_field(n, f) for n, f in t.items()) + "}"
    return f"{show(t.item)} | null"
