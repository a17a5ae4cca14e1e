"""How far two texts are the same from their beginning on."""

from __future__ import annotations

from typing import AnyStr


def common(one: AnyStr, other: AnyStr, most: int) -> int:
    """Return how many characters (or bytes) two texts begin with alike, at most so many."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
