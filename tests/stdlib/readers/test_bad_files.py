"""Each file that cannot be read, or is not what its name says, is listed with its reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pymupdf
import pytest

from atkc.runtime.api import ReadFailure
from atkc.spec.signature import REQUIRED
from atkc.stdlib.readers import READERS

SIGNATURE, READ = READERS["documents"]
DEFAULTS = {k: o.default for k, o in SIGNATURE.options.items() if o.default is not REQUIRED}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DRM = """<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>
<enc:CipherData><enc:CipherReference URI="one.xhtml"/></enc:CipherData></enc:EncryptedData>
</encryption>"""
PACKAGE = """<package><manifest>
<item id="a" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="a"/></spine></package>"""
CONTAINER = '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'


def archive(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as written:
        for name, text in members.items():
            written.writestr(name, text)
    return out.getvalue()


def epub(**more: str) -> bytes:
    members = {"META-INF/container.xml": CONTAINER, "p.opf": PACKAGE, "one.xhtml": "<p>One.</p>"}
    return archive(**members, **more)


def word(text: str) -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def pdf(text: str, **save: Any) -> bytes:
    document = pymupdf.open()
    document.new_page().insert_text((50, 50), text)
    return bytes(document.tobytes(**save))


def read(folder: Path, name: str, data: bytes) -> Any:
    (folder / name).write_bytes(data)
    (found,) = READ({**DEFAULTS, "path": str(folder)})
    return found


@pytest.mark.parametrize(
    ("name", "data", "kind", "said"),
    [
        ("a.pdf", pdf("x", encryption=4, owner_pw="o", user_pw="u"), "encrypted", "without one"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "without one"),
        ("a.epub", epub(**{"META-INF/encryption.xml": DRM}), "encrypted", "is protected"),
        (
            "a.docx",
            OLE + b"WordDocument",
            "corrupt",
            "old Office file (.doc, .xls, .ppt); save it as",
        ),
        ("a.docx", word("cut")[:2000], "corrupt", "a damaged ZIP archive; fetch it again"),
        ("a.epub", epub()[:200], "corrupt", "a damaged ZIP archive"),
        ("a.epub", archive(x="y"), "corrupt", "it is a ZIP archive; unpack it"),
        ("a.pdf", pdf("cut")[:60], "corrupt", "PDF"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n..", "corrupt", "a PNG image; put it into a PDF"),
        ("a.txt", archive(x="y"), "format", "is a ZIP archive, not text; unpack it"),
        ("a.txt", b"{\\rtf1 x}", "format", "save it as DOCX"),
        ("a.txt", b"", "empty", "has no content"),
        ("a.pdf", b"", "empty", "has no content"),
        ("a.docx", word(" "), "empty", "has no text"),
        ("a.pdf", pdf(""), "no-text", "blank or pictures"),
        ("a.txt", b"a\x00b", "binary", "binary data"),
        ("a.txt", b"\xff\xfeA", "encoding", "does not fit"),
    ],
)
def test_a_file_that_cannot_be_read(
    tmp_path: Path, name: str, data: bytes, kind: str, said: str
) -> None:
    found = read(tmp_path, name, data)
    assert isinstance(found, ReadFailure)
    assert (found.source, found.kind) == (name, kind)
    assert said in found.message


@pytest.mark.parametrize(
    ("name", "data", "format_name", "text"),
    [
        ("a.pdf", b"<!DOCTYPE html><p>One.</p>", "html", "One."),
        ("a.txt", word("One."), "docx", "One."),
        ("a.md", pdf("One."), "pdf", "One."),
        ("a.docx", epub(), "epub", "One."),
        ("a.html", b"just words", "html", "just words"),
        ("a.pdf", b"just words", "txt", "just words"),
        ("a.txt", "Gr\u00fc\u00dfe".encode("utf-16"), "txt", "Gr\u00fc\u00dfe"),
    ],
)
def test_a_file_is_read_by_its_content(
    tmp_path: Path, name: str, data: bytes, format_name: str, text: str
) -> None:
    found = read(tmp_path, name, data)
    assert isinstance(found, dict), found
    assert (found["format"], found["text"]) == (format_name, text)
    told = format_name not in (name.split(".")[1], "txt" if name == "a.txt" else "")
    assert any("but read as" in note for note in found["notes"]) is told
