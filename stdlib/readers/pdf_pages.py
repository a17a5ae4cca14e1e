"""Takes the pages of a PDF one at a time: text, ruled tables, and what needs recognising."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from atkc.stdlib.readers.pdf_layout import Line, Page, Piece, in_reading_order
from atkc.stdlib.readers.pdf_ocr import OcrError, dpi_for, recognise
from atkc.stdlib.readers.pdf_rules import grids
from atkc.stdlib.readers.pdf_sheets import Sheet, sheet
from atkc.stdlib.readers.pdf_tables import with_tables
from atkc.stdlib.readers.settings import Settings

# MuPDF has one context for the whole process; sources read in threads of their own.
MUPDF = threading.Lock()
_FEW = 50  # characters: a stamp or a page number on a scan
_COVERED = 0.5  # share of a page that images hide, for it to be a scan
_UNMAPPED = 0.3  # share of characters without a known meaning
_ODD = re.compile("[\ufffd\ue000-\uf8ff]")
_HEAVY = 2_000_000  # bytes of compressed content: a drawing, not a table
_SHRINK_EVERY = 50  # pages, after which MuPDF's cache of fonts and images is halved
_BOLD, _FIXED = 16, 8  # flags of a span
_TYPEWRITER = re.compile("mono|courier|consol|typewriter|cmtt|txtt|-?tt[0-9]+$", re.IGNORECASE)


class Found(Struct):
    """What is known of a document beside its text, gathered while its pages pass."""

    tables: int = 0
    recognised: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    why: str = ""  # why pages could not be recognised


def sheets(document: Any, settings: Settings, found: Found) -> Iterator[Sheet]:
    """Yield the pages as text in reading order; only one is held as the library gives it."""
    import pymupdf

    for number in range(1, document.page_count + 1):
        with MUPDF:
            page = document[number - 1]
            size, pieces, scan = _taken(page, found)
            image = _image(page, size) if scan and settings.ocr == "auto" else None
            if number % _SHRINK_EVERY == 0:
                pymupdf.TOOLS.store_shrink(50)
        if scan:
            pieces = _recognised(image, size, pieces, number, settings, found)
        elif not pieces:
            found.blank.append(number)
        yield sheet(Page(number, *size, in_reading_order(pieces)))


def _taken(page: Any, found: Found) -> tuple[tuple[float, float], tuple[Piece, ...], bool]:
    """Return size and pieces of a page, and whether it must be recognised to be read."""
    import pymupdf

    flags = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_LIGATURES
    flags &= ~pymupdf.TEXT_PRESERVE_IMAGES
    text = page.get_textpage(flags=flags)
    content = text.extractDICT()
    pieces = tuple(_pieces(content["blocks"]))
    size = float(content["width"]), float(content["height"])
    drawings = [] if _weight(page) > _HEAVY else page.get_cdrawings()
    if _is_scan(page, pieces, size, bool(drawings)):
        return size, pieces, True
    ruled = grids(drawings) if pieces else []
    if ruled:
        pieces = with_tables(pieces, ruled, text.extractWORDS())
        found.tables += sum(piece.table for piece in pieces)
    return size, pieces, False


def _weight(page: Any) -> int:
    document = page.parent
    lengths = (document.xref_get_key(xref, "Length") for xref in page.get_contents())
    return sum(int(value) for kind, value in lengths if kind == "int")


def _is_scan(page: Any, pieces: tuple[Piece, ...], size: tuple[float, float], drawn: bool) -> bool:
    """Return whether a page shows text that its text layer lacks."""
    text = "".join(line.text for piece in pieces for line in piece.lines)
    if len(_ODD.findall(text)) > _UNMAPPED * len(text):
        return True
    if len(text) >= _FEW:
        return False
    boxes = [image["bbox"] for image in page.get_image_info()]
    covered = max(((b[2] - b[0]) * (b[3] - b[1]) for b in boxes), default=0.0)
    if text:
        return bool(covered > _COVERED * size[0] * size[1])
    return bool(boxes) or drawn  # letters may also be drawn as outlines


def _image(page: Any, size: tuple[float, float]) -> bytes:
    import pymupdf

    pixels = page.get_pixmap(dpi=dpi_for(*size), colorspace=pymupdf.csGRAY, alpha=False)
    return bytes(pixels.tobytes("pnm"))


def _recognised(
    image: bytes | None,
    size: tuple[float, float],
    pieces: tuple[Piece, ...],
    number: int,
    settings: Settings,
    found: Found,
) -> tuple[Piece, ...]:
    """Return what was recognised; the page's own text where that is not possible."""
    if image is None:
        found.why = "set `ocr: auto`, which recognises scanned pages"
    else:
        try:
            seen = recognise(image, dpi_for(*size), settings.ocr_languages)
        except OcrError as error:
            found.why = str(error)
        else:
            if seen:
                found.recognised.append(number)
                return seen
            found.blank += [] if pieces else [number]
            return pieces
    found.unread.append(number)
    return pieces


def _pieces(blocks: list[dict[str, Any]]) -> Iterator[Piece]:
    for block in blocks:
        lines = tuple(line for raw in block.get("lines", ()) if (line := _line(raw)).text)
        if lines:
            yield Piece(block["bbox"], lines)


def _line(raw: dict[str, Any]) -> Line:
    spans = raw["spans"]
    text = "".join([span["text"] for span in spans]).replace("\0", "").rstrip()
    said = spans if len(spans) == 1 else [span for span in spans if span["text"].strip()]
    size = max([span["size"] for span in said], default=0.0)
    bold = fixed = True
    for span in said:
        bold = bold and bool(span["flags"] & _BOLD)
        fixed = fixed and _is_fixed(span["flags"], span["font"])
    x0, y0, x1, y1 = raw["bbox"]
    text = text if fixed else text.lstrip()  # code is indented by spaces or by its place
    return Line(text, size, x0, y0, x1, y1, bold, fixed)


@lru_cache(maxsize=256)
def _is_fixed(flags: int, font: str) -> bool:
    return bool(flags & _FIXED) or bool(_TYPEWRITER.search(font))
