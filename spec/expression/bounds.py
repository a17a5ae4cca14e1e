"""What the declared bounds of numbers say of a sum: enough to know a divisor that is never zero."""

from __future__ import annotations

import math
from collections.abc import Callable

from msgspec import Struct

from atkc.spec.expression.syntax import Binary, Expr, Literal, Unary
from atkc.spec.rowtype import Field


class Bounds(Struct, frozen=True):
    """An interval; `low_open` and `high_open` say that the end itself is not in it."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def has_zero(self) -> bool:
        """Return whether zero lies inside."""
        above = self.low > 0 or (self.low == 0 and self.low_open)
        below = self.high < 0 or (self.high == 0 and self.high_open)
        return not (above or below)

    def minus(self) -> Bounds:
        """Return the interval with its sign turned."""
        return Bounds(-self.high, -self.low, self.high_open, self.low_open)

    def plus(self, other: Bounds) -> Bounds:
        """Return the interval of sums."""
        return Bounds(
            self.low + other.low,
            self.high + other.high,
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )


def bounds(expr: Expr, field_of: Callable[[Expr], Field | None]) -> Bounds:
    """Return an interval that holds every value of a number, null aside."""
    match expr:
        case Literal() if isinstance(expr.value, int | float):
            value = float(expr.value)
            return Bounds(value, value)
        case Unary(op="-"):
            return bounds(expr.operand, field_of).minus()
        case Binary(op="+" | "-"):
            left, right = bounds(expr.left, field_of), bounds(expr.right, field_of)
            return left.plus(right if expr.op == "+" else right.minus())
    found = field_of(expr)
    return _declared(found) if found is not None else Bounds()


def _declared(field: Field) -> Bounds:
    rule = field.rule
    if rule is None:
        return Bounds()
    low = -math.inf if rule.minimum is None else rule.minimum
    high = math.inf if rule.maximum is None else rule.maximum
    if rule.exclusive_maximum is not None and rule.exclusive_maximum <= high:
        return Bounds(low, rule.exclusive_maximum, high_open=True)
    return Bounds(low, high)
