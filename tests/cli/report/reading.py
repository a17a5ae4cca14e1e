"""A report taken apart with the parser of the standard library: sections, tables, elements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_VOID = frozenset({"meta", "br", "input"})
Table = list[list[str]]


@dataclass
class Section:
    """What stands in a section: all of its text, and its tables, heads first."""

    text: str = ""
    tables: list[Table] = field(default_factory=list)

    def rows(self, table: int = 0) -> dict[str, list[str]]:
        """Return the rows of a table by their first cell, without the heads."""
        return {row[0]: row[1:] for row in self.tables[table][1:]}


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: dict[str, Section] = {}
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, str] = {}  # of script and style
        self._open: list[str] = []
        self._section = Section()
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "section":
            self._section = self.sections.setdefault(dict(attrs)["id"] or "", Section())
        elif tag == "table":
            self._section.tables.append([])
        elif tag == "tr":
            self._section.tables[-1].append([])
        elif tag in ("td", "th"):
            self._section.tables[-1][-1].append("")
        if tag not in _VOID and tag != "rect":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        here = self._open[-1] if self._open else ""
        if here in ("script", "style"):
            self.texts[here] = self.texts.get(here, "") + data
            return
        if "section" in self._open:
            self._section.text += data
        if here in ("td", "th"):
            self._section.tables[-1][-1][-1] += data


def page_of(path: Path) -> Page:
    """Return the report in a file."""
    return Page(path.read_text(encoding="utf-8"))


def count(said: str) -> int:
    """Return a number as a table shows it: thousands apart, nothing for 0."""
    return int(said.replace(",", "") or 0)
