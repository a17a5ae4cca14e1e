"""Reads EPUB books: the chapters of the spine, in its order."""

from __future__ import annotations

import posixpath
import zipfile
from typing import Any
from urllib.parse import unquote

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.archive import open_archive
from atkc.stdlib.readers.decoding import decode
from atkc.stdlib.readers.document import Block, Parsed, assemble
from atkc.stdlib.readers.foreign import foreign
from atkc.stdlib.readers.html_file import parse_text
from atkc.stdlib.readers.settings import Settings

_TEXT = ("application/xhtml+xml", "text/html")


def parse(data: bytes, settings: Settings) -> Parsed:
    """Return the text; RecordError `encrypted` for protected books, `corrupt` for broken ones."""
    with open_archive(data, "EPUB", settings) as archive:
        with foreign("EPUB"):
            package_path = _package_path(archive)
            package = _xml(archive.read(package_path))
        chapters = _spine(package, posixpath.dirname(package_path))
        _refuse_protected(archive, chapters)
        return _read(archive, chapters, _title(package), settings)


def _read(
    archive: zipfile.ZipFile, chapters: list[str], title: str | None, settings: Settings
) -> Parsed:
    blocks: list[Block] = []
    notes: list[str] = []
    names = set(archive.namelist())
    for chapter in chapters:
        if chapter not in names:
            notes.append(f"chapter missing: {chapter}")
            continue
        with foreign("EPUB"):
            data = archive.read(chapter)
        text, note = decode(data, strict=settings.strict_encoding)
        notes += [f"{chapter}: {note}"] if note else []
        blocks += parse_text(text)[1]
    return assemble(blocks, title, tuple(notes))


def _package_path(archive: zipfile.ZipFile) -> str:
    root = _xml(archive.read("META-INF/container.xml"))
    found = root.find(".//{*}rootfile")
    if found is None or not found.get("full-path"):
        raise RecordError("corrupt", "cannot be read as EPUB: its container names no package")
    return str(found.get("full-path"))


def _spine(package: Any, folder: str) -> list[str]:
    """Return the archive paths of the text chapters; the table of contents is left out."""
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    chapters = []
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _TEXT:
            continue
        if "nav" not in (item.get("properties") or "").split():
            path = posixpath.join(folder, unquote(item.get("href") or ""))
            chapters.append(posixpath.normpath(path))
    return chapters


def _refuse_protected(archive: zipfile.ZipFile, chapters: list[str]) -> None:
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    with foreign("EPUB"):
        root = _xml(archive.read("META-INF/encryption.xml"))
    locked = {unquote(r.get("URI") or "") for r in root.iterfind(".//{*}CipherReference")}
    if locked & set(chapters):  # scrambled fonts alone do not hide text
        raise RecordError("encrypted", "is protected, so its chapters cannot be read")


def _title(package: Any) -> str | None:
    found = package.find(".//{http://purl.org/dc/elements/1.1/}title")
    return None if found is None else " ".join("".join(found.itertext()).split()) or None


def _xml(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
