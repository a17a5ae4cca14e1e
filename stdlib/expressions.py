"""The bodies of the expression functions, by the names of `spec/expression/functions.py`.

They get values of the declared types, and `any` values which may be of any type: what does not
fit raises EvaluationError. Functions of chance and `tokens` get the Env first.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from atkc.spec.expression.evaluate import Env
from atkc.spec.expression.values import (
    MAX_ITEMS,
    MAX_TEXT,
    EvaluationError,
    finite,
    is_number,
    kind_of,
    member,
    within,
)

MAX_RANGE = 100_000
_MAX_DECIMALS = 15
_NUMBER = re.compile(r"\s*[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\s*")
_MAX_NUMBER_TEXT = 400
_NOT_SLUG = re.compile(r"[^\w-]+")


def _need(value: Any, kind: type | tuple[type, ...], name: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise EvaluationError(f"a function needs {name}, got {kind_of(value)}")
    return value


def _text(value: Any) -> str:
    text: str = _need(value, str, "a string")
    return text


def _list(value: Any) -> list[Any]:
    items: list[Any] = _need(value, list, "a list")
    return items


def _map(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = _need(value, dict, "a map")
    return found


def _integer(value: Any) -> int:
    number: int = _need(value, int, "an integer")
    return number


def _number(value: Any) -> int | float:
    number: int | float = _need(value, (int, float), "a number")
    return number


def _numbers(values: Any) -> list[int | float]:
    return [_number(item) for item in _list(values)]


def _bounded(length: int, cap: int, what: str) -> None:
    if length > cap:
        raise EvaluationError(f"a {what} grew beyond {cap}")


# Sizes and numbers


def count(value: Any) -> int:
    """Return the number of items or characters."""
    return len(_need(value, (list, dict, str), "a list, map or string"))


def total(values: Any) -> Any:
    """Return the sum."""
    try:
        return finite(sum(_numbers(values)))
    except OverflowError:
        raise EvaluationError("a sum grew beyond all bounds") from None


def _extreme(choose: Callable[[Any], Any]) -> Callable[..., Any]:
    def among(*args: Any) -> Any:
        whole = len(args) == 1 and isinstance(args[0], list)
        numbers = _numbers(args[0] if whole else list(args))
        return choose(numbers) if numbers else None

    return among


def absolute(value: Any) -> Any:
    """Return the number without its sign."""
    return abs(_number(value))


def rounded(value: Any, decimals: Any = None) -> Any:
    """Return the nearest integer, or the number with so many decimals (15 at most)."""
    number = _number(value)
    if decimals is None:
        return round(number)
    at = max(-_MAX_DECIMALS, min(_MAX_DECIMALS, _integer(decimals)))
    try:
        return round(number, at)
    except OverflowError:
        return number


# Texts


def slug(value: Any) -> str:
    """Return letters and digits of any script, `-` and `_`; `unnamed` where none is left."""
    text = unicodedata.normalize("NFKC", _text(value)).lower()
    return _NOT_SLUG.sub("-", text).strip("-") or "unnamed"


def basename(value: Any) -> str:
    """Return what follows the last slash that does not end the path."""
    return _text(value).rstrip("/").rpartition("/")[2]


def stem(value: Any) -> str:
    """Return the last part of a path without its suffix; a leading dot begins no suffix."""
    name = basename(value)
    head, dot, _ = name.rpartition(".")
    return head if dot and head.strip(".") else name


def split(value: Any, separator: Any = None) -> list[str]:
    """Return the parts; an empty separator parts at white space, as none does."""
    text = _text(value)
    parts = text.split(_text(separator)) if separator else text.split()
    _bounded(len(parts), MAX_ITEMS, "list")
    return parts


def join(values: Any, separator: Any) -> str:
    """Return the texts with the separator between them."""
    parts, between = [_text(item) for item in _list(values)], _text(separator)
    _bounded(sum(map(len, parts)) + len(parts) * len(between), MAX_TEXT, "text")
    return between.join(parts)


def replace(value: Any, old: Any, new: Any) -> str:
    """Return the text with each occurrence replaced; an empty `old` occurs nowhere."""
    text, old, new = _text(value), _text(old), _text(new)
    if not old:
        return text
    _bounded(len(text) + text.count(old) * len(new), MAX_TEXT, "text")
    return text.replace(old, new)


def contains(where: Any, what: Any) -> bool:
    """Return whether a list holds the item or a text the part."""
    return within(what, _need(where, (list, str), "a list or string"))


def truncate(value: Any, length: Any) -> str:
    """Return the first characters."""
    return _text(value)[: max(0, _integer(length))]


# Lists


def concat(*lists: Any) -> list[Any]:
    """Return all items in order."""
    _bounded(sum(len(_list(items)) for items in lists), MAX_ITEMS, "list")
    return [item for items in lists for item in items]


def take(values: Any, length: Any) -> list[Any]:
    """Return the first items; all of them if there are fewer."""
    return _list(values)[: max(0, _integer(length))]


def drop(values: Any, length: Any) -> list[Any]:
    """Return what `take` leaves."""
    return _list(values)[max(0, _integer(length)) :]


def sort(values: Any) -> list[Any]:
    """Return numbers or texts in rising order, texts by code point."""
    items = _list(values)
    alike = all(is_number(item) for item in items) or all(isinstance(i, str) for i in items)
    if not alike:
        raise EvaluationError("`sort` needs numbers or strings, not both or others")
    return sorted(items)


def unique(values: Any) -> list[Any]:
    """Return each item once, at its first place; 1 and 1.0 are one item, 1 and true two."""
    seen: dict[Any, Any] = {}
    for item in _list(values):
        seen.setdefault(_frozen(item), item)
    return list(seen.values())


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return ("list", tuple(map(_frozen, value)))
    if isinstance(value, dict):
        return ("map", frozenset((key, _frozen(item)) for key, item in value.items()))
    return ("boolean", value) if isinstance(value, bool) else value


def pluck(values: Any, name: str) -> list[Any]:
    """Return the field of each record, null where it is absent."""
    return [member(item, name) for item in _list(values)]


def range_(start: Any, end: Any = None) -> list[int]:
    """Return the integers from 0 or `start` up to the end, which is left out."""
    low, high = (0, _integer(start)) if end is None else (_integer(start), _integer(end))
    _bounded(high - low, MAX_RANGE, "range")
    return list(range(low, high))


# Between types


def to_string(value: Any) -> str:
    """Return a text as it is, a number or truth value as JSON."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bool | int | float):
        raise EvaluationError(f"`to_string` needs a scalar, got {kind_of(value)}")
    try:
        return json.dumps(value)
    except ValueError:
        raise EvaluationError("an integer is too long to print") from None


def to_number(value: Any) -> Any:
    """Return the number that a text holds, or null; true is 1."""
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return _number(value)
    if len(value) > _MAX_NUMBER_TEXT or not _NUMBER.fullmatch(value):
        return None
    try:
        return int(value)
    except ValueError:
        number = float(value)
        return number if math.isfinite(number) else None


def to_integer(value: Any) -> int | None:
    """Return the integer that a text or number holds, or null."""
    number = to_number(value)
    if number is None or number != math.floor(number):
        return None
    return int(number)


# Chance


def draw_int(env: Env, label: str, low: Any, high: Any) -> int:
    """Return an integer from low to high, both included; low where the interval is empty."""
    low, high = _integer(low), _integer(high)
    return env.rng(label).randint(low, high) if low < high else low


def pick(env: Env, values: Any, label: str) -> Any:
    """Return one item, or null of an empty list."""
    items = _list(values)
    return env.rng(label).choice(items) if items else None


def shuffle(env: Env, values: Any, label: str) -> list[Any]:
    """Return the items in another order."""
    items = list(_list(values))
    env.rng(label).shuffle(items)
    return items


EXPRESSIONS: Mapping[str, Callable[..., Any]] = {
    "count": count,
    "length": count,
    "sum": total,
    "min": _extreme(min),
    "max": _extreme(max),
    "abs": absolute,
    "floor": lambda value: math.floor(_number(value)),
    "ceil": lambda value: math.ceil(_number(value)),
    "round": rounded,
    "lower": lambda text: _text(text).lower(),
    "upper": lambda text: _text(text).upper(),
    "strip": lambda text: _text(text).strip(),
    "slug": slug,
    "basename": basename,
    "stem": stem,
    "split": split,
    "join": join,
    "replace": replace,
    "contains": contains,
    "starts_with": lambda text, start: _text(text).startswith(_text(start)),
    "ends_with": lambda text, end: _text(text).endswith(_text(end)),
    "words": lambda text: len(_text(text).split()),
    "tokens": lambda env, text: env.tokens(_text(text)),
    "truncate": truncate,
    "concat": concat,
    "take": take,
    "drop": drop,
    "first": lambda values: member(_list(values), 0),
    "last": lambda values: member(_list(values), -1),
    "reverse": lambda values: _list(values)[::-1],
    "sort": sort,
    "unique": unique,
    "pluck": pluck,
    "range": range_,
    "keys": lambda values: list(_map(values)),
    "values": lambda values: list(_map(values).values()),
    "get": lambda values, key: _map(values).get(_text(key)),
    "to_string": to_string,
    "to_number": to_number,
    "to_integer": to_integer,
    "draw": lambda env, label: env.rng(label).random(),
    "draw_int": draw_int,
    "pick": pick,
    "shuffle": shuffle,
}
