"""Evidence: what a rejected record says, under `as`, of the record that it was rejected for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from atkc.compiler.flow import Flow, visible
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import ANY, Record, Type

KEYS = frozenset({"as", "take"})


class Evidence(Struct, frozen=True):
    """The field that is added, and the options that fill it; both empty without `as`."""

    added: Record = field(default_factory=Record)
    options: dict[str, Any] = field(default_factory=dict)


def evidence(
    flow: Flow, inst: Instance, record: Record, other: Record | None, told: Mapping[str, Type]
) -> Evidence | None:
    """Return `as: {…told, of: {fields of the other record}}`; None after a finding.

    Of an `other` that is None, because nothing comes from there, no type is known.
    """
    step = inst.step
    if step.as_ is None:
        if step.take is None:
            return Evidence()
        span = flow.span(inst, "take", key=True)
        flow.report("ATK206", "`take` says nothing without `as`", span)
        return None
    of = _taken(flow, inst, other, step.take)
    if of is None:
        return None
    take = step.take or {name: name for name in of.names()}
    added = Record.of({step.as_: Record.of({**told, "of": of})})
    flow.add(inst, record, added, [], ("as",))
    return Evidence(added, {"as": step.as_, "take": dict(take)})


def _taken(
    flow: Flow, inst: Instance, other: Record | None, take: Mapping[str, str] | None
) -> Record | None:
    """Return the type of what is taken, by default all; fields that are not there are reported."""
    if other is None:
        return Record.of(dict.fromkeys(take or (), ANY))
    if take is None:
        return visible(other)
    missing = [(new, old) for new, old in take.items() if old not in other]
    for new, old in missing:
        flow.unknown_field(inst, ("take", new), old, other)
    if missing:
        return None
    return Record.of({new: other.get(old) or ANY for new, old in take.items()})
