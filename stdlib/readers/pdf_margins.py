"""Takes running heads, feet and page numbers off the pages of a PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from atkc.stdlib.readers.pdf_sheets import Group, Sheet

_SHARE = 0.4  # of the pages, on which something must stand to be running
_LEAST = 3
_NUMBER = re.compile(
    r"[-–— ]*(?:(?:page|seite|p\.|s\.) ?)?(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?: ?(?:/|of|von|sur|de) ?\d{1,4})?[-–— ]*",
    re.IGNORECASE,
)
_FIRST = re.compile(r"(\d{1,4})\b(?![.:)])")
_LAST = re.compile(r"\s(\d{1,4})$")


def text_of(sheets: Sequence[Sheet]) -> list[tuple[int, list[Group]]]:
    """Return (page, groups) less what runs at head or foot and less page numbers."""
    counts: Counter[str | int] = Counter()
    for sheet in sheets:
        counts.update({key for text in _margins(sheet) for key in _keys(text, sheet.number)})
    often = max(_LEAST, -(-len(sheets) * _SHARE // 1))
    running = {key for key, count in counts.items() if count >= often}

    def gone(group: Group, page: int) -> bool:
        if group.margin is None or len(sheets) < 2:
            return False
        return bool(
            _NUMBER.fullmatch(group.margin) or running.intersection(_keys(group.margin, page))
        )

    return [(s.number, [g for g in s.groups if not gone(g, s.number)]) for s in sheets]


def _margins(sheet: Sheet) -> set[str]:
    return {group.margin for group in sheet.groups if group.margin is not None}


def _keys(text: str, page: int) -> list[str | int]:
    """Return by what a running head is known: its words, how far its number is from the page.

    With digits alike `Chapter 2 · 17` and `Chapter 2 · 18` count as one; where the words change
    from page to page, the number still goes with the pages.
    """
    numbers = (found for mark in (_FIRST.match(text), _LAST.search(text)) if (found := mark))
    return [re.sub(r"\d+", "#", text.lower()), *(int(found[1]) - page for found in numbers)]
