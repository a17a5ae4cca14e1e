"""Finds values that JSON in UTF-8 cannot carry, and turns library values into plain data."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from atkc.runtime.errors import RecordError


def plain(value: Any, path: str = "") -> Any:
    """Return a copy made of dict, list, str, int, float, bool and None.

    Dates become ISO text, decimals numbers. Raises RecordError `bad-row` for numbers that are not
    finite, halves of surrogate pairs, bytes, and other objects; the message names the field.
    """
    match value:
        case None | bool() | int():
            return value
        case str():
            return _text(value, path)
        case float():
            return _finite(value, path)
        case dict():
            return {
                _key(k, path): plain(v, f"{path}.{k}" if path else str(k)) for k, v in value.items()
            }
        case list() | tuple():
            return [plain(item, f"{path}[{n}]") for n, item in enumerate(value)]
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
    raise RecordError("bad-row", f"{_named(path)} holds a value of type `{type(value).__name__}`")


def plain_row(value: Any) -> dict[str, Any]:
    """Return a row as plain data; RecordError `bad-row` if it is not an object."""
    if not isinstance(value, dict):
        raise RecordError("bad-row", f"is a {_json_name(value)}, not an object")
    try:
        row: dict[str, Any] = plain(value)
    except RecursionError as error:
        raise RecordError("bad-row", "is nested too deeply") from error
    return row


def _text(text: str, path: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        message = f"{_named(path)} holds half of a surrogate pair, which UTF-8 cannot write"
        raise RecordError("bad-row", message) from error
    return text


def _finite(number: float, path: str) -> float:
    if not math.isfinite(number):
        raise RecordError("bad-row", f"{_named(path)} is {number}, which JSON cannot write")
    return number


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise RecordError("bad-row", f"{_named(path)} has a key that is not text: `{key!r}`")
    return _text(key, path)


def _named(path: str) -> str:
    return f"field `{path}`" if path else "the row"


def _json_name(value: Any) -> str:
    names = {list: "list", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number" if isinstance(value, int | float) else "value")
