"""One module while its children get their layers: what stands in it, and which way wires run.

Nodes are texts: `box …` and `module …` are children; `in 3` and `out 3` are where wire 3 crosses
the border; `bend 3 5` is where it passes layer 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from atkc.compiler.drawing.geometry import Block
from atkc.compiler.drawing.layers import layered
from atkc.compiler.drawing.ordering import Link, arranged
from atkc.compiler.drawing.picture import Box, Picture
from atkc.compiler.drawing.sizes import box_size
from atkc.compiler.drawing.wires import Wire


class Tree(NamedTuple):
    """Which module holds a box, and which module a module."""

    box: Mapping[str, str]
    module: Mapping[str, str]

    def child(self, level: str, box: str) -> str:
        """Return the child of a level that is or holds a box, or "" for a box elsewhere."""
        at = self.box[box]
        if at == level:
            return f"box {box}"
        while at and self.module[at] != level:
            at = self.module[at]
        return f"module {at}" if at else ""


class Strand(NamedTuple):
    """A piece of a wire between two nodes of neighbouring layers (or, in a cycle, of any)."""

    wire: Wire
    above: str
    below: str


class Level(NamedTuple):
    """The children of a module with their sizes, in rows; `layer` numbers the row of each node."""

    id: str
    boxes: Mapping[str, Box]
    modules: Mapping[str, Block]
    w: Mapping[str, float]
    h: Mapping[str, float]
    rows: Sequence[Sequence[str]]
    layer: Mapping[str, int]
    strands: Sequence[Strand]

    def port(self, node: str, wire: Wire, *, out: bool) -> float:
        """Return how far from the left edge of a node a wire meets it."""
        block = self.modules.get(node)
        if block is None:
            return self.w.get(node, 0.0) / 2
        return (block.outs if out else block.ins)[wire.id]


def level_of(
    id_: str, drawn: Picture, found: Sequence[Wire], tree: Tree, inner: Mapping[str, Block]
) -> Level:
    """Return a module with its children in rows, ordered so that few wires cross."""
    boxes = {f"box {b.id}": b for b in drawn.boxes if b.cluster == id_}
    sizes = {node: box_size(box, drawn.repeats(box)) for node, box in boxes.items()}
    sizes |= {node: (block.w, block.h) for node, block in inner.items()}
    children = [c for c in dict.fromkeys(tree.child(id_, b.id) for b in drawn.boxes) if c]
    w = {node: sizes[node][0] for node in children}
    h = {node: sizes[node][1] for node in children}
    routes = list(_routes(id_, found, tree))
    layer = _layers(children, routes, h)
    strands = list(_strands(routes, layer))
    rows: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in dict.fromkeys([*layer, *(n for s in strands for n in (s.above, s.below))]):
        if node not in layer:
            layer[node] = int(node.rpartition(" ")[2])
        rows[layer[node]].append(node)
    level = Level(id_, boxes, inner, w, h, rows, layer, strands)
    ordered = arranged(rows, [_link(level, s) for s in onward(level)])
    return Level(id_, boxes, inner, w, h, ordered, layer, strands)


def onward(level: Level) -> list[Strand]:
    """Return the strands that lead to the next layer: all but those of cycles."""
    return [s for s in level.strands if level.layer[s.below] == level.layer[s.above] + 1]


class _Route(NamedTuple):
    """A wire as a level sees it: from which nodes to which."""

    wire: Wire
    starts: tuple[str, ...]
    stops: tuple[str, ...]

    def pairs(self) -> Iterator[tuple[str, str]]:
        for start in self.starts:
            for stop in self.stops:
                if start != stop:
                    yield start, stop


def _routes(id_: str, found: Sequence[Wire], tree: Tree) -> Iterator[_Route]:
    for wire in found:
        sources = dict.fromkeys(tree.child(id_, source) for source in wire.sources)
        ends = dict.fromkeys(tree.child(id_, end.box) for end in wire.ends)
        enters, leaves = "" in sources, "" in ends
        starts = [s for s in sources if s] + [f"in {wire.id}"] * enters
        stops = [e for e in ends if e] + [f"out {wire.id}"] * leaves
        if starts == [f"in {wire.id}"] and stops == [f"out {wire.id}"]:
            continue  # it passes by elsewhere
        yield _Route(wire, tuple(starts), tuple(_needed(starts, stops)))


def _needed(starts: Sequence[str], stops: Sequence[str]) -> Iterator[str]:
    """Yield the stops that some start leads to; `in` never leads to `out`."""
    for stop in stops:
        if any(s != stop and not (s[:3] == "in " and stop[:4] == "out ") for s in starts):
            yield stop


def _layers(
    children: Sequence[str], routes: Sequence[_Route], h: Mapping[str, float]
) -> dict[str, int]:
    pairs = [pair for route in routes for pair in route.pairs()]
    real = [(a, b) for a, b in pairs if a in h and b in h]
    layer = layered(children, real, h)
    entries = [a for a, _ in pairs if a not in h]
    if entries:
        layer = {node: at + 1 for node, at in layer.items()} | dict.fromkeys(entries, 0)
    last = max(layer.values(), default=0) + 1
    return layer | dict.fromkeys((b for _, b in pairs if b not in h), last)


def _strands(routes: Sequence[_Route], layer: Mapping[str, int]) -> Iterator[Strand]:
    """Yield the strands of all wires; those of one wire share the bends on their common way."""
    for route in routes:
        seen: dict[tuple[str, str], None] = {}
        for start, stop in route.pairs():
            if start[:3] == "in " and stop[:4] == "out ":
                continue
            between = range(layer[start] + 1, layer[stop])
            way = [start, *(f"bend {route.wire.id} {k}" for k in between), stop]
            seen.update(dict.fromkeys(pairwise(way)))
        for above, below in seen:
            yield Strand(route.wire, above, below)


def _link(level: Level, strand: Strand) -> Link:
    a, b = strand.above, strand.below
    leaves = level.port(a, strand.wire, out=True) / level.w[a] if a in level.w else 0.5
    arrives = level.port(b, strand.wire, out=False) / level.w[b] if b in level.w else 0.5
    return Link(a, b, leaves, arrives)
