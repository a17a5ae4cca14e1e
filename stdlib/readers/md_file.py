"""Reads Markdown: front matter goes, headings lose their marks, all else stays as written."""

from __future__ import annotations

import re
from itertools import accumulate

from atkc.stdlib.readers.decoding import decode
from atkc.stdlib.readers.document import Parsed
from atkc.stdlib.readers.settings import Settings

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
_CLOSING = re.compile(r"(?:^|[ \t])#+$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TITLE = re.compile(r"title:[ \t]*(.+)")
_META = re.compile(r"[\w.-]+[ \t]*:|[ \t#-]|$")


def parse(data: bytes, settings: Settings) -> Parsed:
    """Return the text; the title is the front matter's or else the first heading of level 1."""
    text, note = decode(data, strict=settings.strict_encoding)
    lines, title = _front_matter(text.split("\n"))
    out, marks = _headings(lines)
    starts = [0, *accumulate(len(line) + 1 for line in out)]
    headings = tuple((starts[at], level, out[at]) for at, level in marks)
    first = next((text for _, level, text in headings if level == 1), None)
    return Parsed("\n".join(out), title or first, (), headings, (note,) if note else ())


def _front_matter(lines: list[str]) -> tuple[list[str], str | None]:
    if not lines or lines[0].rstrip() != "---":
        return lines, None
    for at, line in enumerate(lines[1:], 1):
        if line.rstrip() in ("---", "..."):
            titles = [found[1] for meta in lines[1:at] if (found := _TITLE.match(meta))]
            return lines[at + 1 :], titles[0].strip().strip("\"'") if titles else None
        if not _META.match(line):
            break
    return lines, None


def _headings(lines: list[str]) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the lines with headings as own paragraphs, and (index of line, level) of each."""
    out: list[str] = []
    marks: list[tuple[int, int]] = []
    fence = ""
    after_heading = False
    for line in lines:
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not line.strip(" \t`~"):
            fence = ""
        elif not fence and (heading := _heading(line, out)):
            level, text = heading
            _part(out)
            marks.append((len(out), level))
            out.append(text)
            after_heading = True
            continue
        if after_heading and line.strip():
            out.append("")
        after_heading = False
        out.append(line)
    return out, marks


def _heading(line: str, before: list[str]) -> tuple[int, str] | None:
    """Recognise a heading; the text of an underlined one is taken back from the lines before."""
    if found := _ATX.fullmatch(line):
        text = _CLOSING.sub("", (found[2] or "").strip()).strip()
        return (len(found[1]), text) if text else None
    if not (found := _UNDERLINE.fullmatch(line)) or not before or not before[-1].strip():
        return None
    alone = len(before) == 1 or not before[-2].strip()
    if not alone or before[-1].startswith(("    ", "\t", "- ", "* ", "> ", "|")):
        return None
    return (1 if found[1][0] == "=" else 2), before.pop().strip()


def _part(out: list[str]) -> None:
    if out and out[-1].strip():
        out.append("")
