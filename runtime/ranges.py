"""A number that is not known yet: at least, as expected, at most."""

from __future__ import annotations

from msgspec import Struct


class Range(Struct, frozen=True):
    """Low, expected, high."""

    low: float
    expected: float
    high: float

    def times(self, low: float, expected: float, high: float) -> Range:
        """Return the product with another range."""
        return Range(self.low * low, self.expected * expected, self.high * high)

    def plus(self, other: Range) -> Range:
        """Return the sum with another range."""
        return Range(self.low + other.low, self.expected + other.expected, self.high + other.high)


ZERO = Range(0, 0, 0)
