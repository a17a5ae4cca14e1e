"""The filters that a template may use: what each takes, what it gives, and its body."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Undefined
from msgspec import Struct

from atkc.spec.rowtype import ANY, INTEGER, NUMBER, STRING, STRINGS, ListOf, Type, is_text
from atkc.spec.template.failure import TemplateError
from atkc.spec.template.printing import bounded, check_size, describe, spell


class Argument(Struct, frozen=True):
    """An argument of a filter or test: its kind as in `takes`, and whether it must be given."""

    name: str
    kind: str
    required: bool = False


class Filter(Struct, frozen=True):
    """`takes`: text, number, list, texts (a list of printable values), sized, any, maybe.

    `any` accepts null but no absent field, `maybe` accepts both.
    """

    takes: str
    body: Callable[..., Any]
    gives: Callable[[Type], Type]
    arguments: tuple[Argument, ...] = ()
    may_be_absent: bool = False  # `first` of an empty list


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TemplateError(f"{describe(value)} stands where a text is needed")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list | tuple | str):
        return list(value)
    raise TemplateError(f"{describe(value)} stands where a list is needed")


def _join(value: Any, glue: str = "") -> str:
    return bounded([spell(item) for item in _list(value)], _text(glue))


def _tojson(value: Any, indent: int | None = None) -> str:
    if isinstance(value, Undefined):
        raise TemplateError(describe(value))
    width = None if indent is None else min(max(indent, 0), 8)
    return json.dumps(value, ensure_ascii=False, indent=width, allow_nan=False)


def _length(value: Any) -> int:
    if isinstance(value, Mapping):
        return len(value)
    return len(value) if isinstance(value, str) else len(_list(value))


def _truncate(value: Any, length: int = 255, killwords: bool = False, end: str = "...") -> str:
    text = _text(value)
    if len(text) <= length:
        return text
    cut = text[: max(length - len(end), 0)]
    return (cut if killwords else cut.rsplit(" ", 1)[0]) + end


def _default(value: Any, other: Any = "", boolean: bool = False) -> Any:
    missing = value is None or isinstance(value, Undefined) or (boolean and not value)
    return other if missing else value


def _end(value: Any, at: int) -> Any:
    items = _list(value)
    return items[at] if items else Undefined("the list is empty")


def _replace(value: Any, old: str, new: str, count: int = -1) -> str:
    text = _text(value)
    times = text.count(old) if count < 0 else min(text.count(old), count)
    check_size(len(text) + times * len(new))
    return text.replace(old, new, count)


def _indent(value: Any, width: int = 4, first: bool = False, blank: bool = False) -> str:
    pad = " " * min(max(width, 0), 80)
    lines = _text(value).split("\n")
    check_size(sum(map(len, lines)) + (len(pad) + 1) * len(lines))
    rest = [pad + line if line or blank else line for line in lines[1:]]
    return "\n".join([pad + lines[0] if first else lines[0], *rest])


def _round(value: Any, precision: int = 0) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TemplateError(f"{describe(value)} stands where a number is needed")
    return round(value, precision) if precision > 0 else round(value)


def _sort(value: Any, reverse: bool = False) -> list[Any]:
    return sorted(_list(value), reverse=reverse)


def _unique(value: Any) -> list[Any]:
    kept: dict[str, Any] = {}
    for item in _list(value):
        kept.setdefault(json.dumps(item, sort_keys=True), item)
    return list(kept.values())


def _item(t: Type) -> Type:
    if isinstance(t, ListOf):
        return t.item
    return STRING if is_text(t) else ANY


def _text_filter(body: Callable[[str], str]) -> Filter:
    return Filter("text", lambda value: body(_text(value)), lambda _: STRING)


FILTERS: Mapping[str, Filter] = {
    "capitalize": _text_filter(str.capitalize),
    "default": Filter(
        "maybe", _default, lambda t: t, (Argument("value", "any"), Argument("boolean", "any"))
    ),
    "first": Filter("list", lambda value: _end(value, 0), _item, may_be_absent=True),
    "indent": Filter(
        "text",
        _indent,
        lambda _: STRING,
        (Argument("width", "number"), Argument("first", "any"), Argument("blank", "any")),
    ),
    "join": Filter("texts", _join, lambda _: STRING, (Argument("glue", "text"),)),
    "last": Filter("list", lambda value: _end(value, -1), _item, may_be_absent=True),
    "length": Filter("sized", _length, lambda _: INTEGER),
    "list": Filter("list", _list, lambda t: t if isinstance(t, ListOf) else STRINGS),
    "lower": _text_filter(str.lower),
    "replace": Filter(
        "text",
        _replace,
        lambda _: STRING,
        (Argument("old", "text", True), Argument("new", "text", True), Argument("count", "number")),
    ),
    "round": Filter("number", _round, lambda _: NUMBER, (Argument("precision", "number"),)),
    "sort": Filter("texts", _sort, lambda t: t, (Argument("reverse", "any"),)),
    "title": _text_filter(str.title),
    "tojson": Filter("any", _tojson, lambda _: STRING, (Argument("indent", "number"),)),
    "trim": _text_filter(str.strip),
    "truncate": Filter(
        "text",
        _truncate,
        lambda _: STRING,
        (Argument("length", "number"), Argument("killwords", "any"), Argument("end", "text")),
    ),
    "unique": Filter("list", _unique, lambda t: t),
    "upper": _text_filter(str.upper),
    "wordcount": Filter("text", lambda value: len(_text(value).split()), lambda _: INTEGER),
}
