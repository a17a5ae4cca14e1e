"""Text made fit for a terminal: columns counted as shown, nothing that moves the cursor."""

from __future__ import annotations

import unicodedata

WIDEST = 120  # columns of source shown in one line
_BEFORE = 40  # columns kept to the left of what is underlined, in longer lines
_TAB = "    "
# Direction overrides make a line read otherwise than it is.
_HIDDEN = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """Return one line without control characters, surrogates and direction overrides."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_NAMED.get(sign) or _sign(sign) for sign in text)


def ruled(line: str, start: int, end: int, mark: str) -> tuple[str, str]:
    """Return a line as shown and a row of marks below its characters [start, end), at least one.

    Tabs become four spaces; a line wider than `WIDEST` is cut to what is near the marks.
    """
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    first, last, lead = _window(line, start, end)
    shown = lead + "".join(map(_cell, line[first:last])) + ("…" if last < len(line) else "")
    room = width(line[start : min(end, last)])
    return shown, " " * (len(lead) + width(line[first:start])) + mark * max(room, 1)


def width(text: str) -> int:
    """Return the number of terminal columns that `ruled` shows a text in."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_columns, text))


def _window(line: str, start: int, end: int) -> tuple[int, int, str]:
    if len(line) <= WIDEST:
        return 0, len(line), ""
    first = 0 if end <= WIDEST - _BEFORE else max(start - _BEFORE, 0)
    return first, min(first + WIDEST, len(line)), "…" if first else ""


def _cell(sign: str) -> str:
    return _TAB if sign == "\t" else _sign(sign)


def _sign(sign: str) -> str:
    if sign in _HIDDEN or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp"):
        return "\ufffd"
    return sign


def _columns(sign: str) -> int:
    if sign == "\t":
        return len(_TAB)
    if _sign(sign) == "\ufffd":
        return 1
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
