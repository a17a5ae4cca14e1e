"""Cuts a text into units that fit a chunk: paragraphs, else sentences, else runs of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from atkc.stdlib.functions.sentences import sentence_ends
from atkc.stdlib.tokens import Counted, fit

_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
_LINE_END = re.compile(r"\n")
_CLAUSE = frozenset(",;:，、；：،؛—–")


class Unit(Struct, frozen=True):
    """text[start:end], trimmed, of `tokens` tokens; no chunk boundary falls inside."""

    start: int
    end: int
    tokens: int


def units(counted: Counted, limit: int) -> Iterator[Unit]:
    """Yield the units of a text in order, each of at most `limit` tokens."""
    for start, end in paragraphs(counted.text):
        size = counted(start, end)
        if size <= limit:
            yield Unit(start, end, size)
        else:
            yield from _sentences(counted, start, end, limit)


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the stretches between blank lines, trimmed."""
    at = 0
    for found in _BREAK.finditer(text):
        yield from _trimmed(text, at, found.start())
        at = found.end()
    yield from _trimmed(text, at, len(text))


def _sentences(counted: Counted, start: int, end: int, limit: int) -> Iterator[Unit]:
    text = counted.text
    at = start
    ends = _row_ends if text.startswith("| ", start) else sentence_ends
    for stop in ends(text[start:end]):
        for first, last in _trimmed(text, at, start + stop):
            size = counted(first, last)
            if size <= limit:
                yield Unit(first, last, size)
            else:
                yield from _pieces(counted, first, last, limit)
        at = start + stop


def _row_ends(text: str) -> list[int]:
    """Return the offsets just behind each line: rows of a pipe table are not cut in two."""
    return [*(found.end() for found in _LINE_END.finditer(text)), len(text)]


def _pieces(counted: Counted, start: int, end: int, limit: int) -> Iterator[Unit]:
    text = counted.text
    while start < end:
        stop = min(
            start + fit(text[start : min(end, start + 16 * limit + 64)], limit, counted.tokenizer),
            end,
        )
        if stop < end:
            stop = _cut_before(text, start, stop)
        for first, last in _trimmed(text, start, stop):
            yield Unit(first, last, counted(first, last))
        start = stop


def _cut_before(text: str, start: int, stop: int) -> int:
    """Return the best place to cut at or before `stop`: behind a space, a clause mark, a letter."""
    floor = start + (stop - start) // 2
    for good in (str.isspace, _CLAUSE.__contains__):
        for at in range(stop, floor, -1):
            if good(text[at - 1]):
                return at
    at = stop
    while at > start + 1 and _clings(text[at]):
        at -= 1
    return at if at > start + 1 else stop


def _clings(char: str) -> bool:
    """Return whether a character belongs to the one before it: accents, joiners, selectors."""
    return unicodedata.combining(char) > 0 or unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    inner = piece.strip()
    if inner:
        first = start + len(piece) - len(piece.lstrip())
        yield first, first + len(inner)
