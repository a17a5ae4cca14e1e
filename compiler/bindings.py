"""`for_each`: bindings, their labels, and which instances of another step a reference means."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    ListOf,
    Nullable,
    Record,
    Type,
    join,
)

Labels = tuple[tuple[str, str], ...]  # (binding, label), in written order


class Binding(Struct, frozen=True):
    """One name of a `for_each` with the items it goes over."""

    name: str
    items: tuple[Any, ...]
    labels: tuple[str, ...]
    type: Type


def label_of(item: Any, index: int) -> str:
    """Return the label of an item: a scalar itself, a mapping's `name`, else its number."""
    if isinstance(item, Mapping):
        name = item.get("name")
        return slug(str(name)) if isinstance(name, str | int) else str(index)
    if isinstance(item, bool):
        return str(item).lower()
    return slug(str(item)) if isinstance(item, str | int | float) else str(index)


def slug(text: str) -> str:
    """Return the text as letters, digits, `_` and `-`, other runs as one `-`; never empty."""
    found = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", text)).strip("-")
    return found or "x"


def product(bindings: tuple[Binding, ...]) -> Iterator[tuple[Labels, dict[str, tuple[Type, Any]]]]:
    """Yield the instances in written order: their labels, and (type, value) of each binding."""
    choices = [
        [(b, label, item) for label, item in zip(b.labels, b.items, strict=True)] for b in bindings
    ]
    for picked in itertools.product(*choices):
        labels = tuple((b.name, label) for b, label, _ in picked)
        yield labels, {b.name: (narrowed(b.type, item), item) for b, _, item in picked}


def narrowed(kind: Type, value: Any) -> Type:
    """Return the type less null where the value is known: values of parameters never surprise."""
    if isinstance(kind, Nullable):
        return NULL if value is None else narrowed(kind.item, value)
    if isinstance(kind, Record) and isinstance(value, Mapping):
        return Record.of({n: narrowed(f.type, value[n]) for n, f in kind.items() if n in value})
    return kind


def infer(value: Any) -> Type:
    """Return the type of a JSON value."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return NUMBER
        case str():
            return STRING
        case dict():
            return Record.of({str(k): infer(v) for k, v in value.items()})
        case list() | tuple():
            return ListOf(joined([infer(v) for v in value]))
    return ANY


def joined(kinds: list[Type]) -> Type:
    """Return the join of types; ANY where there is none."""
    found: Type | None = None
    for kind in kinds:
        found = kind if found is None else join(found, kind)
        if found is None:
            return ANY
    return found if found is not None else ANY


def matches(mine: Labels, other: Labels) -> bool:
    """Return whether an instance is meant by a reference: bindings that both have agree."""
    known = dict(mine)
    return all(known.get(name, label) == label for name, label in other)
