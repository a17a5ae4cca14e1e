"""What an argument may be: a name for messages and a test of its type."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    ListOf,
    MapOf,
    Type,
    is_number,
    is_text,
)


class Kind(Struct, frozen=True):
    """A kind of argument. `literal`: a text that is written out; `nulls`: null is a value too."""

    name: str
    accepts: Callable[[Type], bool]
    nulls: bool = False
    literal: bool = False


def _is_number(t: Type) -> bool:
    return t == ANY or is_number(t)


def _is_text(t: Type) -> bool:
    return t == ANY or is_text(t)


def _is_list(t: Type) -> bool:
    return t == ANY or isinstance(t, ListOf)


def _is_map(t: Type) -> bool:
    return t == ANY or isinstance(t, MapOf)


def _list_of(item: Callable[[Type], bool]) -> Callable[[Type], bool]:
    return lambda t: t == ANY or (isinstance(t, ListOf) and item(t.item))


_numbers = _list_of(_is_number)

ANYTHING = Kind("any", lambda _: True, nulls=True)
TEXT = Kind("string", _is_text)
NUMBER_KIND = Kind("number", _is_number)
INTEGER_KIND = Kind("integer", lambda t: t in (INTEGER, ANY))
LIST = Kind("list", _is_list)
MAP = Kind("map", _is_map)
TEXTS = Kind("list of strings", _list_of(_is_text))
NUMBERS = Kind("list of numbers", _numbers)
NUMBERS_OR_LIST = Kind("number or list of numbers", lambda t: _is_number(t) or _numbers(t))
SORTABLE = Kind("list of numbers or of strings", lambda t: _numbers(t) or _list_of(_is_text)(t))
SIZED = Kind("list, map or string", lambda t: _is_list(t) or _is_map(t) or _is_text(t))
SEARCHED = Kind("list or string", lambda t: _is_list(t) or _is_text(t))
PRINTABLE = Kind(
    "string, number or boolean", lambda t: _is_text(t) or _is_number(t) or t == BOOLEAN
)
LABEL = Kind('"label"', _is_text, literal=True)
FIELD_NAME = Kind('"field"', _is_text, literal=True)
