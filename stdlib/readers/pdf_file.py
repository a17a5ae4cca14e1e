"""Reads PDF files: the text layer page by page, put back into paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.document import Parsed, assemble
from atkc.stdlib.readers.foreign import foreign
from atkc.stdlib.readers.pdf_layout import Line, Page, Piece, in_reading_order
from atkc.stdlib.readers.pdf_margins import without_margins
from atkc.stdlib.readers.pdf_paragraphs import paragraphs
from atkc.stdlib.readers.settings import Settings

_OCR_DPI = 200


def parse(data: bytes, settings: Settings) -> Parsed:
    """Return the text with the offset of each page.

    RecordError `encrypted`, `corrupt`, or `no-text` where pages hold images alone.
    """
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    with foreign("PDF"):
        document = pymupdf.open(stream=data, filetype="pdf")
    with document:
        if document.needs_pass:
            raise RecordError("encrypted", "is protected by a password")
        with foreign("PDF"):
            pages = list(_pages(document, settings.ocr == "auto"))
            title = (document.metadata or {}).get("title", "").strip()
            repaired = bool(document.is_repaired)
    return _parsed(pages, title, repaired, settings)


def _parsed(pages: list[Page], title: str, repaired: bool, settings: Settings) -> Parsed:
    blank = sum(not page.pieces for page in pages)
    if blank == len(pages):
        raise _without_text(repaired, settings)
    notes = ["damaged file was repaired"] if repaired else []
    if blank:
        notes.append(f"{blank} of {len(pages)} pages have no text")
    parsed = assemble(paragraphs(without_margins(pages)), title, tuple(notes))
    if parsed.text.count("\ufffd") * 2 > len(parsed.text):
        raise RecordError("no-text", "has a text layer whose characters have no known meaning")
    return parsed


def _without_text(repaired: bool, settings: Settings) -> RecordError:
    if repaired:
        return RecordError("corrupt", "is damaged, and repairing it gave no text")
    if settings.ocr == "auto":
        return RecordError("no-text", "has no text layer, and recognition found no text")
    return RecordError("no-text", "has no text layer; `ocr: auto` reads scanned pages")


def _pages(document: Any, ocr: bool) -> Iterator[Page]:
    import pymupdf

    flags = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_LIGATURES
    flags &= ~pymupdf.TEXT_PRESERVE_IMAGES
    for number in range(document.page_count):
        page = document[number]
        content = page.get_text("dict", flags=flags)
        if ocr and not any(block.get("lines") for block in content["blocks"]):
            content = page.get_text("dict", flags=flags, textpage=_recognised(page))
        pieces = tuple(_pieces(content["blocks"]))
        ordered = in_reading_order(pieces)
        yield Page(number + 1, float(content["width"]), float(content["height"]), ordered)


def _recognised(page: Any) -> Any:
    try:
        return page.get_textpage_ocr(dpi=_OCR_DPI, full=True)
    except RuntimeError as error:
        message = "has scanned pages, and Tesseract, which `ocr: auto` uses, did not run"
        raise RecordError("no-text", message) from error


def _pieces(blocks: list[dict[str, Any]]) -> Iterator[Piece]:
    for block in blocks:
        lines = tuple(line for raw in block.get("lines", ()) if (line := _line(raw)).text)
        if lines:
            yield Piece(tuple(map(float, block["bbox"])), lines)  # type: ignore[arg-type]  # 4 long


def _line(raw: dict[str, Any]) -> Line:
    spans = raw["spans"]
    text = "".join(span["text"] for span in spans).replace("\0", "").strip()
    size = max((float(span["size"]) for span in spans if span["text"].strip()), default=0.0)
    x0, y0, x1, y1 = map(float, raw["bbox"])
    return Line(text, size, x0, y0, x1, y1)
