"""Where nodes stand from left to right: as near to their neighbours as their order lets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum  # the same on every Python: 3.12 changed what sum gives
from typing import NamedTuple

ROUNDS = 120


class Joint(NamedTuple):
    """A link between nodes of neighbouring layers, met at offsets from their left edges."""

    above: str
    below: str
    leaves: float
    arrives: float
    weight: float  # how much it wants to be straight


def spread(
    layers: Sequence[Sequence[str]],
    joints: Sequence[Joint],
    widths: Mapping[str, float],
    gaps: Mapping[str, float],
) -> dict[str, float]:
    """Return the left edge of each node; the leftmost is 0.

    Neighbours keep at least the mean of their `gaps` apart.
    """
    pulls: dict[str, list[tuple[str, float, float]]] = {}
    for j in joints:
        pulls.setdefault(j.below, []).append((j.above, j.leaves - j.arrives, j.weight))
        pulls.setdefault(j.above, []).append((j.below, j.arrives - j.leaves, j.weight))
    left: dict[str, float] = {}
    for layer in layers:
        at = 0.0
        for node in layer:
            left[node] = at
            at += widths[node] + gaps[node]
    for turn in range(ROUNDS):
        for layer in layers if turn % 2 == 0 else reversed(layers):
            left.update(_placed(layer, left, pulls, widths, gaps))
    least = min(left.values(), default=0.0)
    return {node: x - least for node, x in left.items()}


def _placed(
    layer: Sequence[str],
    left: Mapping[str, float],
    pulls: Mapping[str, Sequence[tuple[str, float, float]]],
    widths: Mapping[str, float],
    gaps: Mapping[str, float],
) -> dict[str, float]:
    wishes: list[tuple[float, float]] = []
    shifts: list[float] = []
    shift = 0.0
    for i, node in enumerate(layer):
        if i:
            before = layer[i - 1]
            shift += widths[before] + (gaps[before] + gaps[node]) / 2
        mine = pulls.get(node, ())
        weight = fsum(w for _, _, w in mine)
        wish = fsum((left[o] + by) * w for o, by, w in mine) / weight if weight else left[node]
        wishes.append((wish - shift, weight or 0.01))
        shifts.append(shift)
    return {n: x + s for n, x, s in zip(layer, rising(wishes), shifts, strict=True)}


def rising(wishes: Sequence[tuple[float, float]]) -> list[float]:
    """Return the non-decreasing values that are nearest to (value, weight) in weighted squares."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, weight in wishes:
        count = 1
        while blocks and blocks[-1][0] > value:
            mean, mass, number = blocks.pop()
            value = (mean * mass + value * weight) / (mass + weight)
            weight, count = weight + mass, count + number
        blocks.append((value, weight, count))
    return [mean for mean, _, count in blocks for _ in range(count)]
