"""Replies in JSON: the first object or array of objects in a text, whatever stands around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, Part, Variant
from atkc.spec.contract_plan import ITEMS
from atkc.spec.rowtype import STRING, Field
from atkc.stdlib.replies.judging import judge
from atkc.stdlib.replies.placing import Data
from atkc.stdlib.replies.values import ABSENT, from_json, take
from atkc.stdlib.replies.wording import refuse_words

MAX_DEPTH = 64
_MAX_TRIES = 20  # brackets that are never closed: each costs a pass over the rest
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]', re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_ARRAY = re.compile(r'\[\s{0,80}\{\s{0,80}"')


def read(contract: Contract, text: str, truncated: bool) -> list[Data]:
    """Return the items of a JSON reply."""
    if contract.keep_closed and truncated:
        return [_item(contract, data) for data in _closed_objects(text)]
    known = set(_labels(contract))
    values = [] if contract.each and _is_cut(text) else list(_first(known, text))
    if not values and contract.keep_closed:
        return [_item(contract, data) for data in _closed_objects(text)]
    if not values:
        _nothing_found(contract, text)
    return [_item(contract, data) for data in _objects(contract, known, values[0])]


def _is_cut(text: str) -> bool:
    """Return whether an array of objects is begun and never closed: its first is not the reply."""
    opening = _ARRAY.search(text)
    return opening is not None and _end_of(text, opening.start()) is None


def _nothing_found(contract: Contract, text: str) -> NoReturn:
    opening = _OPENING.search(text)
    if opening and _end_of(text, opening.start()) is None and _mentions(contract, text):
        raise ReplyError("truncated", "the JSON value is not closed")
    raise ReplyError("no-json", "no JSON object can be read in the reply")


def _mentions(contract: Contract, text: str) -> bool:
    return any(f'"{label}"' in text for label in _labels(contract))


def _labels(contract: Contract) -> list[str]:
    labels = [part.label for part in contract.parts]
    labels += [variant.label for variant in contract.variants]
    return labels + ([contract.verdict.label] if contract.verdict else [])


def _first(known: set[str], text: str) -> Iterator[Any]:
    """Yield the first value that has one of the known keys, else the first of the form."""
    spare: list[Any] = []
    for value in _values(text):
        objects = _unwrapped(value, known)
        if objects is None:
            continue
        if not objects or any(not known.isdisjoint(data) for data in objects):
            yield value
            return
        spare.append(value)
    yield from spare[:1]


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON objects and arrays of a text, outer ones first."""
    whole = text.strip()
    if whole[:1] in ("{", "["):
        value = _loaded(whole)
        if value is not ABSENT:
            yield value
            return
    at = tries = 0
    while tries < _MAX_TRIES and (opening := _OPENING.search(text, at)):
        end = _end_of(text, opening.start())
        value = ABSENT if end is None else _loaded(text[opening.start() : end])
        tries += end is None
        at = opening.start() + 1 if value is ABSENT or end is None else end
        if value is not ABSENT:
            yield value


def _end_of(text: str, start: int) -> int | None:
    """Return the offset behind the bracket that closes the one at `start`."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        char = token[0]
        if char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
        if depth == 0:
            return token.end()
        if depth > MAX_DEPTH:
            return None
    return None


def _loaded(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return ABSENT


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ReplyError("no-json", f"the key `{twice}` stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ReplyError("no-json", f"`{name}` is not JSON")


# Not strict: models write line ends into strings as they are.
_DECODER = json.JSONDecoder(object_pairs_hook=_no_twins, parse_constant=_no_constant, strict=False)


def _unwrapped(value: Any, known: set[str]) -> list[dict[str, Any]] | None:
    """Return the objects of an object, an array of objects, or one under the key `items`."""
    if isinstance(value, dict):
        if len(value) > 1 or ITEMS in known or not isinstance(value.get(ITEMS), list):
            return [value]
        value = value[ITEMS]
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    return None


def _objects(contract: Contract, known: set[str], value: Any) -> list[dict[str, Any]]:
    found = _unwrapped(value, known) or []
    if contract.each is None and len(found) != 1:
        kind = "too-many" if found else "no-json"
        raise ReplyError(kind, f"the reply holds {len(found)} objects, not one")
    return found


def _closed_objects(text: str) -> list[dict[str, Any]]:
    """Return the objects that a cut-off array closed."""
    for opening in re.finditer(r"\[", text):
        found: list[dict[str, Any]] = []
        at = opening.end()
        while (brace := _OPENING.search(text, at)) and (end := _end_of(text, brace.start())):
            value = _loaded(text[brace.start() : end])
            if not isinstance(value, dict):
                break
            found.append(value)
            at = end
        if found or opening.start() > 4000:
            return found
    return []


def _item(contract: Contract, data: dict[str, Any]) -> Data:
    item: Data = {}
    if contract.reason:
        item["reason"] = from_json(data.get("reason", ""), STRING, "reason")
    item |= _part_values(contract.parts, data)
    value = ""
    if contract.verdict:
        said = data.get(contract.verdict.label, ABSENT)
        if not isinstance(said, str):
            raise ReplyError("no-verdict", f"`{contract.verdict.label}` is not a word")
        value = judge(contract.verdict, said)
        item["verdict"] = value
    for variant in contract.variants:
        item[variant.name] = _variant(variant, value, data)
    return item


def _part_values(parts: tuple[Part, ...], data: dict[str, Any]) -> Data:
    found = {}
    for part in parts:
        value = take(data.get(part.label, ABSENT), Field(part.type, part.optional), part.label)
        if value is not ABSENT:
            found[part.name] = value
    return found


def _variant(variant: Variant, value: str, data: dict[str, Any]) -> Data | None:
    if variant.when != value:
        return None
    inner = data.get(variant.label)
    if not isinstance(inner, dict):
        raise ReplyError("missing-field", f"`{variant.label}` is missing")
    found = _part_values(variant.parts, inner)
    for text in found.values():
        refuse_words(str(text), variant.refuse)
    return found
