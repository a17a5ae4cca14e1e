"""A text without the marks that extraction left: words are joined and spaced, never chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from atkc.stdlib.extractive import layout

_SENTENCE_END = re.compile(r"[.!?:;”\"»。！？؟]\s*$")
_ITEM = re.compile(r"\s*(?:[-*•|]|\d+[.)])")
_PAGE = re.compile(r"(?i)^\W*page\s+\d+(?:\s+of\s+\d+)?\W*$")
_MARKED = re.compile(r"^\s*#|(?:\.\s?){4,}|…")  # headings of Markdown, contents with leaders
_HEADING_WORDS = 10  # a longer run before a blank line is taken for a paragraph that a page cut


def clean(text: str) -> str:
    """Return the text with broken lines joined and page furniture gone; tables stay."""
    mended = text.replace("\u00ad\n", "-\n").replace("\u00ad", "")
    joined = ""
    for part in _parts(list(layout.lines(mended))):
        tight = joined and _ITEM.match(part) and _ITEM.match(joined.rsplit("\n", 1)[-1])
        joined += ("\n" if tight else "\n\n" if joined else "") + part
    spaced = re.sub(r"(?<=\w) +([,.])(?=\s|$)", r"\1", re.sub(r"[ \t]+", " ", joined))
    return spaced.strip() or text.strip()


def _parts(rows: list[layout.Line]) -> Iterator[str]:
    """Yield paragraphs and list items on one line each, and other lines as they stand."""
    run: list[str] = []
    parted = False
    for n, line in enumerate(rows):
        if line.kind == "blank" or (line.kind == "furniture" and _is_furniture(rows, n)):
            parted = True
            continue
        flows = _flows(rows, n, bool(run) and not parted and not _SENTENCE_END.search(run[-1]))
        if run and (not flows or _ends(run, line.text, parted)):
            yield layout.joined(run)
            run = []
        if flows or line.kind == "item":
            run.append(line.text if flows else line.raw.rstrip())
        else:
            yield line.raw.rstrip()
        parted = False
    if run:
        yield layout.joined(run)


def _flows(rows: list[layout.Line], n: int, is_open: bool) -> bool:
    """Return whether a line is a piece of a paragraph; one that ends in a number may look other."""
    line = rows[n]
    if line.kind == "prose":
        return True
    if line.kind == "furniture":
        return "://" not in line.raw
    if line.kind not in ("heading", "contents", "index") or _MARKED.search(line.raw):
        return False
    left = (r for r in rows[n + 1 :] if r.kind not in ("blank", "furniture"))
    following = next(left, None)
    return is_open or (following is not None and following.text[:1].islower())


def _is_furniture(rows: list[layout.Line], n: int) -> bool:
    """Return whether a line belongs to the page; a number between lines of text does not."""
    text = rows[n].raw
    if _PAGE.match(text) or not re.search(r"\w", text):
        return True
    near = [rows[i].kind for i in (n - 1, n + 1) if 0 <= i < len(rows)]
    return all(kind in ("blank", "furniture") for kind in near) and "://" not in text


def _ends(run: list[str], following: str, parted: bool) -> bool:
    """Return whether a paragraph or item is done before what follows it."""
    if not parted:
        return bool(_ITEM.match(run[0])) and not following[:1].islower()
    if _SENTENCE_END.search(run[-1]):
        return True
    words = sum(len(line.split()) for line in run)
    return words <= _HEADING_WORDS and not following[:1].islower()
