"""Kinds of values in templates: what filters take, what can be printed, what `loop` has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    Record,
    Type,
    is_number,
    is_text,
    join,
)

LOOP = Record.of(
    {
        **dict.fromkeys(("index", "index0", "revindex", "revindex0", "length"), INTEGER),
        **dict.fromkeys(("first", "last"), BOOLEAN),
    }
)


def printable(t: Type) -> bool:
    """Return whether a value of the type can stand in a text."""
    return is_text(t) or is_number(t) or t in (BOOLEAN, ANY)


KINDS: dict[str, tuple[str, Callable[[Type], bool]]] = {
    "text": ("a text", is_text),
    "number": ("a number", is_number),
    "list": ("a list", lambda t: isinstance(t, ListOf)),
    "sized": ("a list or a text", lambda t: isinstance(t, ListOf | MapOf | Record) or is_text(t)),
    "texts": (
        "a list of texts or numbers",
        lambda t: isinstance(t, ListOf) and printable(t.item),
    ),
}


def either(a: Type, b: Type) -> Type:
    """Return a type for two alternatives; printable ones without a join are still printable."""
    both = join(a, b)
    if both is not None:
        return both
    if printable(a) and printable(b):
        return ANY
    return a if not printable(a) else b


def constant_type(value: Any) -> Type:
    if value is None:
        return NULL
    return {bool: BOOLEAN, int: INTEGER, float: NUMBER, str: STRING}[type(value)]
