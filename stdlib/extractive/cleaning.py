"""A text without the marks that extraction left: words are joined and spaced, never chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from atkc.stdlib.extractive import layout

_SENTENCE_END = re.compile(r"[.!?:;”\"»。！？؟]\s*$")
_ITEM = re.compile(r"\s*(?:[-*•|]|\d+[.)])")
_PAGE = re.compile(r"(?i)^\W*page\s+\d+(?:\s+of\s+\d+)?\W*$")
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
    """Yield paragraphs on one line each, and other lines as they stand."""
    run: list[str] = []
    parted = False
    for n, line in enumerate(rows):
        if line.kind == "blank" or (line.kind == "furniture" and _is_furniture(rows, n)):
            parted = True
            continue
        flows = line.kind in ("prose", "furniture")
        if run and (not flows or (parted and _ends(run, line.text))):
            yield layout.joined(run)
            run = []
        if flows:
            run.append(line.text)
        else:
            yield line.raw.rstrip()
        parted = False
    if run:
        yield layout.joined(run)


def _is_furniture(rows: list[layout.Line], n: int) -> bool:
    """Return whether a line belongs to the page; a number between lines of text does not."""
    text = rows[n].raw
    if _PAGE.match(text) or not re.search(r"\w", text):
        return True
    near = [rows[i].kind for i in (n - 1, n + 1) if 0 <= i < len(rows)]
    return all(kind in ("blank", "furniture") for kind in near) and "://" not in text


def _ends(run: list[str], following: str) -> bool:
    """Return whether a blank line parts what stands before it from what follows."""
    if _SENTENCE_END.search(run[-1]):
        return True
    words = sum(len(line.split()) for line in run)
    return words <= _HEADING_WORDS and not following[:1].islower()
