"""Where everything stands: boxes in layers from top to bottom, each module a block of its own.

A module is laid out first, by itself; around it, it is one large item. A wire that crosses its
border does so at a point that both sides know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum  # the same on every Python: 3.12 changed what sum gives

from atkc.compiler.drawing.geometry import Block, Layout, Rect, Stroke
from atkc.compiler.drawing.lettering import width
from atkc.compiler.drawing.level import Level, Strand, Tree, level_of, onward
from atkc.compiler.drawing.picture import Picture
from atkc.compiler.drawing.positions import Joint, spread
from atkc.compiler.drawing.sizes import BOLD, NAME_SIZE
from atkc.compiler.drawing.wires import Wire, wires

PAD, TITLE = 18.0, 36.0  # around the inside of a module; room for its title
APART, LANE = 30.0, 18.0  # between boxes; between lines that run side by side
GAP = 46.0  # between layers, at least
PORTS, NAMED = 28.0, 60.0  # between lines that meet one side of a box, plain ones and named ones
_STRAIGHT = (1.0, 3.0, 100.0)  # the weight of a strand with no, one or two bends as its ends

Meeting = tuple[str, int, str]  # a box, a wire, and the role in which it arrives ("" for leaving)


def lay_out(drawn: Picture) -> Layout:
    """Return the layout of a picture; equal pictures get equal layouts."""
    tree = Tree({b.id: b.cluster for b in drawn.boxes}, {c.id: c.parent for c in drawn.clusters})
    found = wires(drawn)
    block = _block("", "", drawn, found, tree)
    return Layout(block.w, block.h, block.boxes, block.modules, tuple(block.strokes), found)


def _block(id_: str, title: str, drawn: Picture, found: Sequence[Wire], tree: Tree) -> Block:
    inner = {
        f"module {c.id}": _block(c.id, f"{c.name} {drawn.repeats(c)}", drawn, found, tree)
        for c in drawn.clusters
        if c.parent == id_
    }
    level = level_of(id_, drawn, found, tree, inner)
    left = _left_edges(level)
    out = Block()
    pad = PAD if id_ else 0.0
    out.w = max((left[n] + level.w.get(n, 0.0) for row in level.rows for n in row), default=0.0)
    out.w = max(out.w + pad, width(title, NAME_SIZE) * BOLD + 40 if id_ else 0.0)
    tops, bottoms = _heights(level, left)
    out.h = (bottoms[-1] if bottoms else 0.0) + (pad if not _crossed(level.rows[-1:], "out") else 0)
    for node in level.w:
        x, y = left[node], tops[level.layer[node]]
        rect = Rect(x, y, level.w[node], level.h[node])
        name = node.partition(" ")[2]
        if node in inner:
            out.modules[name] = rect
            out.take_in(inner[node], x, y)
        else:
            out.boxes[name] = rect
    out.strokes += _strokes(level, left, tops, bottoms)
    for node, x in left.items():
        kind, _, rest = node.partition(" ")
        if kind in ("in", "out"):
            (out.ins if kind == "in" else out.outs)[int(rest)] = x
    return out


def _crossed(rows: Sequence[Sequence[str]], kind: str) -> bool:
    return any(node.startswith(f"{kind} ") for row in rows for node in row)


def _left_edges(level: Level) -> dict[str, float]:
    joints = [
        Joint(
            s.above,
            s.below,
            level.port(s.above, s.wire, out=True),
            level.port(s.below, s.wire, out=False),
            _STRAIGHT[(s.above not in level.w) + (s.below not in level.w)],
        )
        for s in onward(level)
    ]
    nodes = [node for row in level.rows for node in row]
    widths = {node: level.w.get(node, 0.0) for node in nodes}
    gaps = {node: APART if node in level.w else LANE for node in nodes}
    pad = PAD if level.id else 0.0
    return {node: x + pad for node, x in spread(level.rows, joints, widths, gaps).items()}


def _heights(level: Level, left: Mapping[str, float]) -> tuple[list[float], list[float]]:
    """Return the top and bottom of each layer; a gap is higher where lines go far sideways."""
    far = [0.0] * len(level.rows)
    for s in onward(level):
        start = left[s.above] + level.port(s.above, s.wire, out=True)
        stop = left[s.below] + level.port(s.below, s.wire, out=False)
        far[level.layer[s.above]] = max(far[level.layer[s.above]], abs(start - stop))
    at = TITLE if level.id and not _crossed(level.rows[:1], "in") else 0.0
    tops: list[float] = []
    bottoms: list[float] = []
    for row, sideways in zip(level.rows, far, strict=True):
        tops.append(at)
        at += max((level.h.get(node, 0.0) for node in row), default=0.0)
        bottoms.append(at)
        at += GAP + min(sideways / 10, 60.0)
    return tops, bottoms


def _strokes(
    level: Level, left: Mapping[str, float], tops: Sequence[float], bottoms: Sequence[float]
) -> Iterator[Stroke]:
    meet = _meetings(level, left)
    for s in level.strands:
        id_, a, b = s.wire.id, s.above, s.below
        x1 = meet.get((a, id_, ""), left[a] + level.port(a, s.wire, out=True))
        y1 = tops[level.layer[a]] + level.h.get(a, 0.0)
        y2 = tops[level.layer[b]]
        bend = max(y1, bottoms[level.layer[a]]) if y2 > y1 else y1
        first = a in level.boxes
        ends = [end for end in s.wire.ends if f"box {end.box}" == b]
        for end in ends:
            yield Stroke(id_, x1, y1, bend, meet[(b, id_, end.role)], y2, first, end)
        if not ends:
            x2 = left[b] + level.port(b, s.wire, out=False)
            yield Stroke(id_, x1, y1, bend, x2, y2, first)


def _meetings(level: Level, left: Mapping[str, float]) -> dict[Meeting, float]:
    """Return where lines meet boxes: side by side, in the order in which they come and go."""
    below: dict[str, dict[Meeting, list[float]]] = {}
    above: dict[str, dict[Meeting, list[float]]] = {}
    for s in level.strands:
        start = left[s.above] + level.port(s.above, s.wire, out=True)
        stop = left[s.below] + level.port(s.below, s.wire, out=False)
        if s.above in level.boxes:
            lines = below.setdefault(s.above, {})
            lines.setdefault((s.above, s.wire.id, ""), []).append(stop)
        for role in _roles(s) if s.below in level.boxes else ():
            lines = above.setdefault(s.below, {})
            lines.setdefault((s.below, s.wire.id, role), []).append(start)
    found: dict[Meeting, float] = {}
    named = {s.wire.id for s in level.strands if s.wire.port != "main" and not s.wire.files}
    for node, lines in [*below.items(), *above.items()]:
        order = sorted(lines, key=lambda key: fsum(lines[key]) / len(lines[key]))
        said = any(role != "in" if role else id_ in named for _, id_, role in order)
        step = min(NAMED if said else PORTS, (level.w[node] - 24) / len(order))
        middle = left[node] + level.w[node] / 2
        for i, meeting in enumerate(order):
            found[meeting] = middle + (i - (len(order) - 1) / 2) * step
    return found


def _roles(strand: Strand) -> list[str]:
    return [end.role for end in strand.wire.ends if f"box {end.box}" == strand.below]
