"""A document as every format reader gives it: text with the places of its pages and headings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from atkc.runtime.api import Data
from atkc.spec.rowtype import INTEGER, STRING, STRINGS, ListOf, Record, nullable

PAGE = Record.of({"start": INTEGER, "page": INTEGER})
HEADING = Record.of({"start": INTEGER, "level": INTEGER, "text": STRING})
STATS = Record.of(
    {
        "bytes": INTEGER,
        "characters": INTEGER,
        "pages": nullable(INTEGER),
        "headings": INTEGER,
        "tables": INTEGER,
        "ocr_pages": ListOf(INTEGER),
        "unread_pages": ListOf(INTEGER),
    }
)
DOCUMENT = Record.of(
    {
        "text": STRING,
        "source": STRING,
        "format": STRING,
        "title": nullable(STRING),
        "pages": ListOf(PAGE),
        "headings": ListOf(HEADING),
        "notes": STRINGS,
        "stats": STATS,
    }
)


class Block(Struct, frozen=True):
    """A stretch that stands apart by blank lines; `level` 1 … 6 makes it a heading.

    `breaks` are (offset in the text, page) for pages that begin inside; a `kept` block has lines
    that stay lines.
    """

    text: str
    level: int = 0
    page: int = 0
    breaks: tuple[tuple[int, int], ...] = ()
    kept: bool = False
    table: bool = False


class Parsed(Struct, frozen=True):
    """What a format reader found. Offsets count characters of `text`; pages and levels from 1."""

    text: str
    title: str | None = None
    pages: tuple[tuple[int, int], ...] = ()  # (start, page)
    headings: tuple[tuple[int, int, str], ...] = ()  # (start, level, text)
    notes: tuple[str, ...] = ()  # what the reader had to mend or guess
    page_count: int | None = None  # also of pages without text
    tables: int = 0
    ocr_pages: tuple[int, ...] = ()  # read by recognising their image
    unread_pages: tuple[int, ...] = ()  # hold text that could not be read
    advice: str = ""  # what to do about these

    def record(self, source: str, format_name: str, size: int) -> Data:
        """Return the record of type DOCUMENT; `size` counts the bytes it was read from."""
        return {
            "text": self.text,
            "source": source,
            "format": format_name,
            "title": self.title,
            "pages": [{"start": s, "page": p} for s, p in self.pages],
            "headings": [{"start": s, "level": n, "text": t} for s, n, t in self.headings],
            "notes": list(self.notes),
            "stats": {
                "bytes": size,
                "characters": len(self.text),
                "pages": self.page_count,
                "headings": len(self.headings),
                "tables": self.tables,
                "ocr_pages": list(self.ocr_pages),
                "unread_pages": list(self.unread_pages),
            },
        }


def assemble(
    blocks: Iterable[Block],
    title: str | None = None,
    notes: tuple[str, ...] = (),
    **more: Any,
) -> Parsed:
    """Join blocks by blank lines and note where pages and headings begin.

    `more` are further fields of Parsed; `tables` is counted from the blocks if not given.
    """
    parts: list[str] = []
    pages: list[tuple[int, int]] = []
    headings: list[tuple[int, int, str]] = []
    at = tables = 0
    for block in blocks:
        if not block.text.strip():
            continue
        tables += block.table
        if block.page and (not pages or pages[-1][1] != block.page):
            pages.append((at, block.page))
        pages += [(at + offset, page) for offset, page in block.breaks]
        if block.level:
            headings.append((at, block.level, block.text))
        parts.append(block.text)
        at += len(block.text) + 2
    more.setdefault("tables", tables)
    text = "\n\n".join(parts)
    return Parsed(text, title or None, tuple(pages), tuple(headings), notes, **more)
