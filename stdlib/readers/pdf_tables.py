"""Words of a PDF page in the cells of its ruled tables."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import groupby
from typing import Any

from atkc.stdlib.readers.html_blocks import pipe_table
from atkc.stdlib.readers.pdf_layout import Box, Line, Piece
from atkc.stdlib.readers.pdf_rules import Grid

Word = tuple[Any, ...]  # x0, y0, x1, y1, text, block, line, number
_FILLED = 0.4  # share of cells that hold words; drawings of boxes hold few


def with_tables(
    pieces: tuple[Piece, ...], grids: list[Grid], words: list[Word]
) -> tuple[Piece, ...]:
    """Return the pieces of a page with each table as one piece in place of its words."""
    for grid in grids:
        inside = [word for word in words if _within(word[:4], grid.box)]
        rows = _rows(grid, inside)
        if rows:
            rest = tuple(kept for piece in pieces if (kept := _without(piece, grid.box)))
            pieces = (*rest, _piece(grid.box, pipe_table(rows)))
    return pieces


def _rows(grid: Grid, words: list[Word]) -> list[list[str]]:
    """Return rows of cells less empty rows and columns; [] where that is no table."""
    cells: dict[tuple[int, int], list[Word]] = defaultdict(list)
    for word in words:
        x, y = _centre(word[:4])
        row, column = bisect_right(grid.ys, y) - 1, bisect_right(grid.xs, x) - 1
        cells[_owner(grid, row, column)].append(word)
    rows = sorted({row for row, _ in cells})
    columns = sorted({column for _, column in cells})
    if len(rows) < 2 or len(columns) < 2 or len(cells) < _FILLED * len(rows) * len(columns):
        return []
    return [[_text(cells.get((row, column), [])) for column in columns] for row in rows]


def _owner(grid: Grid, row: int, column: int) -> tuple[int, int]:
    """Return the first cell of those that are merged with this one."""
    while row and not grid.parted(True, grid.ys[row], _middle(grid.xs, column)):
        row -= 1
    while column and not grid.parted(False, grid.xs[column], _middle(grid.ys, row)):
        column -= 1
    return row, column


def _middle(places: tuple[float, ...], n: int) -> float:
    return (places[n] + places[n + 1]) / 2


def _text(words: list[Word]) -> str:
    """Return the words of a cell in order; a word parted at a line's end is joined."""
    text = ""
    for _, line in groupby(words, key=lambda word: word[5:7]):
        more = " ".join(word[4] for word in line)
        if text.endswith("\u00ad") or (
            text[-2:-1].isalpha() and text[-1:] == "-" and more.islower()
        ):
            text = text[:-1] + more
        else:
            text = f"{text} {more}" if text else more
    return text.replace("\0", "")


def _without(piece: Piece, box: Box) -> Piece | None:
    """Return a piece less its lines within a box, None if none is left."""
    if piece.table or not _overlap(piece.box, box):
        return piece
    lines = tuple(o for o in piece.lines if not _within((o.x0, o.y0, o.x1, o.y1), box))
    if len(lines) == len(piece.lines):
        return piece
    return Piece(_around(lines), lines) if lines else None


def _piece(box: Box, text: str) -> Piece:
    x0, y0, x1, y1 = box
    return Piece(box, (Line(text, 0.0, x0, y0, x1, min(y1, y0 + 12)),), table=True)


def _around(lines: tuple[Line, ...]) -> Box:
    return (
        min(o.x0 for o in lines),
        min(o.y0 for o in lines),
        max(o.x1 for o in lines),
        max(o.y1 for o in lines),
    )


def _centre(box: Any) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _within(box: Any, outer: Box) -> bool:
    x, y = _centre(box)
    return outer[0] < x < outer[2] and outer[1] < y < outer[3]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
