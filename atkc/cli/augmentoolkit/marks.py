"""`!!PLACEHOLDER!!` and its like: YAML takes them for tags, so others stand in while it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from atkc.spec.source import Source

MARK = re.compile(r"!!([A-Z][A-Z_]*)!!")
_SIGN = "\ue000"  # of the private use area: YAML lets it pass, and it means nothing
_STAND_IN = re.compile(f"{_SIGN}{_SIGN}([A-Z][A-Z_]*){_SIGN}{_SIGN}")


class Mark(Struct, frozen=True):
    """A mark and where it stands."""

    name: str
    line: int
    col: int
    start: int
    end: int


def readable(text: str) -> str:
    """Return the text with marks that YAML reads as words; all offsets stay."""
    return MARK.sub(lambda match: f"{_SIGN * 2}{match[1]}{_SIGN * 2}", text)


def written(text: str) -> str:
    """Return a text that was read with its marks as they were written."""
    return _STAND_IN.sub(lambda match: f"!!{match[1]}!!", text)


def marks(source: Source) -> Iterator[Mark]:
    """Yield all marks of a text."""
    for match in MARK.finditer(source.text):
        line, col = source.position(match.start())
        yield Mark(match[1], line, col, match.start(), match.end())
