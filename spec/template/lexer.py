"""Jinja's lexer with exact places: every line number it gives remembers its character offset."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import Lexer

_WORD = re.compile(r"\w+")
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\d[\w.]*|\w+", re.DOTALL)
_BRACKET = re.compile(r"\s*\]")
_TEST = re.compile(r"is\s+(?:not\s+)?(\w+)")


class At(int):
    """A line number that knows the offset of its token in the template text."""

    offset: int

    def __new__(cls, line: int, offset: int) -> At:
        """Return the line number `line` of a token that starts at `offset`."""
        at = super().__new__(cls, line)
        at.offset = offset
        return at


class PlacedLexer(Lexer):
    """A lexer whose line numbers are `At`; the parser copies them into nodes and errors."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        """Yield (line, kind, text) as Jinja does. `source` has no carriage returns."""
        at = 0
        try:
            for line, kind, value in super().tokeniter(source, name, filename, state):
                # `{%-` drops the blanks ahead of it: the only text that no token carries.
                if not source.startswith(value, at):
                    at = source.index(value, at)
                yield At(line, at), kind, value
                at += len(value)
        except TemplateSyntaxError as error:
            if not isinstance(error.lineno, At):
                error.lineno = At(error.lineno, at)
            raise


class PlacedEnvironment(Environment):
    """An environment that parses with `PlacedLexer`; it never renders."""

    @property
    def lexer(self) -> Lexer:
        """Return a lexer that knows offsets."""
        return PlacedLexer(self)


def offset_of(line: int | None, text: str) -> int:
    """Return the offset of a token, or of its line's first character if it has no more to say."""
    if isinstance(line, At):
        return line.offset
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    return starts[min((line or 1) - 1, len(starts) - 1)]


def token_span(node: nodes.Node, text: str) -> tuple[int, int]:
    """Return [start, end) of the token that makes a node: an attribute's, a filter's name, …"""
    start = offset_of(node.lineno, text)
    if isinstance(node, nodes.Test):
        found = _TEST.match(text, start)
        return found.span(1) if found else (start, start + 2)
    if isinstance(node, nodes.Getattr):
        found = _WORD.search(text, start)
        return found.span() if found else (start, start + 1)
    if isinstance(node, nodes.Getitem):
        return token_span(node.arg, text)
    if isinstance(node, nodes.Const):
        found = _LITERAL.match(text, start)
        return found.span() if found else (start, start + 1)
    return word_span(text, start)


def word_span(text: str, start: int) -> tuple[int, int]:
    """Return the span of the word at `start`, or of one character where no word stands."""
    found = _WORD.match(text, start)
    return found.span() if found else (start, min(start + 1, len(text)))


def whole_span(node: nodes.Node, text: str) -> tuple[int, int]:
    """Return [start, end) of an expression: from its first token to its last."""
    parts = [node, *node.find_all(nodes.Expr)]
    spans = [_closed(part, *token_span(part, text), text) for part in parts]
    return min(s for s, _ in spans), max(e for _, e in spans)


def _closed(node: nodes.Node, start: int, end: int, text: str) -> tuple[int, int]:
    """Let the span of `x[…]` reach over the bracket."""
    found = _BRACKET.match(text, end) if isinstance(node, nodes.Getitem) else None
    return start, found.end() if found else end
