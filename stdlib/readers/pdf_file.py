"""Reads PDF files page by page and puts the lines back into paragraphs."""

from __future__ import annotations

from typing import Any

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.document import Parsed, assemble
from atkc.stdlib.readers.foreign import foreign
from atkc.stdlib.readers.pdf_pages import MUPDF, Found, sheets
from atkc.stdlib.readers.pdf_paragraphs import paragraphs
from atkc.stdlib.readers.pdf_sheets import Sheet
from atkc.stdlib.readers.ranges import ranges
from atkc.stdlib.readers.settings import Settings


def parse(data: bytes, settings: Settings) -> Parsed:
    """Return the text with the offset of each page.

    RecordError `encrypted`, `corrupt`, or `no-text` where no page could be read.
    """
    document = _opened(data)
    try:
        if document.needs_pass:
            raise RecordError("encrypted", "is protected by a password; save a copy without one")
        found = Found()
        with foreign("PDF"):
            pages = list(sheets(document, settings, found))
            with MUPDF:
                title = (document.metadata or {}).get("title", "").strip()
                outline = [(level, name, page) for level, name, page in document.get_toc()]
                repaired = bool(document.is_repaired)
    finally:
        with MUPDF:
            document.close()
    return _parsed(pages, outline, title, repaired, found)


def _opened(data: bytes) -> Any:
    import pymupdf

    with MUPDF, foreign("PDF"):
        pymupdf.TOOLS.mupdf_display_errors(False)
        pymupdf.TOOLS.mupdf_display_warnings(False)
        return pymupdf.open(stream=data, filetype="pdf")


def _parsed(
    pages: list[Sheet],
    outline: list[tuple[int, str, int]],
    title: str,
    repaired: bool,
    found: Found,
) -> Parsed:
    if not any(page.groups for page in pages):
        raise _without_text(repaired, found)
    parsed = assemble(
        paragraphs(pages, outline),
        title,
        tuple(_notes(len(pages), repaired, found)),
        page_count=len(pages),
        tables=found.tables,
        ocr_pages=tuple(found.recognised),
        unread_pages=tuple(found.unread),
        advice=found.why,
    )
    if parsed.text.count("\ufffd") * 2 > len(parsed.text):
        message = "has a text layer whose characters have no known meaning"
        raise RecordError("no-text", f"{message}; {found.why}" if found.why else message)
    return parsed


def _notes(count: int, repaired: bool, found: Found) -> list[str]:
    notes = ["damaged file was repaired"] if repaired else []
    if found.blank:
        notes.append(f"{len(found.blank)} of {count} pages have no text")
    if found.recognised:
        notes.append(f"recognised by Tesseract: pages {ranges(found.recognised)}")
    if found.unread:
        notes.append(f"not read, because their text is an image: pages {ranges(found.unread)}")
    return notes


def _without_text(repaired: bool, found: Found) -> RecordError:
    if found.unread:
        return RecordError("no-text", f"has images of text on its pages and no text; {found.why}")
    if repaired:
        return RecordError("corrupt", "is damaged, and repairing it gave no text")
    return RecordError("no-text", "has no text: all its pages are blank or pictures")
