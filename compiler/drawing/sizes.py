"""How large boxes are: as large as their two lines need, within bounds."""

from __future__ import annotations

from atkc.compiler.drawing.lettering import shorten, width
from atkc.compiler.drawing.picture import Box

NAME_SIZE, SMALL_SIZE = 13.0, 11.0
BOX_HEIGHT, BOX_LEAST, BOX_MOST = 46.0, 104.0, 260.0
SIDES = 36.0  # what an outline needs on both sides of its text together
BOLD = 1.08  # bold letters are so much wider
COUNTED = ("1:n", "n:1", "n:n", "filter")


def box_size(box: Box, repeats: str) -> tuple[float, float]:
    """Return width and height of a box."""
    name = width(box.name, NAME_SIZE) * BOLD
    name += width(repeats, SMALL_SIZE) + 8 if repeats else 0
    below = width(second_line(box), SMALL_SIZE) + _badge(box)
    return min(max(name + SIDES, below + SIDES, BOX_LEAST), BOX_MOST), BOX_HEIGHT


def first_line(box: Box, repeats: str) -> str:
    """Return the name of a box, cut to fit beside `repeats`."""
    room = BOX_MOST - SIDES - (width(repeats, SMALL_SIZE) + 8 if repeats else 0)
    return shorten(box.name, NAME_SIZE * BOLD, room)


def second_line(box: Box) -> str:
    """Return the type and what it works with, cut to fit; a path keeps its end."""
    kind = "vote" if box.kind == "vote-filter" else box.kind
    if not box.subtitle:
        return kind
    head = f"{kind} · "
    room = BOX_MOST - SIDES - _badge(box) - width(head, SMALL_SIZE)
    is_path = box.kind in ("export", "output")
    return head + shorten(box.subtitle, SMALL_SIZE, room, keep_end=is_path)


def counted(box: Box) -> str:
    """Return how many records come out per record where a box should say so, else an empty text."""
    return box.cardinality if box.cardinality in COUNTED and box.kind != "vote-filter" else ""


def _badge(box: Box) -> float:
    return width(counted(box), SMALL_SIZE) * BOLD + 8 if counted(box) else 0.0
