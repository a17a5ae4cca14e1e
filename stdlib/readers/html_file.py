"""Reads HTML: what a person would read, with headings, lists and tables."""

from __future__ import annotations

import re
from typing import Any

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.decoding import decode
from atkc.stdlib.readers.document import Block, Parsed, assemble
from atkc.stdlib.readers.foreign import foreign
from atkc.stdlib.readers.html_blocks import blocks_of
from atkc.stdlib.readers.settings import Settings

_CUT = ("ERR_INTERNAL_ERROR", "ERR_RESOURCE_LIMIT")  # the parser stopped before the end
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""")


def parse(data: bytes, settings: Settings) -> Parsed:
    """Return the text; the title is that of the page."""
    text, note = decode(data, strict=settings.strict_encoding, declared=_declared(data))
    title, blocks = parse_text(text)
    return assemble(blocks, title, (note,) if note else ())


def parse_text(text: str) -> tuple[str | None, list[Block]]:
    """Return title and blocks of a decoded page."""
    from lxml import etree

    # An encoding declared inside no longer holds: the text is decoded.
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    if not body.strip():
        return None, []
    with foreign("HTML"):
        parser = etree.HTMLParser(huge_tree=True, encoding="utf-8", remove_comments=True)
        root = etree.fromstring(body.encode("utf-8", errors="replace"), parser)
    if any(entry.type_name in _CUT for entry in parser.error_log):
        raise RecordError("corrupt", "nests its elements too deeply to be read to the end")
    if root is None:
        return None, []
    return _title(root), blocks_of(root)


def _declared(data: bytes) -> str | None:
    head = data[:4096]
    found = _XML_ENCODING.search(head) or _CHARSET.search(head)
    name = found[1].decode("ascii", errors="ignore").lower() if found else None
    # Browsers read these as their Windows superset.
    return "cp1252" if name in ("iso-8859-1", "latin1", "ascii", "us-ascii") else name


def _title(root: Any) -> str | None:
    found = root.find(".//title")
    return " ".join("".join(found.itertext()).split()) or None if found is not None else None
