"""What names mean inside an expression, and what is known of them at one place in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec import field as struct_field

from atkc.spec.expression.syntax import Expr
from atkc.spec.rowtype import Field, Record, Type, nullable

WHOLE = "record"  # the name of the record as a whole


def read_type(field: Field) -> Type:
    """Return the type that reading a field gives: `T | null` where the key may be absent."""
    return nullable(field.type) if field.optional else field.type


class Constant(Struct, frozen=True):
    """A name that is known before any record: `params`, a binding of `for_each`, `it`, `env`."""

    type: Type
    value: Any = None


class Scope(Struct, frozen=True):
    """Names are looked up in constants, sides, the word `record`, then fields of the record.

    `value_slot`: the expression stands in `${…}` and is evaluated before there is any record.
    `known` and `either` are filled by `narrow.assume`: expressions that are not null here, and
    sets of which one at least is not null.
    """

    record: Record = struct_field(default_factory=Record)
    constants: Mapping[str, Constant] = struct_field(default_factory=dict)
    sides: Mapping[str, Record] = struct_field(default_factory=dict)
    value_slot: bool = False
    known: frozenset[Expr] = frozenset()
    either: tuple[frozenset[Expr], ...] = ()

    def lookup(self, name: str) -> Type | None:
        """Return the type of a bare name; an optional field reads as `T | null`."""
        if name in self.constants:
            return self.constants[name].type
        if name in self.sides:
            return self.sides[name]
        if name == WHOLE:
            return self.record
        found = self.record.get(name)
        return None if found is None else read_type(found)

    def names(self) -> list[str]:
        """Return all names that can stand alone."""
        return [*self.constants, *self.sides, *self.record.names(), WHOLE]

    def is_field(self, name: str) -> bool:
        """Return whether the bare name reads a field of the record."""
        return name not in self.constants and name not in self.sides and name != WHOLE
