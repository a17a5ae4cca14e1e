"""The tests that a template may use after `is`: their bodies, and what a yes says of a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Undefined
from msgspec import Struct

from atkc.spec.template.filters import Argument

# What is known of a value: that its key is there, and that it is not null.
PRESENT, NOT_NULL = "present", "not null"
BOTH = frozenset({PRESENT, NOT_NULL})
NOTHING: frozenset[str] = frozenset()


class Question(Struct, frozen=True):
    """A test; `yes` and `no` say what is known of the value after that answer."""

    body: Callable[..., bool]
    yes: frozenset[str] = NOTHING
    no: frozenset[str] = NOTHING
    arguments: tuple[Argument, ...] = ()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_OTHER = (Argument("other", "any", True),)
_NUMBER = (Argument("number", "number", True),)

QUESTIONS: Mapping[str, Question] = {
    "boolean": Question(lambda v: isinstance(v, bool), BOTH),
    "defined": Question(lambda v: not isinstance(v, Undefined), frozenset({PRESENT})),
    "divisibleby": Question(lambda v, n: bool(v % n == 0), BOTH, NOTHING, _NUMBER),
    "eq": Question(lambda v, other: bool(v == other), NOTHING, NOTHING, _OTHER),
    "even": Question(lambda v: bool(v % 2 == 0), BOTH),
    "false": Question(lambda v: v is False, BOTH),
    "in": Question(lambda v, other: v in other, NOTHING, NOTHING, _OTHER),
    "integer": Question(_is_integer, BOTH),
    "mapping": Question(lambda v: isinstance(v, Mapping), BOTH),
    "none": Question(lambda v: v is None, frozenset({PRESENT}), frozenset({NOT_NULL})),
    "number": Question(_is_number, BOTH),
    "odd": Question(lambda v: bool(v % 2 == 1), BOTH),
    "sequence": Question(lambda v: isinstance(v, list | tuple | str), BOTH),
    "string": Question(lambda v: isinstance(v, str), BOTH),
    "true": Question(lambda v: v is True, BOTH),
    "undefined": Question(lambda v: isinstance(v, Undefined), NOTHING, frozenset({PRESENT})),
}
