"""Which lines of a passage are prose: headings, tables, contents, references and code are told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_FENCE = re.compile(r"^\s*(```|~~~)")


_BULLET = re.compile(r"^\s*(?:[-*•·▪]|\d{1,3}[.)]|\([a-z0-9]\)|[a-z]\))\s+")


_LEADER = re.compile(r"(?:\.\s?){4,}\s*\d+\s*$|…+\s*\d+\s*$")


_PAGE_END = re.compile(r"^\S.{2,70}?(?:\s{2,}|\t|\s)(?:\d{1,4}|[ivxl]{1,6})\s*$")


_INDEX = re.compile(r"^[\w'’() -]{2,50}(?:,\s*\d+(?:[-–]\d+)?)+\s*$")


_FURNITURE = re.compile(
    r"^\s*(?:page\s+\d+(?:\s+of\s+\d+)?|\d{1,4}|[-–—]\s*\d+\s*[-–—]|www\.\S+|https?://\S+)\s*$",
    re.IGNORECASE,
)


_REFERENCE = re.compile(
    r"^\s*(?:\[\d+\]|\d+\.)?\s*(?:[A-Z][\w'-]+,\s+(?:[A-Z]\.\s?)+|.*\b(?:doi|ISBN|ISSN|arXiv)\b"
    r"|.*\bpp?\.\s?\d+\s*[-–])"
)


_CODE = re.compile(
    r"^\s*(?:def |class |import |from \w+ import|#include|return\b|for \(|if \(|function\b|var |"
    r"const |let |public |private |SELECT |\$ )|[;{}]\s*$|\w+\(.*\)\s*$|^\s*</?\w+[^>]*>\s*$|=>|"
    r":=|=="
)


_END = re.compile(r"[.!?。！？؟…:;][\"'”’)\]»]*\s*$")


class Line(Struct, frozen=True):
    """A line less its bullet, and what it is: prose, item, heading, blank, or something to skip."""

    text: str
    kind: str
    raw: str = ""


def _is_table(line: str) -> bool:
    return line.count("|") >= 2 or line.count("\t") >= 2 or len(re.findall(r"\S {3,}\S", line)) >= 2


def _is_heading(line: str) -> bool:
    if line.lstrip().startswith("#"):
        return True
    if _END.search(line) or len(line) > 90:
        return False
    found = line.split()
    if not found or len(found) > 10:
        return False
    capital = sum(w[0].isupper() or w[0].isdigit() for w in found)
    numbered = re.match(
        r"^\s*(?:chapter|part|section|appendix|\d+(?:\.\d+)*)\s", line, re.IGNORECASE
    )
    return bool(numbered) or line.isupper() or capital >= 0.6 * len(found) or len(found) <= 4


def _is_numbered_heading(line: str) -> bool:
    return bool(re.match(r"\s*\d+[.)]", line)) and not _END.search(line) and len(line.split()) <= 6


_RULES = (
    ("furniture", lambda s: bool(_FURNITURE.match(s)) or not re.search(r"\w", s)),
    ("contents", lambda s: bool(_LEADER.search(s))),
    ("index", lambda s: bool(_INDEX.match(s))),
    ("table", _is_table),
    ("code", lambda s: bool(_CODE.search(s)) and not re.search(r"[a-z]{2,} [a-z]+ [a-z]+\.$", s)),
    ("reference", lambda s: bool(_REFERENCE.match(s))),
)


def kind_of(line: str, alone: bool) -> str:
    """Return what a line is; `alone` says that it may be a heading by its place."""
    if not line.strip():
        return "blank"
    for kind, holds in _RULES:
        if holds(line):
            return kind
    if _PAGE_END.match(line) and len(line.split()) <= 10 and not _END.search(line):
        return "contents"
    if _BULLET.match(line):
        return "heading" if alone and _is_numbered_heading(line) else "item"
    if line.lstrip().startswith("#") or (alone and _is_heading(line)):
        return "heading"
    return "prose"


def _alone(rows: list[str], i: int) -> bool:
    before = rows[i - 1].strip() if i else ""
    after = rows[i + 1].strip() if i + 1 < len(rows) else ""
    return not before and (not after or after[0].isupper() or after[0].isdigit())


def lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text with their kinds; fenced blocks are code."""
    rows = text.replace("\r\n", "\n").split("\n")
    fenced = False
    for i, row in enumerate(rows):
        if _FENCE.match(row):
            fenced = not fenced
            yield Line(row, "code", row)
        elif fenced:
            yield Line(row, "code", row)
        else:
            kind = kind_of(row, _alone(rows, i) and len(rows) > 1)
            shown = _BULLET.sub("", row, count=1) if kind == "item" else row
            yield Line(shown.strip().lstrip("#").strip(), kind, row)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of prose, each on one line; a bullet is a paragraph of its own."""
    found: list[str] = []
    current: list[str] = []

    def close() -> None:
        if current:
            found.append(joined(current))
            current.clear()

    for line in lines(text):
        if line.kind == "item":
            close()
        if line.kind in ("prose", "item"):
            current.append(line.text)
        else:
            close()
    close()
    return [plain(p) for p in found]


def joined(parts: list[str]) -> str:
    """Return the lines of a paragraph as one; a word broken by a hyphen is mended."""
    whole = parts[0]
    for part in parts[1:]:
        broken = re.search(r"[a-z]-$", whole) and part[:1].islower()
        whole = whole[:-1] + part if broken else f"{whole} {part}"
    return whole


def plain(text: str) -> str:
    """Return the text without emphasis, links, reference marks and doubled spaces."""
    text = re.sub(r"\[([^\]]+)\]\((?:[^)]+)\)", r"\1", text)
    text = re.sub(r"(?<=[\w.,;)])\[\d+(?:[,–-]\s?\d+)*\]", "", text)
    text = re.sub(r"\*\*|__|`|(?<!\w)[*_]|[*_](?!\w)", "", text)
    return re.sub(r"\s+", " ", text).strip()
