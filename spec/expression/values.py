"""What operators do to JSON values; total, with EvaluationError for the few caps."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

MAX_TEXT = 10_000_000  # characters of one made text
MAX_ITEMS = 1_000_000  # items of one made list
_MAX_BITS = 4096  # of one made integer


class EvaluationError(Exception):
    """A value beyond a cap, or an `any` that is not what the operator needs; fails the record."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.kind = "expression"
        self.message = message


def is_number(value: Any) -> bool:
    """Return whether a value is a number; truth values are not."""
    kind = type(value)
    return kind is int or kind is float


def finite(value: Any) -> Any:
    """Return a number that JSON can hold, or raise EvaluationError."""
    if type(value) is float:
        if not math.isfinite(value):
            raise EvaluationError("a number grew beyond all bounds")
    elif type(value) is int and value.bit_length() > _MAX_BITS:
        raise EvaluationError("an integer grew beyond all bounds")
    return value


def equal(a: Any, b: Any) -> bool:
    """Return whether two JSON values are the same: 1 and 1.0 are, 1 and true or "1" are not."""
    stack = [(a, b)]
    while stack:
        x, y = stack.pop()
        if isinstance(x, dict) and isinstance(y, dict):
            if x.keys() != y.keys():
                return False
            stack.extend((item, y[key]) for key, item in x.items())
        elif isinstance(x, list) and isinstance(y, list):
            if len(x) != len(y):
                return False
            stack.extend(zip(x, y, strict=True))
        elif isinstance(x, bool) is not isinstance(y, bool) or x != y:
            return False
    return True


def add(a: Any, b: Any) -> Any:
    """Return the sum of numbers, or two texts in a row."""
    if type(a) is str and type(b) is str:
        if len(a) + len(b) > MAX_TEXT:
            raise EvaluationError(f"a text grew beyond {MAX_TEXT} characters")
        return a + b
    return _calculated("+", operator.add, a, b)


def subtract(a: Any, b: Any) -> Any:
    """Return the difference."""
    return _calculated("-", operator.sub, a, b)


def multiply(a: Any, b: Any) -> Any:
    """Return the product."""
    return _calculated("*", operator.mul, a, b)


def divide(a: Any, b: Any) -> Any:
    """Return the quotient; null for a division by zero."""
    return (
        None
        if b == 0 and is_number(a) and is_number(b)
        else _calculated("/", operator.truediv, a, b)
    )


def remainder(a: Any, b: Any) -> Any:
    """Return the remainder, with the sign of the divisor; null for a division by zero."""
    return (
        None if b == 0 and is_number(a) and is_number(b) else _calculated("%", operator.mod, a, b)
    )


def negative(a: Any) -> Any:
    """Return the number with its sign turned."""
    return subtract(0, a) if type(a) is not float else -a


def _calculated(sign: str, work: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    if not (is_number(a) and is_number(b)):
        raise EvaluationError(f"`{sign}` got {kind_of(a)} and {kind_of(b)}")
    try:
        return finite(work(a, b))
    except OverflowError:
        raise EvaluationError(f"`{sign}` gives a number beyond all bounds") from None


def _ordered(sign: str, work: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(a: Any, b: Any) -> bool:
        if (type(a) is str and type(b) is str) or (is_number(a) and is_number(b)):
            return work(a, b)
        raise EvaluationError(f"`{sign}` got {kind_of(a)} and {kind_of(b)}")

    return compare


def within(a: Any, b: Any) -> bool:
    """Return whether a list holds an item, a text a part, a map a key."""
    if isinstance(b, list):
        return any(equal(a, item) for item in b)
    if isinstance(a, str) and isinstance(b, str | dict):
        return a in b
    raise EvaluationError(f"`in` got {kind_of(a)} and {kind_of(b)}")


def member(base: Any, key: Any) -> Any:
    """Return a field or an item; null where there is none. -1 is the last item."""
    if isinstance(base, dict):
        return base.get(key) if isinstance(key, str) else None
    if isinstance(base, list) and type(key) is int and -len(base) <= key < len(base):
        return base[key]
    return None


def kind_of(value: Any) -> str:
    """Return what a value is: `null`, `boolean`, `number`, `string`, `list`, `object`."""
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "list"}
    return names.get(type(value), "object")


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": _ordered("<", operator.lt),
    "<=": _ordered("<=", operator.le),
    ">": _ordered(">", operator.gt),
    ">=": _ordered(">=", operator.ge),
    "in": within,
    "not in": lambda a, b: not within(a, b),
}
