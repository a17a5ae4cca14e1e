"""Takes running heads, feet and page numbers off the pages of a PDF."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from atkc.stdlib.readers.pdf_layout import Page, Piece

_ZONE = 0.1  # share of the height at head and foot
_NUMBER = re.compile(
    r"[-–— ]*(?:(?:page|seite|p\.|s\.) ?)?(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?: ?(?:/|of|von|sur|de) ?\d{1,4})?[-–— ]*",
    re.IGNORECASE,
)


def without_margins(pages: list[Page]) -> list[Page]:
    """Return the pages less what repeats at their head or foot and less page numbers."""
    if len(pages) < 2:
        return pages
    counts = Counter(
        key for page in pages for key in {_key(p) for p in page.pieces if _outer(p, page)}
    )
    often = max(3, -(-len(pages) * 2 // 5))
    repeated = {key for key, count in counts.items() if count >= often}
    return [_cleaned(page, repeated) for page in pages]


def _cleaned(page: Page, repeated: set[str]) -> Page:
    kept = tuple(
        piece
        for piece in page.pieces
        if not (_outer(piece, page) and (_key(piece) in repeated or _is_number(piece)))
    )
    return replace(page, pieces=kept)


def _outer(piece: Piece, page: Page) -> bool:
    head, foot = page.height * _ZONE, page.height * (1 - _ZONE)
    return piece.box[3] <= head or piece.box[1] >= foot


def _key(piece: Piece) -> str:
    """Return the words with digits alike, so that `Chapter 2 · 17` and `· 18` count as one."""
    words = " ".join(line.text for line in piece.lines).lower().split()
    return re.sub(r"\d+", "#", " ".join(words))


def _is_number(piece: Piece) -> bool:
    return len(piece.lines) == 1 and bool(_NUMBER.fullmatch(piece.lines[0].text))
