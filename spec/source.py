"""A text and its lines: offsets to lines and columns, and spans that a message can underline."""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct
from msgspec.structs import force_setattr


class Span(Struct, frozen=True, order=True):
    """A stretch of a file; lines and columns are 1-based code points, the end is exclusive."""

    path: str
    line: int
    col: int
    end_line: int
    end_col: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.col}"


class Source(Struct, frozen=True):
    """The text of one file as read (no BOM), with the offset at which each line starts."""

    path: str
    text: str
    starts: tuple[int, ...] = ()  # filled in

    def __post_init__(self) -> None:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        force_setattr(self, "starts", tuple(starts))

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based (line, column) of a character offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the span between two character offsets, the end exclusive."""
        line, col = self.position(start)
        end_line, end_col = self.position(max(start, end))
        return Span(self.path, line, col, end_line, end_col)

    def line(self, number: int) -> str:
        """Return the text of a 1-based line without its line end."""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
