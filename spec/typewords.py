"""The text form of type notation: `[string]`, `{id: string}`, `one of a | b`, `T | null`."""

from __future__ import annotations

import json
import re
from typing import Any

_VALUE = re.compile(r"""\s*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|([^|'"]*?))\s*(?:\||$)""")
_PLAIN = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\[\]{},'"])+""")
_KEY = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)"|([^\s:,{}\[\]'"]+))\s*:""")
_OR_NULL = re.compile(r"\s*\|\s*null\s*(?=[,\]}]|$)")
_OPTIONAL = re.compile(r"\s*optional\s+")
_ONE_OF = re.compile(r"\s*one\s+of(?:\s+|$)")
_DEPTH = 30


class WordError(Exception):
    """A text that is not type notation; the message is one sentence."""


def split_optional(text: str) -> tuple[bool, str]:
    """Return whether the text begins with `optional`, and what follows."""
    found = _OPTIONAL.match(text)
    return (True, text[found.end() :]) if found else (False, text)


def alternatives(text: str) -> tuple[tuple[str, ...], bool, bool]:
    """Return (words, whether null is one more, whether they are values of `one of`)."""
    one_of = _ONE_OF.match(text)
    words = _words(text[one_of.end() :] if one_of else text)
    may_be_null = len(words) > 1 and (None in words)
    kept = tuple(w for w in words if w is not None)
    if one_of:
        if len(set(kept)) < len(kept) or not kept or len(words) - len(kept) > 1:
            raise WordError(f"`{text}` names a value twice or none at all")
        return kept, may_be_null, True
    if words == [None]:
        return ("null",), False, False
    if len(kept) != 1 or len(words) > 2:
        raise WordError(f"`{text}` is a union; the only ones are `T | null` and `one of a | b`")
    return kept, may_be_null, False


def _words(text: str) -> list[str | None]:
    """Split at bars; None is the bare word `null`, which in quotes is a value like others."""
    words: list[str | None] = []
    at = 0
    while True:
        found = _VALUE.match(text, at)
        if not found:
            raise WordError(f"`{text}` has a quote that is not closed or stands in the middle")
        single, double, bare = found.groups()
        if bare == "":
            raise WordError("a type is missing" if not text.strip() else f"`{text}` lacks a word")
        words.append(None if bare == "null" else _unquoted(single, double, bare))
        at = found.end()
        if at == len(text):
            if text[found.start() : at].endswith("|"):
                raise WordError(f"`{text}` ends in a bar")
            return words


def _unquoted(single: str | None, double: str | None, bare: str | None) -> str:
    if double is not None:
        try:
            return str(json.loads(f'"{double}"'))
        except ValueError:
            raise WordError(f'`"{double}"` holds an escape that JSON does not know') from None
    return single if single is not None else bare or ""


def read_structure(text: str) -> Any:
    """Return the same notation as lists, mappings and plain texts."""
    data, at = _read(text, 0, 0)
    if text[at:].strip():
        raise WordError(f"`{text[at:].strip()}` follows a type that is complete")
    return data


def _read(text: str, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEPTH:
        raise WordError(f"the type is nested deeper than {_DEPTH} levels")
    optional = _OPTIONAL.match(text, at)
    if optional:
        inner, at = _read(text, optional.end(), depth + 1)
        plain = isinstance(inner, str)
        return (f"optional {inner}" if plain else {**_long(inner), "optional": True}), at
    at = _blank(text, at)
    opening = text[at : at + 1]
    if opening not in ("[", "{"):
        found = _PLAIN.match(text, at)
        if not found:
            raise WordError(f"a type is missing in `{text}`")
        return found[0].strip(), found.end()
    read = _read_list if opening == "[" else _read_mapping
    data, at = read(text, at + 1, depth + 1)
    null = _OR_NULL.match(text, at)
    return ({"type": data, "nullable": True}, null.end()) if null else (data, at)


def _long(inner: Any) -> dict[str, Any]:
    is_long = isinstance(inner, dict) and isinstance(inner.get("nullable"), bool)
    return inner if is_long else {"type": inner}


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _read_list(text: str, at: int, depth: int) -> tuple[Any, int]:
    item, at = _read(text, at, depth)
    at = _blank(text, at)
    if text[at : at + 1] != "]":
        raise WordError(f"`[` holds one type and is closed by `]` in `{text}`")
    return [item], at + 1


def _read_mapping(text: str, at: int, depth: int) -> tuple[Any, int]:
    fields: dict[str, Any] = {}
    at = _blank(text, at)
    while text[at : at + 1] != "}":
        key = _KEY.match(text, at)
        if not key:
            raise WordError(f"`{{` holds `field: type` and is closed by `}}` in `{text}`")
        name = next(g for g in key.groups() if g is not None)
        value, at = _read(text, key.end(), depth)
        if name in fields:
            raise WordError(f"`{name}` stands twice in `{text}`")
        fields[name] = value
        at = _blank(text, at)
        if text[at : at + 1] == ",":
            at = _blank(text, at + 1)
    return _settle(fields), at + 1


def _settle(fields: dict[str, Any]) -> dict[str, Any]:
    """Beside `type`, the words true, false, null and numbers of a long form are JSON."""
    if "type" not in fields:
        return fields
    return {k: _json(v) if k != "type" else v for k, v in fields.items()}


def _json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value != "null" else value
    except ValueError:
        return value
