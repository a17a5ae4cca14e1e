"""Where each character of a decoded YAML scalar stands in the text it was decoded from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct


class Piece(Struct, frozen=True):
    """A stretch of decoded characters and the stretch of raw text that gave it."""

    at: int
    size: int
    raw: int
    raw_size: int

    def reach(self, offset: int) -> tuple[int, int]:
        """Return the raw [start, end) of one decoded character of this piece."""
        step = offset - self.at
        if self.size == self.raw_size:
            return self.raw + step, self.raw + step + 1
        if self.size == 1:
            return self.raw, self.raw + self.raw_size
        start = self.raw + min(step, self.raw_size)
        return start, min(start + 1, self.raw + self.raw_size)


def place(raw: str, style: str, text: str, start: int, end: int) -> tuple[int, int]:
    """Return the [start, end) within `raw` of the characters [start, end) of `text`."""
    if not text:
        return 0, len(raw)
    pieces = _pieces(raw, style, text)
    start = min(max(start, 0), len(text))
    end = min(max(end, start), len(text))
    first = _reach(pieces, start)[0] if start < len(text) else _reach(pieces, start - 1)[1]
    last = _reach(pieces, end - 1)[1] if end > start else first
    return first, max(first, last)


def _reach(pieces: tuple[Piece, ...], offset: int) -> tuple[int, int]:
    return pieces[bisect_right(pieces, offset, key=lambda piece: piece.at) - 1].reach(offset)


@lru_cache(maxsize=1024)
def _pieces(raw: str, style: str, text: str) -> tuple[Piece, ...]:
    if raw == text:
        return (Piece(0, len(text), 0, len(raw)),)
    if style == "double":
        return tuple(_runs(_unescape(raw)))
    return tuple(_aligned(raw, text, _content(raw, style), style == "single"))


# --- literal, folded, plain and single-quoted: the same words, other blanks between them ---------

_WORDS = re.compile(r"[ \t\r\n]+|[^ \t\r\n]+")
_BLANKS = re.compile(r"[ \t\r\n]*")
_HEADER = re.compile(r"[^\n]*\n?")


def _content(raw: str, style: str) -> int:
    if style in ("literal", "folded"):
        header = _HEADER.match(raw)
        return header.end() if header else 0
    return 1 if style == "single" else 0


def _aligned(raw: str, text: str, at: int, single: bool) -> Iterator[Piece]:
    """Yield pieces; a decoder changes only blanks (and doubled single quotes), never words."""
    for match in _WORDS.finditer(text):
        start, end = match.span()
        blanks = _BLANKS.match(raw, at)
        after = blanks.end() if blanks else at
        if match[0][0] in " \t\r\n":
            yield from _gap(match[0], start, at, after)
            at = after
            continue
        if not single:
            yield Piece(start, end - start, after, end - start)
            at = after + end - start
            continue
        at = after
        for part in re.finditer(r"'|[^']+", match[0]):
            size = part.end() - part.start()
            width = 2 if part[0] == "'" else size
            yield Piece(start + part.start(), size, at, width)
            at += width


def _gap(blanks: str, at: int, raw: int, raw_end: int) -> Iterator[Piece]:
    """Yield the blanks between two words: line ends from the left, indentation from the right."""
    size, room = len(blanks), raw_end - raw
    tail = min(size - 1 - blanks.rfind("\n"), room) if "\n" in blanks else 0
    head = size - tail
    yield Piece(at, head, raw, min(head, room - tail))
    if tail:
        yield Piece(at + head, tail, raw_end - tail, tail)


# --- double-quoted: decoded once more, this time with positions ----------------------------------

_TOKENS = re.compile(
    r"""(?P<words>[^\\ \t\r\n]+)
      | \\(?:\r\n|\r|\n)(?P<joined>[ \t\r\n]*)
      | (?P<escape>\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.)
      | (?P<blanks>[ \t\r\n]+)
      | (?P<rest>.)""",
    re.VERBOSE | re.DOTALL,
)
_BREAKS = re.compile(r"\r\n|\r|\n")


def _unescape(raw: str) -> Iterator[tuple[int, int, int]]:
    """Yield (decoded size, raw offset, raw size) for a double-quoted scalar, quotes included."""
    for match in _TOKENS.finditer(raw, 1, max(len(raw) - 1, 1)):
        start, end = match.span()
        if match.lastgroup == "joined":
            yield len(_BREAKS.findall(match["joined"])), start, end - start
        elif match.lastgroup == "escape":
            yield 1, start, end - start
        elif match.lastgroup == "blanks":
            breaks = len(_BREAKS.findall(match[0]))
            size = max(breaks - 1, 1) if breaks else end - start
            yield size, start, end - start
        else:
            yield end - start, start, end - start


def _runs(parts: Iterator[tuple[int, int, int]]) -> Iterator[Piece]:
    at = 0
    for size, raw, raw_size in parts:
        if size:
            yield Piece(at, size, raw, raw_size)
            at += size
