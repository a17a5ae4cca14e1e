"""Writes the example PDF and DOCX from the committed texts under examples/sources."""

from __future__ import annotations

import datetime as dt
import html
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PDF = "dredging-and-quay-walls"
DOCX = "mooring-and-fire-safety"
# One fixed moment stands in for every date that the two formats insist on.
WRITTEN = dt.datetime(2023, 2, 1, tzinfo=dt.UTC)
PAGE = (595.0, 842.0)
MARGIN, TOP, BOTTOM, GUTTER = 54.0, 72.0, 778.0, 21.0
CSS = """
body { margin: 0; font-family: serif; font-size: 10.8pt; line-height: 1.25; }
h1 { font-size: 22pt; margin: 0; text-align: center; }
h3 { font-size: 12pt; font-weight: normal; margin: 4pt 0 0 0; text-align: center; }
h2 { font-size: 12pt; margin: 9pt 0 3pt 0; }
p { margin: 0 0 5pt 0; text-align: justify; }
td { font-size: 8.5pt; padding: 1pt 3pt 1pt 0; }
"""


@dataclass(frozen=True, slots=True)
class Block:
    """One heading (`level` 1 to 3), paragraph (0) or table (`rows`, header first)."""

    level: int
    text: str
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a source: `#` headings, one-line paragraphs, `|` tables."""
    for part in text.replace("\n### ", "\n\n### ").split("\n\n"):
        lines = part.strip().split("\n")
        if lines[0].startswith("|"):
            cells = (tuple(c.strip() for c in line.strip("|").split("|")) for line in lines)
            yield Block(0, "", tuple(row for row in cells if set("".join(row)) != {"-"}))
        elif lines[0]:
            marks = len(lines[0]) - len(lines[0].lstrip("#"))
            yield Block(marks, " ".join(lines)[marks:].strip())


def markup(block: Block) -> str:
    """The block as the HTML that pymupdf lays out."""
    if block.rows:
        cells = ("".join(f"<td>{html.escape(c)}</td>" for c in row) for row in block.rows)
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
    tag = f"h{block.level}" if block.level else "p"
    return f"<{tag}>{html.escape(block.text)}</{tag}>"


def columns(top: float) -> tuple[tuple[float, float, float, float], ...]:
    """The left and the right column below `top`, as x0, y0, x1, y1 in points."""
    width = (PAGE[0] - 2 * MARGIN - GUTTER) / 2
    right = MARGIN + width + GUTTER
    return (MARGIN, top, MARGIN + width, BOTTOM), (right, top, right + width, BOTTOM)


def lay_out(title: list[Block], body: list[Block]) -> bytes:
    """The title across the first page, then the body down one column after the other."""
    import pymupdf

    out = BytesIO()
    writer = pymupdf.DocumentWriter(out)
    head = pymupdf.Story("".join(map(markup, title)), user_css=CSS)
    story = pymupdf.Story("".join(map(markup, body)), user_css=CSS)
    more, first = 1, True
    while more:
        device, top = writer.begin_page(pymupdf.Rect(0, 0, *PAGE)), TOP
        if first:
            _, filled = head.place(pymupdf.Rect(MARGIN, TOP, PAGE[0] - MARGIN, BOTTOM))
            head.draw(device)
            top, first = pymupdf.Rect(filled).y1 + 14, False
        for box in columns(top):
            if more:
                more, _ = story.place(pymupdf.Rect(*box))
                story.draw(device)
        writer.end_page()
    writer.close()
    return out.getvalue()


def furnish(pages: bytes, title: str) -> bytes:
    """The pages with running headers and footers, fixed dates and no file identifier."""
    import pymupdf

    document = pymupdf.open(stream=pages, filetype="pdf")
    for number, page in enumerate(document, 1):
        left, right = MARGIN, PAGE[0] - MARGIN
        page.insert_text((left, 48), title, fontname="tiit", fontsize=9)
        _right(page, right, 48, "Works Department, Port of Marrowby")
        page.draw_line((left, 54), (right, 54), width=0.5)
        page.insert_text((left, 806), "Edition of February 2023", fontname="tiro", fontsize=9)
        _right(page, right, 806, f"Page {number} of {document.page_count}")
    stamp = WRITTEN.strftime("D:%Y%m%d%H%M%SZ")
    document.set_metadata(
        {
            "title": title,
            "author": "Port of Marrowby",
            "creationDate": stamp,
            "modDate": stamp,
            "producer": "examples/build.py",
        }
    )
    document.xref_set_key(-1, "ID", "null")
    return bytes(document.tobytes(garbage=4, deflate=True, no_new_id=True))


def _right(page: Any, edge: float, y: float, text: str) -> None:
    import pymupdf

    width = pymupdf.get_text_length(text, fontname="tiro", fontsize=9)
    page.insert_text((edge - width, y), text, fontname="tiro", fontsize=9)


def pdf_bytes(text: str) -> bytes:
    """The two-column PDF of a source; the same bytes for the same text and pymupdf."""
    parts = list(blocks(text))
    title = [b for b in parts if b.level in {1, 3}]
    return furnish(lay_out(title, [b for b in parts if b.level not in {1, 3}]), title[0].text)


def docx_bytes(text: str) -> bytes:
    """The Word document of a source; the same bytes for the same text and python-docx."""
    import docx

    document = docx.Document()
    for block in blocks(text):
        if block.rows:
            _add_table(document, block.rows)
        elif block.level:
            document.add_heading(block.text, level=block.level - 1)
        else:
            document.add_paragraph(block.text)
    core = document.core_properties
    core.author = core.last_modified_by = "Port of Marrowby"
    core.title, core.comments = next(blocks(text)).text, ""
    core.created = core.modified = WRITTEN.replace(tzinfo=None)
    out = BytesIO()
    document.save(out)
    return _rezipped(out.getvalue())


def _add_table(document: Any, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    table.style = "Table Grid"
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text


def _rezipped(data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            # The system byte would otherwise tell Windows from the rest.
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


def build(target: Path) -> tuple[Path, Path]:
    """Writes both documents into `target` and returns their paths, PDF first."""
    sources = HERE / "sources"
    pdf, word = target / f"{PDF}.pdf", target / f"{DOCX}.docx"
    pdf.write_bytes(pdf_bytes((sources / f"{PDF}.md").read_text(encoding="utf-8")))
    word.write_bytes(docx_bytes((sources / f"{DOCX}.md").read_text(encoding="utf-8")))
    return pdf, word


if __name__ == "__main__":
    for path in build(HERE / "harbour"):
        sys.stdout.write(f"{path.relative_to(HERE)} {path.stat().st_size} bytes\n")
