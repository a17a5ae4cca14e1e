"""Both ways of each `when`: what only another value of a parameter would show.

A step that is off is not looked at, and a reader of its fields passes as long as it is on. So the
spec is looked at again with every parameter that one of its `when` names changed in turn to a
value that may turn the switch. Its modules stay unseen then: they have switches of their own, and
are looked at when they are linted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from atkc.compiler.graph import typed
from atkc.compiler.load import Document, Workspace
from atkc.compiler.params import Given, Params, narrowed, stand_in
from atkc.compiler.scope import Expansion
from atkc.spec.conform import conform
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.expression.scope import Constant
from atkc.spec.places import folder_of
from atkc.spec.rowtype import BOOLEAN, Enum, Field, ListOf, Nullable, Record, Type, is_number

Place = tuple[str, ...]  # a parameter, or a place inside one, as in `--set ways/0/repair=false`

_NAMES = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\b[A-Za-z_]\w*")
_WHOLE = re.compile(r"\s*\$\{\s*params\.(\w+)\s*\}\s*")
_APART = ("ATK003", "ATK004", "ATK005")  # the value is at fault, not the spec


class Switch(Struct, frozen=True):
    """Places that get one other value together: those of all items of a list."""

    name: str  # as a `when` names it
    values: tuple[tuple[Place, Any], ...]


def other_ways(
    space: Workspace, document: Document, given: list[Given], ex: Expansion
) -> Iterator[Diagnostic]:
    """Yield what is wrong in a spec, sound as its expansion is, with other values."""
    params = ex.params
    seen: set[tuple[object, ...]] | None = None
    for switch in _switches(document, params):
        if not _turns(space, document, params, switch):
            continue
        changed = [_given(document, place, value) for place, value in switch.values]
        found = _errors(space, document, [*given, *changed], ex)
        if found and seen is None:  # what unseen modules alone bring about is no finding
            seen = {(d.code, d.span) for d in _errors(space, document, given, ex)}
        for finding in found:
            key = (finding.code, finding.span)
            if seen is not None and key not in seen:
                seen.add(key)
                yield replace(finding, message=f"{finding.message} ({_shown(switch)})")


def _errors(
    space: Workspace, document: Document, given: list[Given], ex: Expansion
) -> list[Diagnostic]:
    apart = space.apart()
    typed(apart, document, given, opaque=True, before=ex.scope)
    found = [d for d in apart.diagnostics if d.severity == "error"]
    return [] if any(d.code in _APART for d in found) else found


def _turns(space: Workspace, document: Document, params: Params, switch: Switch) -> bool:
    """Return whether a switch alone changes what some `when` says; of bindings it is not known."""
    values = dict(params.values)
    for place, value in switch.values:
        if len(place) > 1:
            return True
        values[place[0]] = value
    kinds = {n: narrowed(f.type, values[n]) for n, f in params.fields.items()}
    other = Constant(Record.of(kinds), values)
    for step in _whens(document):
        if switch.name in _NAMES.findall(step["when"]):
            ways = [space.fill(step["when"], {"params": p}) for p in (params.constant(), other)]
            if ways[0] != ways[1] or ways[1][1]:
                return True
    return False


def _given(document: Document, place: Place, value: Any) -> Given:
    return Given(place, value, "lint", folder_of(document.path))


def _shown(switch: Switch) -> str:
    from atkc.compiler.flow import literal

    return f"where `{switch.name}` is `{literal(switch.values[0][1])}`"


def _whens(document: Document) -> list[Mapping[str, Any]]:
    steps = document.data.get("steps", {}).values()
    return [step for step in steps if isinstance(step.get("when"), str)]


def _switches(document: Document, params: Params) -> Iterator[Switch]:
    done: set[str] = set()
    for step in _whens(document):
        for name in _NAMES.findall(step["when"]):
            if name in done:
                continue
            done.add(name)
            yield from _turned(name, _places(name, step, params), params)


def _places(name: str, step: Mapping[str, Any], params: Params) -> list[Place]:
    """Return what a name in a `when` stands for: a parameter, or a field of each item of one."""
    first, *rest = name.split(".")
    if first == "params" and rest and rest[0] in params.values:
        return [tuple(rest)]
    over = step.get("for_each", {}).get(first)
    whole = _WHOLE.fullmatch(over) if isinstance(over, str) else None
    items = params.values.get(whole[1]) if whole else None
    if whole is None or not isinstance(items, list):
        return []
    return [(whole[1], str(i), *rest) for i in range(len(items))]


def _turned(name: str, places: list[Place], params: Params) -> Iterator[Switch]:
    """Yield the other values that may turn a switch."""
    now = [_at(params, place) for place in places]
    if not now or any(found is None for found in now):
        return
    wanted, value = now[0]  # type: ignore[misc]
    for other in _others(wanted, value):
        if not conform({"it": other}, Record((("it", wanted),))):
            yield Switch(name, tuple((place, other) for place in places))


def _at(params: Params, place: Place) -> tuple[Field, Any] | None:
    """Return the field and the value at a place."""
    wanted: Field | None = params.fields.get(place[0])
    value = params.values.get(place[0])
    for part in place[1:]:
        inner = None if wanted is None else wanted.type
        if isinstance(inner, ListOf) and isinstance(value, list):
            wanted, value = Field(inner.item), value[int(part)]
        elif isinstance(inner, Record) and isinstance(value, dict):
            wanted, value = inner.get(part), value.get(part)
        else:
            return None
    return None if wanted is None else (wanted, value)


def _others(wanted: Field, value: Any) -> Iterator[Any]:
    kind: Type = wanted.type
    if isinstance(kind, Nullable):
        yield stand_in(kind.item) if value is None else None
    elif kind == BOOLEAN:
        yield not value
    elif isinstance(kind, Enum):
        yield from (other for other in kind.values if other != value)
    elif is_number(kind):
        least = wanted.rule.minimum if wanted.rule and wanted.rule.minimum is not None else 0
        yield int(least) if value > least else value + 1
    elif isinstance(kind, ListOf):
        yield [] if value else [stand_in(kind.item)]
