"""Finds ruled tables on a PDF page by the lines drawn on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from atkc.stdlib.readers.pdf_layout import Box

_THIN = 3.0  # points: a filled or stroked box no thicker is a rule
_SHORT = 8.0  # points: shorter strokes are ticks, arrows, parts of letters
_NEAR = 3.0  # points by which rules that meet may miss each other
_LEAST_RULES = 5
_MOST_RULES = 4000  # beyond that a page is a drawing

Drawing = dict[str, Any]


class Rule(Struct, frozen=True):
    """A straight line along one axis: at `at` on the other one, from `start` to `end`."""

    across: bool
    at: float
    start: float
    end: float


class Grid(Struct, frozen=True):
    """The rules of a table: where rows and columns part, and the rules themselves."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    rules: tuple[Rule, ...]

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def parted(self, across: bool, at: float, middle: float) -> bool:
        """Return whether a rule of that direction at `at` runs through `middle`."""
        return any(
            rule.across is across
            and abs(rule.at - at) <= _NEAR
            and rule.start <= middle <= rule.end
            for rule in self.rules
        )


def grids(drawings: list[Drawing]) -> list[Grid]:
    """Return the tables of a page from top to bottom: rules that meet in two columns, two rows."""
    rules = [rule for drawing in drawings for rule in _rules(drawing)]
    if not _LEAST_RULES <= len(rules) <= _MOST_RULES:
        return []
    found = (_grid(group) for group in _connected(rules))
    return sorted((g for g in found if g is not None), key=lambda g: (g.box[1], g.box[0]))


def _rules(drawing: Drawing) -> Iterable[Rule]:
    stroked = drawing.get("type") != "f"
    for item in drawing["items"]:
        if item[0] == "l":
            (x0, y0), (x1, y1) = item[1], item[2]
            yield from _edges((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        elif item[0] == "re":
            yield from _edges(item[1])
        elif item[0] == "qu" and stroked:
            xs, ys = zip(*item[1], strict=True)
            yield from _edges((min(xs), min(ys), max(xs), max(ys)))


def _edges(box: Box) -> Iterable[Rule]:
    """Yield a thin box as one rule and any other as its four sides."""
    x0, y0, x1, y1 = map(float, box)
    wide, high = x1 - x0, y1 - y0
    if high <= _THIN:
        if wide >= _SHORT:
            yield Rule(True, (y0 + y1) / 2, x0, x1)
    elif wide <= _THIN:
        if high >= _SHORT:
            yield Rule(False, (x0 + x1) / 2, y0, y1)
    elif wide >= _SHORT and high >= _SHORT:
        yield from (Rule(True, y0, x0, x1), Rule(True, y1, x0, x1))
        yield from (Rule(False, x0, y0, y1), Rule(False, x1, y0, y1))


def _connected(rules: list[Rule]) -> list[list[Rule]]:
    """Return the rules in groups of those that meet, directly or by others."""
    parent = list(range(len(rules)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    across = [n for n, rule in enumerate(rules) if rule.across]
    for n, rule in enumerate(rules):
        if not rule.across:
            for m in across:
                if _meet(rules[m], rule):
                    parent[root(m)] = root(n)
    groups: dict[int, list[Rule]] = {}
    for n, rule in enumerate(rules):
        groups.setdefault(root(n), []).append(rule)
    return list(groups.values())


def _meet(across: Rule, down: Rule) -> bool:
    return (
        across.start - _NEAR <= down.at <= across.end + _NEAR
        and down.start - _NEAR <= across.at <= down.end + _NEAR
    )


def _grid(rules: list[Rule]) -> Grid | None:
    """Return the grid of rules that meet; the outer sides of a table need not be drawn."""
    across = [rule for rule in rules if rule.across]
    down = [rule for rule in rules if not rule.across]
    xs = _places([r.at for r in down] + [end for r in across for end in (r.start, r.end)])
    ys = _places([r.at for r in across] + [end for r in down for end in (r.start, r.end)])
    drawn = len(rules) >= _LEAST_RULES and across and down
    return Grid(xs, ys, tuple(rules)) if drawn and len(xs) >= 3 and len(ys) >= 3 else None


def _places(values: Iterable[float]) -> tuple[float, ...]:
    """Return the distinct values; those nearer than a rule is thick count as one."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > _NEAR:
            out.append(value)
    return tuple(out)
