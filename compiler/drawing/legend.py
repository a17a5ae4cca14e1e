"""The legend: what the outlines and lines mean, for those that a drawing has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from atkc.compiler.drawing.geometry import Layout
from atkc.compiler.drawing.lettering import width
from atkc.compiler.drawing.outlines import OUTLINES, num
from atkc.compiler.drawing.palette import ALIKE, LOOKS, class_of
from atkc.compiler.drawing.picture import Picture
from atkc.compiler.drawing.sizes import SMALL_SIZE

_MARK, _ROW, _BETWEEN = 34.0, 24.0, 22.0


def legend(drawn: Picture, layout: Layout, room: float) -> tuple[list[str], float]:
    """Return the lines of SVG of a legend no wider than `room`, and its height."""
    out: list[str] = []
    x = y = 0.0
    for mark, text in _entries(drawn, layout):
        wide = _MARK + width(text, SMALL_SIZE)
        if x and x + wide > room:
            x, y = 0.0, y + _ROW
        out.append(mark(x, y))
        out.append(f'<text class="small" x="{num(x + _MARK)}" y="{num(y + 12)}">{text}</text>')
        x += wide + _BETWEEN
    return out, y + _ROW


def _entries(drawn: Picture, layout: Layout) -> Iterator[tuple[Callable[[float, float], str], str]]:
    kinds = {ALIKE.get(box.kind, box.kind) for box in drawn.boxes}
    for kind, look in LOOKS.items():
        if kind in kinds:
            yield _box_mark(kind, barrier=False), look.meaning
    if any(box.barrier for box in drawn.boxes):
        yield _box_mark("combine", barrier=True), "thick top: waits for all records"
    if any(wire.aside for wire in layout.wires):
        yield _aside_mark, "rejected or failed"
    if any(wire.files for wire in layout.wires):
        yield _files_mark, "list of written files"
    if any(arrow.spill for arrow in drawn.arrows):
        yield _spill_mark, "kept on disk while it waits"
    if any(map(drawn.repeats, drawn.boxes)) or any(map(drawn.repeats, drawn.clusters)):
        yield _times_mark, "so many instances in all"


def _box_mark(kind: str, *, barrier: bool) -> Callable[[float, float], str]:
    def mark(x: float, y: float) -> str:
        path = OUTLINES[LOOKS[kind].outline](x, y, 28, 16)
        bar = f'<path class="bar" d="M {num(x + 7)} {num(y + 1.5)} h 14"/>' if barrier else ""
        return f'<g class="box {class_of(kind)}"><path d="{path}"/>{bar}</g>'

    return mark


def _aside_mark(x: float, y: float) -> str:
    return f'<path class="line aside" d="M {num(x)} {num(y + 8)} h 28"/>'


def _files_mark(x: float, y: float) -> str:
    return f'<path class="line files" d="M {num(x)} {num(y + 8)} h 28"/>'


def _spill_mark(x: float, y: float) -> str:
    left, top = num(x + 10), num(y + 5)
    return f'<path class="spill" d="M {left} {top} a 4 1.8 0 0 1 8 0 v 6 a 4 1.8 0 0 1 -8 0 z"/>'


def _times_mark(x: float, y: float) -> str:
    return f'<text class="name" x="{num(x + 8)}" y="{num(y + 12)}">×N</text>'
