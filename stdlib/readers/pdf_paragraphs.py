"""Lines of PDF pages back into paragraphs and headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from atkc.stdlib.readers.document import Block
from atkc.stdlib.readers.pdf_layout import Line, Page, Piece

_END = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")
_LAST_WORD = re.compile(r"(\w+)-$")
_FIRST_WORD = re.compile(r"\w+")
_HEADING_SIZE = 1.15  # times the size of the running text
_HEADING_LENGTH = 200


def paragraphs(pages: list[Page]) -> list[Block]:
    """Return paragraphs and headings in order, each with the page on which it begins."""
    lines = [line for page in pages for piece in page.pieces for line in piece.lines]
    words = Counter(w.lower() for line in lines for w in re.findall(r"\w+(?:-\w+)*", line.text))
    levels = _levels(lines)
    out: list[Block] = []
    for page in pages:
        for piece in page.pieces:
            for group in _split(piece):
                _add(out, _block(group, page.number, levels, words), words)
    return out


def _block(
    group: tuple[Line, ...], page: int, levels: dict[float, int], words: Counter[str]
) -> Block:
    text = group[0].text
    for line in group[1:]:
        text = _joined(text, line.text, words)
    size = max(line.size for line in group)
    headlike = len(group) <= 3 and len(text) <= _HEADING_LENGTH
    return Block(text, levels.get(_rounded(size), 0) if headlike else 0, page)


def _add(out: list[Block], block: Block, words: Counter[str]) -> None:
    """Append a block; one that goes on in mid-sentence joins its first half, also across pages."""
    last = out[-1] if out else None
    goes_on = block.text[:1].islower() and not block.level
    if last and goes_on and not last.level and not _END.search(last.text):
        text = _joined(last.text, block.text, words)
        turned = block.page != (last.breaks[-1][1] if last.breaks else last.page)
        breaks = ((len(text) - len(block.text), block.page),) if turned else ()
        out[-1] = Block(text, 0, last.page, last.breaks + breaks)
    else:
        out.append(block)


def _joined(text: str, more: str, words: Counter[str]) -> str:
    """Join two lines; a hyphen at the break stays only where the text writes the word with it."""
    if text.endswith("\u00ad"):
        return text[:-1] + more
    end, start = _LAST_WORD.search(text), _FIRST_WORD.match(more)
    if end is None or start is None:
        return f"{text} {more}" if not _wide(text[-1:]) else text + more
    left, right = end[1].lower(), start[0].lower()
    compound = words[f"{left}-{right}"] > words[left + right]
    if compound or not more[:1].islower() or not end[1][-1].isalpha():
        return text + more
    return text[:-1] + more


def _wide(char: str) -> bool:
    # Chinese and Japanese lines join without a space.
    return "\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uff65"


def _split(piece: Piece) -> Iterator[tuple[Line, ...]]:
    """Part a block where a sentence ends well before the right edge or the font size changes."""
    rows = _rows(piece)
    group = [rows[0]]
    width = piece.box[2] - piece.box[0]
    for before, line in pairwise(rows):
        short = piece.box[2] - before.x1 > 0.15 * width
        resized = abs(before.size - line.size) > 0.1 * before.size
        if resized or (short and _END.search(before.text)):
            yield tuple(group)
            group = []
        group.append(line)
    yield tuple(group)


def _rows(piece: Piece) -> list[Line]:
    """Return the lines with those that stand at one height joined: the cells of a table row."""
    out: list[Line] = []
    for line in piece.lines:
        last = out[-1] if out else None
        if last and abs(last.y0 - line.y0) < 0.3 * (line.y1 - line.y0) and line.x0 >= last.x1:
            text = f"{last.text} {line.text}"
            out[-1] = Line(text, max(last.size, line.size), last.x0, last.y0, line.x1, line.y1)
        else:
            out.append(line)
    return out


def _levels(lines: list[Line]) -> dict[float, int]:
    """Return font size -> heading level: sizes above that of most characters, largest first."""
    mass: Counter[float] = Counter()
    for line in lines:
        mass[_rounded(line.size)] += len(line.text)
    body = max(mass, key=lambda size: (mass[size], -size), default=0.0)
    larger = sorted((size for size in mass if size >= body * _HEADING_SIZE), reverse=True)
    return {size: min(level, 6) for level, size in enumerate(larger, 1)}


def _rounded(size: float) -> float:
    return round(size * 2) / 2
