"""What a call gives, worked out from the types of its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from msgspec import Struct

from atkc.spec.expression.unify import NEVER, comparable, unify
from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    NUMBER,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Type,
    is_number,
    is_text,
    non_null,
    nullable,
    show,
)
from atkc.spec.suggest import hint


class Arg(Struct, frozen=True):
    """The type of an argument, and its text if it is written out."""

    type: Type
    literal: str | None = None


class Refusal(Struct, frozen=True):
    """Why the arguments do not go together; `at` is the index of the one to underline."""

    at: int
    message: str
    code: str = "ATK404"
    help: str | None = None


Args = Sequence[Arg]


def item_of(t: Type) -> Type:
    """Return the type of the items of a list."""
    return t.item if isinstance(t, ListOf) else ANY


def first_type(args: Args) -> Type:
    """Return the type of the first argument: `abs`, `take`, `sort`, …"""
    return args[0].type


def item_or_null(args: Args) -> Type:
    """Return the item of the list, or null since it may be empty."""
    return nullable(item_of(args[0].type))


def total(args: Args) -> Type:
    """Return `integer` for integers."""
    item = item_of(args[0].type)
    return INTEGER if item in (INTEGER, NEVER) else ANY if item == ANY else NUMBER


def largest(args: Args) -> Type | Refusal:
    """Return the common type of two numbers or more, or that of one list's items or null."""
    if len(args) == 1 and not is_number(args[0].type):
        return item_or_null(args)
    for at, arg in enumerate(args):
        if not (is_number(arg.type) or arg.type == ANY):
            return Refusal(at, f"one list or several numbers, not {show(arg.type)} among numbers")
    return reduce(_wider, (arg.type for arg in args))


def _wider(a: Type, b: Type) -> Type:
    return unify(a, b) or ANY


def rounded(args: Args) -> Type:
    """Return `integer`, or the number's own type when decimals are asked for."""
    return INTEGER if len(args) == 1 else args[0].type


def searched(args: Args) -> Type | Refusal:
    """Return `boolean` if what is looked for can be in there."""
    where, what = args[0].type, args[1].type
    if is_text(where) and not (is_text(what) or what == ANY):
        return Refusal(1, f"a string contains strings, not {show(what)}")
    if isinstance(where, ListOf) and not comparable(where.item, what):
        return Refusal(1, f"{show(what)} is never in a list of {show(where.item)}")
    return BOOLEAN


def concatenated(args: Args) -> Type | Refusal:
    """Return a list of what the items of all lists have in common."""
    item: Type = NEVER
    for at, arg in enumerate(args):
        both = unify(item, item_of(arg.type))
        if both is None:
            return Refusal(at, f"{show(arg.type)} does not fit the lists of {show(item)} before it")
        item = both
    return ListOf(item)


def plucked(args: Args) -> Type | Refusal:
    """Return a list of the field's type."""
    item, name = item_of(args[0].type), args[1].literal or ""
    may_be_null = isinstance(item, Nullable)
    inner = non_null(item)
    if inner in (ANY, NEVER):
        return ListOf(inner)
    if isinstance(inner, MapOf):
        return ListOf(nullable(inner.value))
    if not isinstance(inner, Record):
        return Refusal(0, f"the items are no records but {show(item)}")
    field = inner.get(name)
    if field is None:
        message = f"the records have no field `{name}`"
        return Refusal(1, message, "ATK401", hint(name, inner.names()))
    return ListOf(nullable(field.type) if may_be_null or field.optional else field.type)


def map_values(args: Args) -> Type:
    """Return a list of the map's values."""
    t = args[0].type
    return ListOf(t.value if isinstance(t, MapOf) else ANY)


def entry(args: Args) -> Type:
    """Return the map's value or null."""
    t = args[0].type
    return nullable(t.value if isinstance(t, MapOf) else ANY)


def read_number(args: Args) -> Type:
    """Return the number's own type, or null where a text is read."""
    t = args[0].type
    return t if is_number(t) else nullable(NUMBER)


def read_integer(args: Args) -> Type:
    """Return `integer`, or null too where not each value is one."""
    return INTEGER if args[0].type in (INTEGER, BOOLEAN) else nullable(INTEGER)
