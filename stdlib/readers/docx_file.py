"""Reads Word documents: paragraphs, headings, lists, tables and footnotes in document order."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from atkc.stdlib.readers.archive import open_archive
from atkc.stdlib.readers.document import Block, Parsed, assemble
from atkc.stdlib.readers.foreign import foreign
from atkc.stdlib.readers.html_blocks import table_blocks
from atkc.stdlib.readers.settings import Settings

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LEVEL = re.compile(r"heading (\d)")


def parse(data: bytes, settings: Settings) -> Parsed:
    """Return the text; footnotes are cited as `[1]` and stand at the end."""
    import docx

    open_archive(data, "DOCX", settings).close()
    with foreign("DOCX"):
        document = docx.Document(io.BytesIO(data))
        levels = _heading_levels(document)
        body = list(_blocks(document.element.body, levels))
        notes = list(_footnotes(document))
        title = document.core_properties.title.strip()
    first = next((b.text for b in body if b.level == 1), None)
    return assemble(_lists_joined(body) + notes, title or first)


def _heading_levels(document: Any) -> dict[str, int]:
    """Return style id -> level; Word keeps the English name of a built-in style in every tongue."""
    levels = {}
    for style in document.styles.element.iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        called = "" if name is None else name.get(f"{_W}val", "").lower()
        found = _LEVEL.fullmatch(called)
        level = int(found[1]) if found else 1 if called == "title" else 0
        if 1 <= level <= 6:
            levels[style.get(f"{_W}styleId")] = level
    return levels


def _blocks(parent: Any, levels: dict[str, int]) -> Iterator[Block]:
    for node in parent:
        if node.tag == f"{_W}p":
            yield _paragraph(node, levels)
        elif node.tag == f"{_W}tbl":
            yield from table_blocks(_rows(node))
        elif node.tag == f"{_W}sdt":  # content controls wrap covers, contents and form fields
            content = node.find(f"{_W}sdtContent")
            if content is not None:
                yield from _blocks(content, levels)


def _paragraph(node: Any, levels: dict[str, int]) -> Block:
    text = _text(node).strip()
    style = node.find(f"{_W}pPr/{_W}pStyle")
    level = 0 if style is None else levels.get(style.get(f"{_W}val"), 0)
    if level:
        return Block(" ".join(text.split()), level)
    listed = node.find(f"{_W}pPr/{_W}numPr") is not None or (
        style is not None and style.get(f"{_W}val", "").startswith("List")
    )
    return Block(f"- {text}" if listed and text else text)


def _text(node: Any) -> str:
    """Return the words of a paragraph less deleted text and second copies of text boxes."""
    out: list[str] = []
    for part in node.iter():
        if not isinstance(part.tag, str) or not part.tag.startswith(_W):
            continue
        name = part.tag.removeprefix(_W)
        if name == "t" and not any(up.tag == _FALLBACK for up in part.iterancestors()):
            out.append(part.text or "")
        elif name in _MARKS:
            out.append(_MARKS[name])
        elif name == "footnoteReference":
            out.append(f"[{part.get(f'{_W}id')}]")
    return "".join(out)


def _rows(node: Any) -> list[list[str]]:
    rows = []
    for row in node.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is node:
            cells = row.iterchildren(f"{_W}tc")
            rows.append([" ".join(" ".join(map(_text, c.iter(f"{_W}p"))).split()) for c in cells])
    return [row for row in rows if any(row)]


def _footnotes(document: Any) -> Iterator[Block]:
    from lxml import etree

    for relation in document.part.rels.values():
        if relation.reltype.endswith("/footnotes"):
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            for note in etree.fromstring(relation.target_part.blob, parser).iter(f"{_W}footnote"):
                text = " ".join(" ".join(map(_text, note.iter(f"{_W}p"))).split())
                if text:
                    yield Block(f"[{note.get(f'{_W}id')}] {text}")


def _lists_joined(blocks: list[Block]) -> list[Block]:
    """Return the blocks with neighbouring list items as lines of one block."""
    out: list[Block] = []
    for block in blocks:
        if out and block.text.startswith("- ") and out[-1].text.startswith("- "):
            out[-1] = Block(f"{out[-1].text}\n{block.text}")
        elif block.text:
            out.append(block)
    return out
