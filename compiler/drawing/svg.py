"""A picture as SVG, by a layout of our own: one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from atkc.compiler.drawing.geometry import Layout, Rect, Stroke
from atkc.compiler.drawing.layout import lay_out
from atkc.compiler.drawing.legend import legend
from atkc.compiler.drawing.lettering import shorten, width
from atkc.compiler.drawing.outlines import OUTLINES, num
from atkc.compiler.drawing.palette import class_of, look_of
from atkc.compiler.drawing.picture import Box, Cluster, Picture
from atkc.compiler.drawing.sizes import SMALL_SIZE, counted, first_line, second_line
from atkc.compiler.drawing.style import sheet
from atkc.compiler.drawing.wires import Wire

MARGIN, HEADING = 24.0, 58.0
LABEL = 110.0  # how wide the name of a port may be


def draw_svg(drawn: Picture) -> str:
    """Return a whole SVG document. Boxes have the ids `box-0`, `box-1`, … as in the picture."""
    layout = lay_out(drawn)
    title = shorten(drawn.name, 17, 900)
    about = shorten(drawn.description, SMALL_SIZE, 900)
    least = max(480.0, width(title, 18.5), width(about, SMALL_SIZE))
    across = max(layout.w, least) + 2 * MARGIN
    key, deep = legend(drawn, layout, across - 2 * MARGIN)
    down = HEADING + layout.h + 30 + deep + MARGIN
    shift = (across - layout.w) / 2
    size = f'viewBox="0 0 {num(across)} {num(down)}" width="{num(across)}" height="{num(down)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{_safe(drawn.name)}</title>",
        f"<style>{sheet()}</style>",
        f'<rect class="paper" width="{num(across)}" height="{num(down)}"/>',
        f'<text class="title heading" x="{num(MARGIN)}" y="30">{_safe(title)}</text>',
        f'<text class="small" x="{num(MARGIN)}" y="47">{_safe(about)}</text>' if about else "",
        f'<g transform="translate({num(shift)} {num(HEADING)})">',
        *_modules(drawn, layout),
        *_wires(drawn, layout),
        *_boxes(drawn, layout),
        *_titles(drawn, layout),
        "</g>",
        f'<g transform="translate({num(MARGIN)} {num(HEADING + layout.h + 30)})">',
        *key,
        "</g>",
        "</svg>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _safe(text: str) -> str:
    """Escape markup and drop the control characters that XML cannot hold."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def _modules(drawn: Picture, layout: Layout) -> Iterator[str]:
    for cluster in drawn.clusters:
        r = layout.modules[cluster.id]
        yield (
            f'<rect class="module" x="{num(r.x)}" y="{num(r.y)}" width="{num(r.w)}" '
            f'height="{num(r.h)}" rx="8"/>'
        )


def _titles(drawn: Picture, layout: Layout) -> Iterator[str]:
    for cluster in drawn.clusters:
        yield _title(cluster, layout.modules[cluster.id], drawn.repeats(cluster))


def _title(cluster: Cluster, r: Rect, repeats: str) -> str:
    more = f' <tspan class="small">{repeats}</tspan>' if repeats else ""
    return (
        f'<text class="title" x="{num(r.x + 12)}" y="{num(r.y + 20)}">'
        f"{_safe(cluster.name)}{more}</text>"
    )


# -- lines -------------------------------------------------------------------------------------


def _wires(drawn: Picture, layout: Layout) -> Iterator[str]:
    number = {box.id: str(i) for i, box in enumerate(drawn.boxes)}
    strokes: dict[int, list[Stroke]] = {}
    for stroke in layout.strokes:
        strokes.setdefault(stroke.wire, []).append(stroke)
    for wire in layout.wires:
        sources = " ".join(number[source] for source in wire.sources)
        ends = " ".join(dict.fromkeys(number[end.box] for end in wire.ends))
        yield f'<g class="wire" data-from="{sources}" data-to="{ends}">'
        yield from _wire(wire, strokes.get(wire.id, []), _leaving(drawn, wire))
        yield "</g>"


def _leaving(drawn: Picture, wire: Wire) -> str:
    """Return what is written where a wire begins: its port, unless that is `main`, and a note."""
    if wire.files:
        return ""
    port = "" if wire.port == "main" else wire.port
    return f"{port} {drawn.notes.get((wire.sources[0], wire.port), '')}".strip()


def _wire(wire: Wire, strokes: Sequence[Stroke], leaving: str) -> Iterator[str]:
    kind = " aside" if wire.aside else " files" if wire.files else ""
    yield f'<path class="line{kind}" d="{" ".join(map(_curve, strokes))}"/>'
    for end, x, y in dict.fromkeys((s.end, s.x2, s.y2) for s in strokes if s.end is not None):
        yield f'<path class="tip{kind}" d="M {num(x)} {num(y)} l -4 -8 h 8 z"/>'
        if end.spill:
            yield from _spill(x, y - 13)
        if end.role != "in":
            yield _label(end.role.removeprefix("side."), x + 6, y - 9)
    first = next((s for s in strokes if s.first), None)
    if first is not None and leaving:
        yield _label(leaving, first.x1 + 6, first.y1 + 13)


def _curve(s: Stroke) -> str:
    x1, y1, x2, y2 = num(s.x1), num(s.y1), num(s.x2), num(s.y2)
    if x1 == x2:
        return f"M {x1} {y1} V {y2}"
    start = s.bend + 4 * s.first
    stop = s.y2 - 14 if s.end and s.y2 > s.bend else s.y2  # arrive straight
    half = num((start + stop) / 2)
    return f"M {x1} {y1} V {num(start)} C {x1} {half} {x2} {half} {x2} {num(stop)} V {y2}"


def _spill(x: float, y: float) -> Iterable[str]:
    """Yield the mark of a queue on disk: a small drum."""
    left, top = num(x - 4), num(y - 4)
    yield (
        f'<path class="spill" d="M {left} {top} a 4 1.8 0 0 1 8 0 v 6 a 4 1.8 0 0 1 -8 0 z">'
        "<title>kept on disk while it waits</title></path>"
    )


def _label(text: str, x: float, y: float) -> str:
    shown = shorten(text, 10, LABEL)
    return f'<text class="port halo" x="{num(x)}" y="{num(y)}">{_safe(shown)}</text>'


# -- boxes -------------------------------------------------------------------------------------


def _boxes(drawn: Picture, layout: Layout) -> Iterator[str]:
    for i, box in enumerate(drawn.boxes):
        yield from _box(box, layout.boxes[box.id], i, drawn.repeats(box))


def _box(box: Box, r: Rect, number: int, repeats: str) -> Iterator[str]:
    yield f'<g class="box {class_of(box.kind)}" id="box-{number}" tabindex="0">'
    yield f"<title>{_safe(box.id)}: {_safe(box.kind)} {_safe(box.subtitle)}</title>"
    yield f'<path d="{OUTLINES[look_of(box.kind).outline](r.x, r.y, r.w, r.h)}"/>'
    if box.barrier:
        yield f'<path class="bar" d="M {num(r.x + 20)} {num(r.y + 2)} h {num(r.w - 40)}"/>'
    name = _safe(first_line(box, repeats))
    more = f' <tspan class="small">{repeats}</tspan>' if repeats else ""
    middle = f'text-anchor="middle" x="{num(r.x + r.w / 2)}"'
    yield f'<text class="name" {middle} y="{num(r.y + 20)}">{name}{more}</text>'
    below = _safe(second_line(box))
    if counted(box):
        below += f' <tspan class="name small" dx="3">{counted(box)}</tspan>'
    yield f'<text class="small" {middle} y="{num(r.y + 36)}">{below}</text>'
    yield "</g>"
