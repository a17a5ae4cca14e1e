"""Evidence: what a rejected record says, under `as`, of the record that it was rejected for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from atkc.compiler.flow import Flow, visible
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import Field, Record, Type

KEYS = frozenset({"as", "take"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """The field that is added, and the options that fill it; both empty without `as`."""

    added: Record = field(default_factory=Record)
    options: dict[str, Any] = field(default_factory=dict)


def evidence(
    flow: Flow, inst: Instance, record: Record, other: Record, told: Mapping[str, Type]
) -> Evidence | None:
    """Return `as: {…told, of: {fields of the other record}}`; None after a finding."""
    step = inst.step
    if step.as_ is None:
        if step.take is None:
            return Evidence()
        span = flow.span(inst, "take", key=True)
        flow.report("ATK206", "`take` says nothing without `as`", span)
        return None
    take = step.take or {name: name for name in visible(other).names()}
    kinds: dict[str, Field] = {}
    for new, old in take.items():
        found = other.get(old)
        if found is None:
            flow.unknown_field(inst, ("take", new), old, other)
        else:
            kinds[new] = found
    if len(kinds) < len(take):
        return None
    added = Record.of({step.as_: Record.of({**told, "of": Record(tuple(kinds.items()))})})
    flow.add(inst, record, added, [], ("as",))
    return Evidence(added, {"as": step.as_, "take": dict(take)})
