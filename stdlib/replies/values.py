"""Turning what stands in a reply into values of the declared types, by a few stated coercions.

`"2.0"` is a number, `yes`, `no`, `true`, `false` are booleans, a value of `one of` may have any
case; in text forms a list is a line per item. Everything else must be of its type already.
"""

from __future__ import annotations

import math
import re
from typing import Any

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Part
from atkc.spec.rowtype import (
    ANY,
    Enum,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Scalar,
    Type,
    is_text,
    non_null,
    show,
)

ABSENT: Any = object()
_NUMBER = re.compile(r"[+-]?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?")
_BOOLEANS = {"yes": True, "true": True, "no": False, "false": False}
_BULLET = re.compile(r"\s{0,20}(?:[-*+•–—]|\d{1,4}[.)])\s{1,20}")


def from_json(value: Any, t: Type, where: str) -> Any:
    """Return a JSON value as a value of the type, or raise `wrong-type` or `missing-field`."""
    match t:
        case Nullable():
            return None if value is None else from_json(value, t.item, where)
        case ListOf():
            if isinstance(value, list):
                return [from_json(item, t.item, f"{where}[{i}]") for i, item in enumerate(value)]
        case MapOf():
            if isinstance(value, dict):
                return {k: from_json(v, t.value, f"{where}.{k}") for k, v in value.items()}
        case Record():
            if isinstance(value, dict):
                return _record(value, t, where)
        case Scalar() | Enum():
            found = _scalar(value, t)
            if found is not ABSENT:
                return found
    raise _wrong(value, t, where)


def _record(value: dict[str, Any], t: Record, where: str) -> dict[str, Any]:
    out = {}
    for name, field in t.items():
        found = take(value.get(name, ABSENT), field, f"{where}.{name}")
        if found is not ABSENT:
            out[name] = found
    return out


def take(value: Any, field: Field, where: str) -> Any:
    """Return a member as its field wants it; `ABSENT` for an optional one that is not there."""
    missing = value is ABSENT or (value is None and not isinstance(field.type, Nullable))
    if missing and field.type != ANY:
        if field.optional:
            return ABSENT
        if isinstance(field.type, Nullable):
            return None
        raise ReplyError("missing-field", f"`{where}` is missing")
    if value is ABSENT:
        raise ReplyError("missing-field", f"`{where}` is missing")
    return from_json(value, field.type, where)


def _scalar(value: Any, t: Scalar | Enum) -> Any:
    if t == ANY:
        return _checked(value)
    if isinstance(t, Enum):
        return _enum(value, t)
    if is_text(t):
        return _checked(value) if isinstance(value, str) else ABSENT
    if t.name == "boolean":
        if isinstance(value, str):
            return _BOOLEANS.get(value.strip().casefold(), ABSENT)
        return value if isinstance(value, bool) else ABSENT
    if t.name == "null":
        return None if value is None else ABSENT
    return _number(value, whole=t.name == "integer")


def _enum(value: Any, t: Enum) -> Any:
    if not isinstance(value, str):
        return ABSENT
    if value in t.values:
        return value
    folded = " ".join(value.casefold().split())
    near = [v for v in t.values if " ".join(v.casefold().split()) == folded]
    return near[0] if len(near) == 1 else ABSENT


def _number(value: Any, whole: bool) -> Any:
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            return ABSENT
        value = float(text) if set(text) & set(".eE") else int(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ABSENT
    if isinstance(value, float):
        if not math.isfinite(value):
            return ABSENT
        if whole:
            return int(value) if value.is_integer() else ABSENT
    return value


def _checked(value: Any) -> Any:
    """Refuse half a surrogate pair: no file could hold it."""
    if isinstance(value, str):
        return value if value.isascii() or is_encodable(value) else ABSENT
    if isinstance(value, list):
        return ABSENT if any(_checked(v) is ABSENT for v in value) else value
    if isinstance(value, dict):
        bad = any(_checked(k) is ABSENT or _checked(v) is ABSENT for k, v in value.items())
        return ABSENT if bad else value
    return ABSENT if isinstance(value, float) and not math.isfinite(value) else value


def is_encodable(text: str) -> bool:
    """Return whether the text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def from_text(text: str, part: Part) -> Any:
    """Return the value that stands in a place of a text form; empty is missing."""
    text = text.strip()
    if not text:
        return take(ABSENT, Field(part.type, part.optional), part.name)
    inner = non_null(part.type)
    if isinstance(inner, ListOf):
        return [_plain(item, inner.item, part.name) for item in list_items(text)]
    return _plain(text, inner, part.name)


def _plain(text: str, t: Type, where: str) -> Any:
    return from_json(text if is_text(t) and not isinstance(t, Enum) else _bare(text), t, where)


def _bare(text: str) -> str:
    """Return a number or a word less the marks of emphasis around it."""
    return text.strip().strip("*_`").strip()


def list_items(text: str) -> list[str]:
    """Return the lines of a list in a section, less dashes and numbers."""
    lines = (line.strip() for line in text.split("\n"))
    return [_BULLET.sub("", line, count=1).strip() for line in lines if line]


def _wrong(value: Any, t: Type, where: str) -> ReplyError:
    shown = str(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return ReplyError("wrong-type", f"`{where}` is {show(t)}, not `{shown}`")
