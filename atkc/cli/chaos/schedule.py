"""When to kill: points in the work and moments in time, drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

_EARLY = 0.15  # share of kills in the first moments of a process
_BEYOND = 1.1  # so that some come after the last call
_END = 0.4  # seconds: reading, writing and publishing after the last call


class Point(NamedTuple):
    """Kill `delay` seconds after so much has been asked for (`share` of all); None: after start."""

    share: float | None
    delay: float


class Pace(Struct, frozen=True):
    """How quick an undisturbed run was: seconds to the first call, in all, and between calls."""

    start: float
    whole: float
    between: float


def points(kills: int, seed: int, pace: Pace) -> list[Point]:
    """Return the points in the order of the work."""
    chance = random.Random(f"chaos {seed}")
    shares = sorted(chance.uniform(0, _BEYOND) for _ in range(kills))
    return [_point(share, chance, pace) for share in shares]


def points_at(shares: Iterable[float]) -> list[Point]:
    """Return the points at which so much has been asked for."""
    return [Point(share, 0.0) for share in sorted(shares)]


def late_point(chance: random.Random, seconds: float) -> Point:
    """Return a point in a run that has nothing to ask any more and takes so many seconds."""
    return Point(None, chance.uniform(0, seconds))


def _point(share: float, chance: random.Random, pace: Pace) -> Point:
    if chance.random() < _EARLY:
        return Point(None, chance.uniform(0, pace.start))
    if share >= 1:
        return Point(1.0, chance.uniform(0, _END))
    return Point(share, chance.uniform(0, 4 * pace.between))
