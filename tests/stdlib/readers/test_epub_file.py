"""EPUB chapters come in the order of the spine."""

from __future__ import annotations

import io
import zipfile

import pytest

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.epub_file import parse
from atkc.stdlib.readers.settings import Settings
from atkc.stdlib.readers.sniff import sniff

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Port</dc:title></metadata>
<manifest>
<item id="b" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="one.xhtml" media-type="application/xhtml+xml"/>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="css" href="x.css" media-type="text/css"/>
<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>
</manifest>
<spine><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="css"/>
<itemref idref="gone"/></spine></package>"""
LOCKED = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:CipherData>
<enc:CipherReference URI="{}"/></enc:CipherData></enc:EncryptedData></encryption>"""
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/one.xhtml": '<?xml version="1.0" encoding="utf-8"?><html><body><h1>One</h1><p>ä</p>'
    "</body></html>",
    "OEBPS/text/two b.xhtml": "<html><body><p>Two</p></body></html>",
    "OEBPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
}


def book(**changes: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**BOOK, **changes}.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_chapters_in_spine_order() -> None:
    parsed = parse(book(), Settings())
    assert sniff(book()) == "epub"
    assert (parsed.text, parsed.title) == ("One\n\nä\n\nTwo", "The Port")
    assert parsed.headings == ((0, 1, "One"),)
    assert parsed.notes == ("chapter missing: OEBPS/gone.xhtml",)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"META-INF/encryption.xml": LOCKED.format("OEBPS/one.xhtml")}, "encrypted"),
        ({"META-INF/container.xml": "<container/>"}, "corrupt"),
        ({"META-INF/container.xml": CONTAINER.replace("book.opf", "no.opf")}, "corrupt"),
        ({"OEBPS/book.opf": "<package"}, "corrupt"),
        ({"bomb": "0" * 100_000}, "too-large"),
    ],
)
def test_books_that_cannot_be_read(changes: dict[str, str], kind: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(book(**changes), Settings(max_bytes=10_000))
    assert caught.value.kind == kind


def test_scrambled_fonts_do_not_hide_the_text() -> None:
    data = book(**{"META-INF/encryption.xml": LOCKED.format("OEBPS/font.otf")})
    assert parse(data, Settings()).text.startswith("One")
