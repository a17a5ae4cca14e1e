"""Walks an HTML tree once and gathers blocks of text.

Events instead of recursion: pages nest deeper than Python's stack.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct, field

from atkc.stdlib.readers.document import Block

_SKIPPED = frozenset(
    {"script", "style", "nav", "footer", "noscript", "template", "head", "svg", "iframe"}
    | {"object", "button", "select", "dialog"}
)
_ROLES = frozenset({"navigation", "search", "contentinfo", "menu", "menubar"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "details", "div"}
    | {"dd", "dl", "dt", "fieldset", "figcaption", "figure", "form", "header", "hr", "legend"}
    | {"main", "p", "section", "summary", "table", "tbody", "tfoot", "thead", "ul", "ol"}
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_SPACE = re.compile(r"[ \t\n\r\f]+")


def blocks_of(root: Any) -> list[Block]:
    """Return the blocks of a tree in document order; list items and table rows are its lines."""
    from lxml import etree

    gather = _Gather()
    skipping: Any = None
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            if event == "end" and skipping is None:
                gather.text(node.tail)
            continue
        tag = node.tag.lower()
        if event == "start" and skipping is None:
            if _is_skipped(tag, node):
                skipping = node
            else:
                gather.enter(tag)
                gather.text(node.text)
        elif event == "end":
            if skipping is None:
                gather.leave(tag)
            skipping = None if skipping is node else skipping
            if skipping is None:
                gather.text(node.tail)
    gather.flush()
    return gather.blocks


def _is_skipped(tag: str, node: Any) -> bool:
    return tag in _SKIPPED or node.get("hidden") is not None or node.get("role") in _ROLES


class _Gather(Struct):
    blocks: list[Block] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # of the paragraph or item under way
    lines: list[str] = field(default_factory=list)  # finished items of the list under way
    lists: list[int] = field(default_factory=list)  # per open list: -1, or the next number
    tables: list[list[list[str]]] = field(default_factory=list)  # per open table: rows of cells
    cells: list[list[str]] = field(default_factory=list)  # paragraphs set aside by a nested table
    preserved: int = 0  # open <pre>

    def text(self, text: str | None) -> None:
        if text:
            self.words.append(text if self.preserved else _SPACE.sub(" ", text))

    def enter(self, tag: str) -> None:
        if tag == "br":
            self.words.append("\n")
        elif tag == "pre":
            self.flush()
            self.preserved += 1
        elif tag == "table":
            self._open_table()
        elif self.tables:
            self._enter_in_table(tag)
        elif tag in ("ul", "ol"):
            self._end_item() if self.lists else self.flush()
            self.lists.append(1 if tag == "ol" else -1)
        elif tag == "li":
            self._end_item()
            self.words.append(self._bullet())
        elif tag in _BLOCKS or tag in _HEADINGS:
            self._end_block()

    def leave(self, tag: str) -> None:
        if tag == "pre":
            self.flush()
            self.preserved -= 1
        elif tag == "table" and self.tables:
            self._close_table()
        elif self.tables:
            self._leave_in_table(tag)
        elif tag in ("ul", "ol") and self.lists:
            self._end_item()
            self.lists.pop()
            if not self.lists:
                self.flush()
        elif tag == "li":
            self._end_item()
        elif tag in _HEADINGS:
            self._end_heading(_HEADINGS[tag])
        elif tag in _BLOCKS:
            self._end_block()

    def flush(self) -> None:
        """End the paragraph, and the list with it."""
        self._end_item()
        if self.lines:
            self.blocks.append(Block("\n".join(self.lines)))
            self.lines = []

    def _end_block(self) -> None:
        if self.tables or self.lists:
            if "".join(self.words).strip(" \n-"):
                self.words.append(" ")
        else:
            self.flush()

    def _end_item(self) -> None:
        if self.tables:
            return
        text = "".join(self.words).strip("\n")
        self.words = []
        if not self.preserved:
            indent = "  " * (len(self.lists) - 1)
            lines = (_SPACE.sub(" ", line).strip() for line in text.split("\n"))
            text = "\n".join(indent + line for line in lines if line)
        if text.strip() not in ("", "-"):
            self.lines.append(text)

    def _end_heading(self, level: int) -> None:
        text = " ".join("".join(self.words).split())
        self.words = []
        if self.lists:
            self.lines.append(text)
        elif text:
            self.blocks.append(Block(text, level))

    def _bullet(self) -> str:
        if not self.lists:
            return "- "
        number = self.lists[-1]
        if number < 0:
            return "- "
        self.lists[-1] += 1
        return f"{number}. "

    def _open_table(self) -> None:
        if self.tables:
            self.cells.append([*self.words, " "])
            self.words = []
        else:
            self.flush()
        self.tables.append([])

    def _enter_in_table(self, tag: str) -> None:
        if tag == "tr":
            self.words = []
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.words = []
        elif tag in _BLOCKS or tag == "li" or tag in _HEADINGS:
            self.words.append(" ")

    def _leave_in_table(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "caption":
            self._end_heading(0)

    def _end_cell(self) -> None:
        if not self.tables[-1]:
            self.tables[-1].append([])
        self.tables[-1][-1].append(" ".join("".join(self.words).split()))
        self.words = []

    def _close_table(self) -> None:
        rows = [row for row in self.tables.pop() if any(row)]
        if self.tables:  # a table in a cell is read as words of the cell
            self.words = [*self.cells.pop(), " ".join(" ".join(row) for row in rows), " "]
        elif rows:
            self.words = []
            self.blocks += table_blocks(rows)


def table_blocks(rows: list[list[str]]) -> list[Block]:
    """Return a table as one block; one that only places text on the page as its paragraphs."""
    if any(sum(map(bool, row)) > 1 for row in rows):
        return [Block(pipe_table(rows), table=True)]
    return [Block(cell) for row in rows for cell in row if cell]


def pipe_table(rows: list[list[str]]) -> str:
    """Return rows as `| a | b |` lines with a rule below the first."""
    width = max(len(row) for row in rows)
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in escaped]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
