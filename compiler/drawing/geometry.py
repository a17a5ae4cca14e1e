"""What a layout is made of: rectangles and strokes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from atkc.compiler.drawing.wires import End, Wire


class Rect(NamedTuple):
    """A rectangle by its upper left corner."""

    x: float
    y: float
    w: float
    h: float

    def moved(self, dx: float, dy: float) -> Rect:
        """Return the rectangle elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.w, self.h)


class Stroke(NamedTuple):
    """A part of a wire: down from (x1, y1) to the height `bend`, over to x2, arriving at y2.

    `first` is set where it leaves a box, `end` where it arrives at one.
    """

    wire: int
    x1: float
    y1: float
    bend: float
    x2: float
    y2: float
    first: bool = False
    end: End | None = None

    def moved(self, dx: float, dy: float) -> Stroke:
        """Return the stroke elsewhere."""
        return self._replace(
            x1=self.x1 + dx,
            y1=self.y1 + dy,
            bend=self.bend + dy,
            x2=self.x2 + dx,
            y2=self.y2 + dy,
        )


class Block(Struct):
    """A module laid out by itself; `ins` and `outs` say where wires cross its border."""

    w: float = 0.0
    h: float = 0.0
    boxes: dict[str, Rect] = field(default_factory=dict)
    modules: dict[str, Rect] = field(default_factory=dict)
    strokes: list[Stroke] = field(default_factory=list)
    ins: dict[int, float] = field(default_factory=dict)
    outs: dict[int, float] = field(default_factory=dict)

    def take_in(self, other: Block, x: float, y: float) -> None:
        """Place all that another block holds inside this one."""
        self.boxes |= {id_: rect.moved(x, y) for id_, rect in other.boxes.items()}
        self.modules |= {id_: rect.moved(x, y) for id_, rect in other.modules.items()}
        self.strokes += [stroke.moved(x, y) for stroke in other.strokes]


class Layout(NamedTuple):
    """A drawing in numbers: where boxes, modules and lines are, and how large it is."""

    w: float
    h: float
    boxes: Mapping[str, Rect]
    modules: Mapping[str, Rect]
    strokes: tuple[Stroke, ...]
    wires: tuple[Wire, ...]
