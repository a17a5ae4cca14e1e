"""Word documents keep their order: headings, paragraphs, lists, tables."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.docx_file import parse
from atkc.stdlib.readers.settings import Settings

FOOTNOTES = (
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:footnote w:id="1"><w:p><w:r><w:t>See the log.</w:t></w:r></w:p></w:footnote></w:footnotes>'
)


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def test_everything_in_document_order() -> None:
    document = docx.Document()
    document.core_properties.title = "Port"
    document.add_heading("The Port", 1)
    document.add_paragraph("Opened in 1887.\tFar\nnorth.")
    document.add_paragraph("cranes", style="List Bullet")
    document.add_paragraph("rails", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for n, words in enumerate(["Ship", "Year", "Ada", "1901"]):
        table.cell(n // 2, n % 2).text = words
    document.add_heading("After", 2)
    document.add_paragraph("End.")
    parsed = parse(saved(document), Settings())
    assert parsed.text == (
        "The Port\n\nOpened in 1887.\tFar\nnorth.\n\n- cranes\n- rails\n\n"
        "| Ship | Year |\n| --- | --- |\n| Ada | 1901 |\n\nAfter\n\nEnd."
    )
    assert [(level, text) for _, level, text in parsed.headings] == [(1, "The Port"), (2, "After")]
    assert all(parsed.text[at:].startswith(text) for at, _, text in parsed.headings)
    assert parsed.title == "Port"


def test_footnotes_stand_at_the_end() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Opened")
    reference = docx.oxml.parse_xml(
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnoteReference w:id="1"/></w:r>'
    )
    paragraph._p.append(reference)
    part = docx.opc.part.Part(
        docx.opc.packuri.PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        FOOTNOTES.encode(),
        document.part.package,
    )
    document.part.relate_to(part, docx.opc.constants.RELATIONSHIP_TYPE.FOOTNOTES)
    assert parse(saved(document), Settings()).text == "Opened[1]\n\n[1] See the log."


def test_deleted_words_stay_deleted() -> None:
    document = docx.Document()
    deleted = docx.oxml.parse_xml(
        '<w:del xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:r><w:delText>gone</w:delText></w:r></w:del>"
    )
    document.add_paragraph("kept ")._p.append(deleted)
    assert parse(saved(document), Settings()).text == "kept"


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped(**{"word/document.xml": "<broken"}), "corrupt"),
        (saved(docx.Document())[:-200], "corrupt"),
        (zipped(**{"word/document.xml": "0" * 100_000}), "too-large"),
    ],
)
def test_broken_files_and_bombs(data: bytes, kind: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(data, Settings(max_bytes=10_000))
    assert caught.value.kind == kind
