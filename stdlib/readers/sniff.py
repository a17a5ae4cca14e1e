"""What a file is by its content, whatever its name says."""

from __future__ import annotations

import io
import re

from atkc.stdlib.readers.decoding import marked_encoding

SUFFIXES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
}
FORMATS = ("txt", "md", "html", "pdf", "docx", "epub", "jsonl", "json")
TEXTUAL = frozenset({"txt", "md", "html", "jsonl", "json"})

_OTHER = (
    (b"{\\rtf", "an RTF file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,2000}-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sniff(data: bytes) -> str:
    """Return `pdf`, `docx`, `epub`, `html`, `text`, `encrypted`, or words for something else."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    if data.startswith(_OLE):
        office = "EncryptedPackage".encode("utf-16-le") in data
        return "encrypted" if office else "an old Office file (.doc, .xls, .ppt)"
    for magic, name in _OTHER:
        if data.startswith(magic):
            return name
    if marked_encoding(data) is None and b"\0" in data[:8192]:
        return "binary data"
    return "html" if _HTML.match(data.removeprefix(b"\xef\xbb\xbf")[:4096]) else "text"


def _archive(data: bytes) -> str:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return "a damaged ZIP archive"
    if "word/document.xml" in names:
        return "docx"
    return "epub" if "META-INF/container.xml" in names else "a ZIP archive"
