"""A spoilt entry blanked out in place, so that the rest of a file can still be checked."""

from __future__ import annotations

import re

_VISIBLE = re.compile(r"[^\r\n]")
_ENTRY = re.compile(r"""[ \t]*(?:- |-$|\? |[^\s#'"][^#:\n]*:(?:\s|$)|'[^']*'\s*:|"[^"]*"\s*:)""")


def without_entry(text: str, offset: int) -> str | None:
    """Return `text` with the entry around `offset` turned into spaces, or None when none is left.

    The entry is the line that holds `offset` (or the nearest line above that shows anything) and
    the lines after it, as long as they are indented more or hold no key or item of their own.
    """
    start, end = _line(text, min(offset, len(text)))
    while not text[start:end].strip():
        if start == 0:
            return None
        start, end = _line(text, start - 1)
    depth = _indent(text[start:end])
    while end < len(text):
        _, after = _line(text, end + 1)
        line = text[end + 1 : after]
        if line.strip() and _indent(line) <= depth and not _continues(line, depth):
            break
        end = after
    return text[:start] + _VISIBLE.sub(" ", text[start:end]) + text[end:]


def _line(text: str, offset: int) -> tuple[int, int]:
    end = text.find("\n", offset)
    return text.rfind("\n", 0, offset) + 1, len(text) if end < 0 else end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _continues(line: str, depth: int) -> bool:
    return _indent(line) == depth and not _ENTRY.match(line) and line.strip()[0] not in "#.%-"
