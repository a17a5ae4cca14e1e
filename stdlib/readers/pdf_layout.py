"""Puts the blocks of a page into the order in which a person reads them."""

from __future__ import annotations

from msgspec import Struct

Box = tuple[float, float, float, float]  # x0, y0, x1, y1
_GAP = 4.0  # points between two columns, at least
_SLACK = 2.0  # points by which boxes may overlap and still stand apart


class Line(Struct, frozen=True):
    """One line of text: its largest font size and its box in points, y downwards."""

    text: str
    size: float
    x0: float
    y0: float
    x1: float
    y1: float
    bold: bool = False
    fixed: bool = False  # all in a typeface of fixed width


class Piece(Struct, frozen=True):
    """A block of lines as the PDF library found it; `box` is (x0, y0, x1, y1).

    A table is one line that holds all its rows.
    """

    box: Box
    lines: tuple[Line, ...]
    table: bool = False


class Page(Struct, frozen=True):
    """A page, counted from 1, its size in points and its blocks."""

    number: int
    width: float
    height: float
    pieces: tuple[Piece, ...]


def in_reading_order(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the blocks column by column; a block across both columns ends those above it."""
    ordered = tuple(sorted(pieces, key=lambda p: (p.box[1], p.box[0])))
    gutter = _gutter(ordered)
    if gutter is None:
        return ordered
    out: list[Piece] = []
    left: list[Piece] = []
    right: list[Piece] = []
    for piece in ordered:
        if piece.box[2] <= gutter + _SLACK:
            left.append(piece)
        elif piece.box[0] >= gutter - _SLACK:
            right.append(piece)
        else:
            out += [*in_reading_order(tuple(left)), *in_reading_order(tuple(right)), piece]
            left, right = [], []
    return (*out, *in_reading_order(tuple(left)), *in_reading_order(tuple(right)))


def _gutter(pieces: tuple[Piece, ...]) -> float | None:
    """Return the x that parts most text into two columns standing side by side, or None."""
    best: tuple[float, float] | None = None
    for x in sorted({p.box[2] for p in pieces}):
        left = [p for p in pieces if p.box[2] <= x + _SLACK]
        right = [p for p in pieces if p.box[0] >= x + _GAP]
        across = sum(_weight(p) for p in pieces) - sum(map(_weight, left + right))
        smaller = min(sum(map(_weight, left)), sum(map(_weight, right)))
        clear = smaller > across / 2 and _side_by_side(left, right)
        if clear and (best is None or smaller - across > best[0]):
            best = (smaller - across, x)
    return None if best is None else best[1]


def _weight(piece: Piece) -> float:
    return (piece.box[2] - piece.box[0]) * (piece.box[3] - piece.box[1])


def _side_by_side(left: list[Piece], right: list[Piece]) -> bool:
    if not left or not right:
        return False
    top = max(min(p.box[1] for p in left), min(p.box[1] for p in right))
    foot = min(max(p.box[3] for p in left), max(p.box[3] for p in right))
    # Columns share height over several lines; two words on one line are no columns.
    return foot - top > 3 * max(p.lines[0].y1 - p.lines[0].y0 for p in left + right)
