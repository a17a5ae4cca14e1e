"""How wide text is, without a font at hand: widths of a plain sans-serif, a little generous."""

from __future__ import annotations

import unicodedata
from math import fsum  # the same on every Python: 3.12 changed what sum gives

# Shares of the font size, by sample letters; what is in no row is `_OTHER`.
_WIDTHS = {
    0.30: "iljI|.,:;'`! ",
    0.36: 'ftr()[]{}/\\-"',
    0.52: "sckxzvyJ*°",
    0.70: "ABCDEFGHKNOPQRSTUVXYZ&=+<>~#",
    0.90: "mwMW@%…—→×",
}
_WIDTH = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER, _FULL = 0.58, 1.02


def width(text: str, size: float) -> float:
    """Return the width of a line in the unit of `size`."""
    return size * fsum(_letter(letter) for letter in text)


def _letter(letter: str) -> float:
    found = _WIDTH.get(letter)
    if found is not None:
        return found
    if unicodedata.combining(letter):
        return 0.0
    return _FULL if unicodedata.east_asian_width(letter) in "WF" else _OTHER


def shorten(text: str, size: float, room: float, *, keep_end: bool = False) -> str:
    """Return the text, cut with `…` where it is wider than `room`; a path keeps its end."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[1:] if keep_end else text[:-1]
    return f"…{text}" if keep_end else f"{text}…"
