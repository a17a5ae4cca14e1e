"""Which layer each item of a drawing stands in: below all that it reads, near what reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Links = Mapping[str, Sequence[str]]


def layered(
    items: Sequence[str], links: Sequence[tuple[str, str]], tall: Mapping[str, float]
) -> dict[str, int]:
    """Return the layer of each item, from 0.

    `tall` gives heights. The tallest items choose first, and choose a layer that is tall already:
    side by side they cost less paper than one below the other. Links that close a cycle do not
    count.
    """
    order, after = _sorted(items, links)
    before = _reversed(order, after)
    least = dict.fromkeys(order, 0)
    layer = _from_top(order, before, least)
    for item in sorted(order, key=lambda i: -tall[i]):
        latest = _from_bottom(order, after, max(layer.values(), default=0))
        heights: dict[int, float] = {}
        for other in order:
            if other != item:
                heights[layer[other]] = max(heights.get(layer[other], 0), tall[other])
        rooms = range(layer[item], latest[item] + 1)
        useful = [k for k in rooms if heights.get(k, 0) >= tall[item] / 2] or [layer[item]]
        least[item] = max(useful, key=lambda k: (heights.get(k, 0), -k)) if _high(tall, item) else 0
        layer = _from_top(order, before, least)
    return _sunk(order, before, after, layer)


def _high(tall: Mapping[str, float], item: str) -> bool:
    """Return whether an item is more than a box: the lowest height there is, twice."""
    return tall[item] > 2 * min(tall.values())


def _sorted(
    items: Sequence[str], links: Sequence[tuple[str, str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """Return the items so that links lead onward, and the links that do: none closes a cycle."""
    after: dict[str, list[str]] = {item: [] for item in items}
    for a, b in links:
        if a != b and b not in after[a]:
            after[a].append(b)
    kept: dict[str, list[str]] = {item: [] for item in items}
    state: dict[str, int] = {}
    done: list[str] = []
    for root in items:
        stack = [] if root in state else [(root, iter(after[root]))]
        state.setdefault(root, 1)
        while stack:
            item, rest = stack[-1]
            for below in rest:
                if state.get(below) != 1:
                    kept[item].append(below)
                if below not in state:
                    state[below] = 1
                    stack.append((below, iter(after[below])))
                    break
            else:
                state[item] = 2
                done.append(item)
                stack.pop()
    return done[::-1], kept


def _reversed(order: Sequence[str], after: Links) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {item: [] for item in order}
    for item in order:
        for below in after[item]:
            before[below].append(item)
    return before


def _from_top(order: Sequence[str], before: Links, least: Mapping[str, int]) -> dict[str, int]:
    layer: dict[str, int] = {}
    for item in order:
        layer[item] = max([least[item], *(layer[above] + 1 for above in before[item])])
    return layer


def _from_bottom(order: Sequence[str], after: Links, last: int) -> dict[str, int]:
    layer: dict[str, int] = {}
    for item in reversed(order):
        layer[item] = min([last, *(layer[below] - 1 for below in after[item])])
    return layer


def _sunk(
    order: Sequence[str], before: Links, after: Links, layer: Mapping[str, int]
) -> dict[str, int]:
    """Let items with more links down than up stand close to what reads them."""
    out = dict(layer)
    for item in reversed(order):
        if after[item] and len(after[item]) > len(before[item]):
            out[item] = min(out[below] for below in after[item]) - 1
    return out
