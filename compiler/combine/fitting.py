"""What an operator makes of its streams, and small checks that several of them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from atkc.compiler.flow import FAILURE, Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Expression
from atkc.spec.rowtype import Record

FAILED = Record.of({"failure": FAILURE})


class Fitted(Struct):
    """What an operator makes: ports, options, expressions, and how it treats order."""

    ports: dict[str, Record]
    options: dict[str, Any] = field(default_factory=dict)
    expressions: dict[str, Expression] = field(default_factory=dict)
    cardinality: str = "filter"
    order: str = "barrier"
    lineage: tuple[str, ...] | None = None  # None: kept
    reads: frozenset[str] = frozenset()
    model: str = ""  # the plan's name of the model that it asks


class Operator(Struct, frozen=True):
    """An operator of `combine`: its typing, its keys, its roles."""

    make: Callable[[Flow, Instance, Record], Fitted | None]
    keys: frozenset[str]
    roles: tuple[str, ...] = ("in",)
    empty: bool = False  # gives something even when nothing arrives


def names_in(value: Any) -> list[str]:
    """Return the names that a key holds: one, or a list of them."""
    if isinstance(value, list):
        return [v for v in value if isinstance(v, str)]
    return [value] if isinstance(value, str) else []


def fields_there(flow: Flow, inst: Instance, record: Record, names: list[str], *path: Any) -> bool:
    """Return whether a record has all fields; those that it has not are reported."""
    missing = [n for n in names if n not in record]
    for name in missing:
        flow.unknown_field(inst, path, name, record)
    return not missing


def sides_of(flow: Flow, inst: Instance) -> dict[str, Record]:
    """Return the types of the one-record streams of `sides:`."""
    out: dict[str, Record] = {}
    for name in inst.step.sides:
        found = flow.incoming(inst, f"side.{name}")
        out[name] = found or Record()
    return out
