"""Where everything stands: boxes in layers from top to bottom, each module a block of its own.

A module is laid out first, by itself; around it, it is one large item. A wire that crosses its
border does so at a port, a point of the border that both sides know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from atkc.compiler.drawing.layers import layered
from atkc.compiler.drawing.lettering import shorten, width
from atkc.compiler.drawing.ordering import Link, arranged
from atkc.compiler.drawing.picture import Box, Cluster, Picture
from atkc.compiler.drawing.positions import Joint, spread
from atkc.compiler.drawing.wires import End, Wire, wires

NAME_SIZE, SMALL_SIZE = 13.0, 11.0
BOX_HEIGHT, BOX_LEAST, BOX_MOST = 46.0, 104.0, 250.0
PAD, TITLE = 18.0, 30.0  # around the inside of a module; room for its title
APART, LANE = 30.0, 16.0  # between boxes, between lines that run side by side
GAP = 46.0  # between layers, at least


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    w: float
    h: float

    def moved(self, dx: float, dy: float) -> Rect:
        """Return the rectangle elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.w, self.h)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A part of a wire: straight down from (x1, y1) to `bend1`, over, and from `bend2` to (x2, y2).

    `end` is set where it arrives at a box, `first` where it leaves one.
    """

    wire: int
    x1: float
    y1: float
    bend1: float
    x2: float
    bend2: float
    y2: float
    first: bool = False
    end: End | None = None

    def moved(self, dx: float, dy: float) -> Stroke:
        """Return the stroke elsewhere."""
        return Stroke(
            self.wire,
            self.x1 + dx,
            self.y1 + dy,
            self.bend1 + dy,
            self.x2 + dx,
            self.bend2 + dy,
            self.y2 + dy,
            self.first,
            self.end,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing in numbers: where the boxes, modules and lines are, and how large it is."""

    width: float
    height: float
    boxes: Mapping[str, Rect]
    clusters: Mapping[str, Rect]
    strokes: tuple[Stroke, ...]
    wires: tuple[Wire, ...]


@dataclass(slots=True)
class _Block:
    """A module laid out by itself; `ins` and `outs` are the ports of wires on its border."""

    w: float = 0.0
    h: float = 0.0
    boxes: dict[str, Rect] = field(default_factory=dict)
    clusters: dict[str, Rect] = field(default_factory=dict)
    strokes: list[Stroke] = field(default_factory=list)
    ins: dict[int, float] = field(default_factory=dict)
    outs: dict[int, float] = field(default_factory=dict)


def lay_out(drawn: Picture) -> Layout:
    """Return the layout of a picture; equal pictures get equal layouts."""
    found = wires(drawn)
    around = {c.id: c.parent for c in drawn.clusters}
    block = _Level("", drawn, found, around, {}).block()
    return Layout(
        block.w, block.h, block.boxes, block.clusters, tuple(block.strokes), found
    )


def box_size(box: Box, repeats: str) -> tuple[float, float]:
    """Return width and height of a box around its two lines."""
    name = width(box.name, NAME_SIZE) * 1.08 + (width(repeats, SMALL_SIZE) + 8 if repeats else 0)
    below = width(second_line(box), SMALL_SIZE)
    badge = width(box.cardinality, SMALL_SIZE) + 14 if shown_cardinality(box) else 0
    return min(max(name, below + badge, BOX_LEAST - 36) + 36, BOX_MOST), BOX_HEIGHT


def second_line(box: Box) -> str:
    """Return the line below the name, cut to fit."""
    kind = {"vote-filter": "vote"}.get(box.kind, box.kind)
    text = f"{kind} · {box.subtitle}" if box.subtitle else kind
    room = BOX_MOST - 36 - (40 if shown_cardinality(box) else 0)
    if width(text, SMALL_SIZE) <= room:
        return text
    head = f"{kind} · "
    rest = room - width(head, SMALL_SIZE)
    return head + shorten(box.subtitle, SMALL_SIZE, rest, keep_end="/" in box.subtitle)


def shown_cardinality(box: Box) -> bool:
    """Whether a box says how many records come out per record: where it is not one."""
    return box.cardinality in ("1:n", "n:1", "n:n", "filter") and box.kind != "vote-filter"


class _Level:
    """One module (or the whole spec) while its children are given their places."""

    def __init__(
        self,
        id: str,  # noqa: A002
        drawn: Picture,
        found: Sequence[Wire],
        around: Mapping[str, str],
        home: dict[str, str],
    ) -> None:
        self.id, self.drawn, self.found, self.around = id, drawn, found, around
        self.home = home or {b.id: b.cluster for b in drawn.boxes}
        self.boxes = {f"box {b.id}": b for b in drawn.boxes if b.cluster == id}
        self.inner = {
            f"module {c.id}": (c, _Level(c.id, drawn, found, around, self.home).block())
            for c in drawn.clusters
            if c.parent == id
        }
        self.items = self._in_order()
        self.w: dict[str, float] = {}
        self.h: dict[str, float] = {}
        for item, box in self.boxes.items():
            self.w[item], self.h[item] = box_size(box, drawn.repeats(box))
        for item, (_, block) in self.inner.items():
            self.w[item], self.h[item] = block.w, block.h

    def _in_order(self) -> list[str]:
        """Return the children in the order in which the plan first comes to them."""
        seen: dict[str, None] = {}
        for box in self.drawn.boxes:
            item = self.item(box.id)
            if item:
                seen[item] = None
        return list(seen)

    def item(self, box: str) -> str:
        """Return the child that is or holds a box, or "" for a box elsewhere."""
        at = self.home[box]
        if at == self.id:
            return f"box {box}"
        while at and self.around[at] != self.id:
            at = self.around[at]
        return f"module {at}" if at else ""

    # -- lines ---------------------------------------------------------------------------------

    def routes(self) -> Iterator[tuple[Wire, str, list[str]]]:
        """Yield each wire seen here: where it starts and where its branches end."""
        for wire in self.found:
            start = self.item(wire.source)
            ends = [self.item(end.box) for end in wire.ends]
            inside = list(dict.fromkeys(e for e in ends if e and e != start))
            leaves = bool(start) and "" in ends
            if inside or leaves:
                stops = [*inside, *([f"out {wire.id}"] if leaves else [])]
                yield wire, start or f"in {wire.id}", stops

    def block(self) -> _Block:
        """Return the finished block."""
        routes = list(self.routes())
        level = self._levels(routes)
        chains = [(w, list(_chains(w, start, stops, level))) for w, start, stops in routes]
        rows: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
        for node in [*level, *(n for _, links in chains for link in links for n in link)]:
            if node not in level:
                level[node] = int(node.rpartition(" ")[2])
            if node not in rows[level[node]]:
                rows[level[node]].append(node)
        forward = [
            (w, a, b) for w, links in chains for a, b in links if level[b] == level[a] + 1
        ]
        rows = arranged(rows, [self._link(w, a, b) for w, a, b in forward])
        return self._drawn(rows, level, chains, forward)

    def _levels(self, routes: Sequence[tuple[Wire, str, list[str]]]) -> dict[str, int]:
        real = set(self.items)
        links = [(a, b) for _, a, stops in routes for b in stops if a in real and b in real]
        level = layered(self.items, links, self.h) if self.items else {}
        entries = [a for _, a, _ in routes if a not in real]
        if entries:
            level = {item: at + 1 for item, at in level.items()}
            level |= dict.fromkeys(entries, 0)
        last = max(level.values(), default=0) + 1
        level |= {b: last for _, _, stops in routes for b in stops if b not in real}
        return level

    def _port(self, item: str, wire: Wire, *, out: bool) -> float:
        """Return where a wire meets an item, from the item's left edge."""
        if item in self.inner:
            block = self.inner[item][1]
            return (block.outs if out else block.ins)[wire.id]
        return self.w.get(item, 0.0) / 2

    def _link(self, wire: Wire, above: str, below: str) -> Link:
        leaves = self._port(above, wire, out=True) / (self.w.get(above) or 1.0)
        arrives = self._port(below, wire, out=False) / (self.w.get(below) or 1.0)
        return Link(above, below, leaves or 0.5, arrives or 0.5)

    # -- numbers -------------------------------------------------------------------------------

    def _drawn(
        self,
        rows: list[list[str]],
        level: Mapping[str, int],
        chains: Sequence[tuple[Wire, list[tuple[str, str]]]],
        forward: Sequence[tuple[Wire, str, str]],
    ) -> _Block:
        nodes = [node for row in rows for node in row]
        widths = {node: self.w.get(node, 0.0) for node in nodes}
        gaps = {node: APART if node in self.w else LANE for node in nodes}
        joints = [
            Joint(
                a,
                b,
                self._port(a, w, out=True),
                self._port(b, w, out=False),
                _straightness(a, b, self.w),
            )
            for w, a, b in forward
        ]
        left = spread(rows, joints, widths, gaps)
        out = _Block()
        pad = PAD if self.id else 0.0
        left = {node: x + pad for node, x in left.items()}
        out.w = max((left[n] + widths[n] for n in nodes), default=0.0) + pad
        if self.id:
            out.w = max(out.w, self._title_width())
        tops, bottoms = self._rows(rows, left, forward, level, out)
        for item in self.items:
            self._put(item, left[item], tops[level[item]], out)
        self._draw(chains, level, left, tops, bottoms, out)
        return out

    def _title_width(self) -> float:
        own = next(c for c in self.drawn.clusters if c.id == self.id)
        return width(own.name, NAME_SIZE) * 1.1 + width(self.drawn.repeats(own), SMALL_SIZE) + 40

    def _rows(
        self,
        rows: Sequence[Sequence[str]],
        left: Mapping[str, float],
        forward: Sequence[tuple[Wire, str, str]],
        level: Mapping[str, int],
        out: _Block,
    ) -> tuple[list[float], list[float]]:
        """Return the top and bottom of each layer; a gap is higher where lines go far sideways."""
        far = [0.0] * (len(rows) + 1)
        for wire, a, b in forward:
            start = left[a] + self._port(a, wire, out=True)
            end = left[b] + self._port(b, wire, out=False)
            far[level[a]] = max(far[level[a]], abs(start - end))
        tops: list[float] = []
        bottoms: list[float] = []
        at = 0.0
        entered = bool(rows) and any(node.startswith("in ") for node in rows[0])
        if self.id and not entered:
            at = TITLE + 6
        for i, row in enumerate(rows):
            tops.append(at)
            at += max((self.h.get(node, 0.0) for node in row), default=0.0)
            bottoms.append(at)
            at += GAP + min(far[i] / 9, 70.0)
        out.h = bottoms[-1] if bottoms else 0.0
        if self.id and not any(node.startswith("out ") for node in rows[-1]):
            out.h += PAD
        return tops, bottoms

    def _put(self, item: str, x: float, y: float, out: _Block) -> None:
        if item in self.boxes:
            out.boxes[self.boxes[item].id] = Rect(x, y, self.w[item], self.h[item])
            return
        cluster, inner = self.inner[item]
        out.clusters[cluster.id] = Rect(x, y, inner.w, inner.h)
        out.clusters |= {id_: rect.moved(x, y) for id_, rect in inner.clusters.items()}
        out.boxes |= {id_: rect.moved(x, y) for id_, rect in inner.boxes.items()}
        out.strokes += [stroke.moved(x, y) for stroke in inner.strokes]

    def _draw(
        self,
        chains: Sequence[tuple[Wire, list[tuple[str, str]]]],
        level: Mapping[str, int],
        left: Mapping[str, float],
        tops: Sequence[float],
        bottoms: Sequence[float],
        out: _Block,
    ) -> None:
        meet = self._meetings(chains, left)
        for wire, links in chains:
            for a, b in links:
                x1 = meet.get((a, "out", wire.id, ""), left[a] + self._port(a, wire, out=True))
                y1 = tops[level[a]] + self.h.get(a, 0.0)
                y2 = tops[level[b]]
                straight = (x1, y1, max(y1, bottoms[level[a]]) if level[b] > level[a] else y1)
                if b not in self.boxes:
                    x2 = left[b] + self._port(b, wire, out=False)
                    out.strokes.append(Stroke(wire.id, *straight, x2, y2, y2, a in self.boxes))
                    continue
                for end in wire.ends:
                    if f"box {end.box}" == b:
                        x2 = meet[(b, "in", wire.id, end.role)]
                        first = a in self.boxes
                        out.strokes.append(Stroke(wire.id, *straight, x2, y2, y2, first, end))
            start = f"in {wire.id}"
            if start in left:
                out.ins[wire.id] = left[start]
            if f"out {wire.id}" in left:
                out.outs[wire.id] = left[f"out {wire.id}"]

    def _meetings(
        self, chains: Sequence[tuple[Wire, list[tuple[str, str]]]], left: Mapping[str, float]
    ) -> dict[tuple[str, str, int, str], float]:
        """Return where lines meet boxes: side by side, in the order in which they come and go."""
        sides: dict[tuple[str, str], dict[tuple[int, str], list[float]]] = {}
        for wire, links in chains:
            for a, b in links:
                start = left[a] + self._port(a, wire, out=True)
                stop = left[b] + self._port(b, wire, out=False)
                if a in self.boxes:
                    sides.setdefault((a, "out"), {}).setdefault((wire.id, ""), []).append(stop)
                for end in wire.ends if b in self.boxes else ():
                    if f"box {end.box}" == b:
                        key = (wire.id, end.role)
                        sides.setdefault((b, "in"), {}).setdefault(key, []).append(start)
        found: dict[tuple[str, str, int, str], float] = {}
        for (item, side), lines in sides.items():
            order = sorted(lines, key=lambda key: sum(lines[key]) / len(lines[key]))
            step = min(44.0, (self.w[item] - 24) / max(len(order), 1))
            middle = left[item] + self.w[item] / 2
            for i, (id_, role) in enumerate(order):
                found[(item, side, id_, role)] = middle + (i - (len(order) - 1) / 2) * step
        return found


def _chains(
    wire: Wire, start: str, stops: Sequence[str], level: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """Yield the links of a wire, layer by layer; branches share the bends on their common way."""
    seen: set[str] = set()
    for stop in stops:
        at = start
        for between in range(level[start] + 1, level[stop]):
            bend = f"bend {wire.id} {between}"
            if bend not in seen:
                seen.add(bend)
                yield at, bend
            at = bend
        yield at, stop


def _straightness(a: str, b: str, wide: Mapping[str, float]) -> float:
    bends = (a not in wide) + (b not in wide)
    return (1.0, 2.0, 8.0)[bends]


def title_of(cluster: Cluster, drawn: Picture) -> str:
    """Return the title of a module with how often it occurs."""
    return f"{cluster.name} {drawn.repeats(cluster)}".strip()
