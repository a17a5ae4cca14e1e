"""A page of a PDF reduced to what its text is made of, so that a long document stays small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from atkc.stdlib.readers.pdf_layout import Line, Page, Piece
from atkc.stdlib.readers.pdf_running import margin_text

END = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")
_BULLET = re.compile(r"[•‣◦▪●○■□∙·\uf0b7\uf0a7](?:\s+|$)")
_LEADER = re.compile(r"\s*\.(?:\.{4,}|(?:\s\.){4,})\s?")  # dots between a title and its page
_CODE_WIDTH = 0.6  # a character of fixed width, in times its size


class Group(Struct, frozen=True):
    """Lines that make one paragraph or heading, a table (one string), or lines kept apart.

    `margin` is what the whole piece says if it stands at head or foot of the page.
    """

    lines: tuple[str, ...]
    size: float
    bold: bool = False
    kept: bool = False  # table, code, contents: lines stay lines
    margin: str | None = None


class Sheet(Struct, frozen=True):
    """A page, counted from 1."""

    number: int
    groups: tuple[Group, ...]


def sheet(page: Page) -> Sheet:
    """Return the groups of a page whose pieces stand in reading order."""
    groups: list[Group] = []
    for piece in page.pieces:
        margin = margin_text(piece, page.height)
        groups += (replace(group, margin=margin) for group in _groups(piece))
    return Sheet(page.number, tuple(groups))


def _groups(piece: Piece) -> Iterator[Group]:
    if piece.table:
        yield Group((piece.lines[0].text,), 0.0, kept=True)
        return
    for lines in _split(piece):
        size = max(line.size for line in lines)
        if all(line.fixed for line in lines) and len(lines) > 1:
            yield Group(_indented(lines), size, kept=True)
        elif _leads(lines[0]):
            yield Group(tuple(_LEADER.sub(" … ", o.text) for o in lines), size, kept=True)
        else:
            texts = tuple(line.text.strip() for line in lines)
            first = _BULLET.sub("- ", texts[0], count=1)
            yield Group((first, *texts[1:]), size, all(line.bold for line in lines))


def _split(piece: Piece) -> Iterator[tuple[Line, ...]]:
    rows = _rows(piece)
    group = [rows[0]]
    width = piece.box[2] - piece.box[0]
    for before, line in pairwise(rows):
        if _parted(before, line, piece.box[2] - before.x1 > 0.15 * width):
            yield tuple(group)
            group = []
        group.append(line)
    yield tuple(group)


def _parted(before: Line, line: Line, short: bool) -> bool:
    """Return whether a paragraph ends between two lines; `short` if the first leaves room."""
    return (
        abs(before.size - line.size) > 0.1 * before.size
        or before.fixed is not line.fixed
        or (short and (before.bold is not line.bold or bool(END.search(before.text))))
        or _leads(before) is not _leads(line)
        or bool(_BULLET.match(line.text))
    ) and not (before.fixed and line.fixed)


def _leads(line: Line) -> bool:
    return (". ." in line.text or ".." in line.text) and bool(_LEADER.search(line.text))


def _rows(piece: Piece) -> list[Line]:
    """Return the lines with those that stand at one height joined: the cells of a table row."""
    out: list[Line] = []
    for line in piece.lines:
        last = out[-1] if out else None
        if last and abs(last.y0 - line.y0) < 0.3 * (line.y1 - line.y0) and line.x0 >= last.x1:
            out[-1] = _side_by_side(last, line)
        else:
            out.append(line)
    return out


def _side_by_side(left: Line, right: Line) -> Line:
    return Line(
        f"{left.text} {right.text}",
        max(left.size, right.size),
        left.x0,
        left.y0,
        right.x1,
        right.y1,
        left.bold and right.bold,
        left.fixed and right.fixed,
    )


def _indented(lines: tuple[Line, ...]) -> tuple[str, ...]:
    edge = min(line.x0 for line in lines)
    return tuple(
        " " * round((line.x0 - edge) / (_CODE_WIDTH * max(line.size, 1.0))) + line.text
        for line in lines
    )
