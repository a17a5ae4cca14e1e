"""Which paragraphs of a PDF are headings, and of which level."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from atkc.stdlib.readers.pdf_sheets import Group

_SIZE = 1.15  # times the size of the running text
_LENGTH = 200
_BOLD_LENGTH = 100
_BOLD_SHARE = 0.15  # of the characters: where more is bold, bold says nothing
_OUTLINE = 5  # bookmarks, from which on they are taken to be complete
_NUMBERING = re.compile(
    r"^(?:(?:chapter|appendix|part|section|kapitel)\s+)?[\dA-Z]{0,3}[\d.]*[.:)]?\s+"
)
_NO_HEADING = re.compile(r"[.,;:]$|^- |^[^\w]*$")


class Levels(Struct, frozen=True):
    """Levels by font size, for bold lines (0: none), and by (page, title) of the bookmarks."""

    sizes: Mapping[float, int]
    bold: int
    outline: Mapping[tuple[int, str], int]

    @classmethod
    def of(cls, groups: Sequence[Group], outline: Sequence[tuple[int, str, int]]) -> Levels:
        """Return the levels of a document: larger sizes in their order, then bold lines."""
        mass: Counter[float] = Counter()
        bold = 0
        for group in groups:
            length = sum(map(len, group.lines))
            mass[_rounded(group.size)] += length
            bold += length if group.bold else 0
        mass.pop(0.0, None)  # tables and recognised pages have no size
        body = max(mass, key=lambda size: (mass[size], -size), default=0.0)
        larger = sorted((size for size in mass if size >= body * _SIZE), reverse=True)
        sizes = {size: min(level, 6) for level, size in enumerate(larger, 1)}
        # Bookmarks name all headings; without them a bold line is one where bold is rare.
        seldom = len(outline) < _OUTLINE and bold <= _BOLD_SHARE * mass.total()
        marks = {(page, _key(title)): min(level, 6) for level, title, page in outline}
        return cls(sizes, min(len(larger) + 1, 6) if seldom else 0, marks)

    def of_group(self, group: Group, text: str, page: int) -> int:
        """Return the level of a paragraph, 0 if it is no heading."""
        if len(group.lines) > 3 or len(text) > _LENGTH:
            return 0
        marked = self.outline.get((page, _key(text)))
        if marked:
            return marked
        if level := self.sizes.get(_rounded(group.size), 0):
            return level
        plain = len(text) > _BOLD_LENGTH or len(group.lines) > 1 or _NO_HEADING.search(text)
        return self.bold if group.bold and not plain else 0


def _key(title: str) -> str:
    words = " ".join(title.split())
    return re.sub(r"\W+", "", _NUMBERING.sub("", words, count=1)).lower()


def _rounded(size: float) -> float:
    return round(size * 2) / 2
