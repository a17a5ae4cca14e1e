"""The order of nodes within layers: barycentre sweeps that keep the order with fewest crossings."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from math import fsum  # the same on every Python: 3.12 changed what sum gives
from typing import NamedTuple

SWEEPS = 12


class Link(NamedTuple):
    """A line to a node of the next layer; offsets (0 to 1) say where it meets a wide node."""

    above: str
    below: str
    leaves: float = 0.5
    arrives: float = 0.5


def arranged(layers: Sequence[Sequence[str]], links: Sequence[Link]) -> list[list[str]]:
    """Return the layers with their nodes in an order that crosses few links; ties as given."""
    now = [list(layer) for layer in layers]
    up: dict[str, list[tuple[str, float]]] = {}
    down: dict[str, list[tuple[str, float]]] = {}
    for link in links:
        up.setdefault(link.below, []).append((link.above, link.leaves))
        down.setdefault(link.above, []).append((link.below, link.arrives))
    best, fewest = [list(layer) for layer in now], _crossings(now, links)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        if sweep % 2 == 0:
            for i in range(1, len(now)):
                now[i] = _sorted(now[i], now[i - 1], up)
        else:
            for i in range(len(now) - 2, -1, -1):
                now[i] = _sorted(now[i], now[i + 1], down)
        count = _crossings(now, links)
        if count < fewest:
            best, fewest = [list(layer) for layer in now], count
    return best


def _sorted(
    layer: Sequence[str], fixed: Sequence[str], links: Mapping[str, Sequence[tuple[str, float]]]
) -> list[str]:
    place = {node: float(i) for i, node in enumerate(fixed)}
    scale = len(fixed) / max(len(layer), 1)
    centre: dict[str, float] = {}
    for i, node in enumerate(layer):
        met = [place[other] + offset for other, offset in links.get(node, ()) if other in place]
        centre[node] = fsum(met) / len(met) if met else (i + 0.5) * scale
    return sorted(layer, key=lambda node: centre[node])


def _crossings(layers: Sequence[Sequence[str]], links: Sequence[Link]) -> int:
    level = {node: (i, j) for i, layer in enumerate(layers) for j, node in enumerate(layer)}
    gaps: dict[int, list[tuple[float, float]]] = {}
    for link in links:
        (i, a), (_, b) = level[link.above], level[link.below]
        gaps.setdefault(i, []).append((a + link.leaves, b + link.arrives))
    return sum(map(_inversions, gaps.values()))


def _inversions(pairs: list[tuple[float, float]]) -> int:
    seen: list[float] = []
    count = 0
    for _, below in sorted(pairs):
        count += len(seen) - bisect_right(seen, below)
        insort(seen, below)
    return count
