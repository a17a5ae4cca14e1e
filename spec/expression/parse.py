"""Text to syntax tree, in linear time, with a Problem where the text is not an expression."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.syntax import Expr, LiteralError, children
from atkc.spec.expression.tables import load_parser

MAX_LENGTH = 10_000  # characters
MAX_DEPTH = 50  # expressions inside expressions; `a + b + c` is two deep

CUT = "quote the whole value in YAML: an unquoted `#` or comma may have cut the text here"

# What people write who come from another language, and what it is called here.
_FOREIGN = (
    ("${", "write the name alone: `${…}` stands in value slots, not inside an expression"),
    ("{{", "write the name alone: `{{ … }}` belongs to templates"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("=", "write `==` to compare"),
    ("!", "write `not`"),
    ("|", "call a function: `lower(text)`, not `text | lower`"),
    ("**", "write the product out: there is no power"),
)
_LEXEME = re.compile(r""""(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|["'()\[\]{}]""")
_WORD = re.compile(r"[a-z]+")
_PAIRS = {")": "(", "]": "[", "}": "{"}

_parser = cache(load_parser)


@lru_cache(maxsize=4096)  # the same few texts come again and again, and trees do not change
def parse(text: str) -> Expr | Problem:
    """Return the syntax tree, or the first thing that is wrong (ATK400); never raises."""
    if len(text) > MAX_LENGTH:
        return Problem(
            "ATK400", f"the expression is longer than {MAX_LENGTH} characters", 0, len(text)
        )
    if not text.strip():
        return Problem("ATK400", "the expression is empty", 0, len(text))
    parser = _parser()
    from lark import UnexpectedCharacters, UnexpectedToken

    try:
        expr: Expr = parser.parse(text)  # type: ignore[assignment]
    except LiteralError as error:
        return error.problem
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        return _wrong(text, at, at + 1)
    except UnexpectedToken as error:
        ended = error.token.type == "$END"
        at = len(text) if ended else error.token.start_pos or 0
        return _wrong(text, at, at if ended else at + len(error.token))
    return _too_deep(expr) or expr


def _too_deep(expr: Expr) -> Problem | None:
    level: list[Expr] = [expr]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return None
    message = f"the expression is nested deeper than {MAX_DEPTH} levels"
    return Problem("ATK400", message, expr.start, expr.end, "split it over two steps or lines")


def _wrong(text: str, start: int, end: int) -> Problem:
    open_ = _unclosed(text)
    if open_ is not None:
        what = f"`{text[open_]}` is never closed"
        return Problem("ATK400", what, open_, open_ + 1, CUT)
    if start >= len(text):
        return Problem("ATK400", "the expression ends too early", start, start, CUT)
    if text[start:end] not in ("==", "!="):
        for sign, help_ in _FOREIGN:
            at = text.find(sign, max(0, start + 1 - len(sign)), start + len(sign))
            if at >= 0:
                found = f"`{sign}` is not part of the expression language"
                return Problem("ATK400", found, at, at + len(sign), help_)
    return Problem(
        "ATK400", f"`{text[start:end]}` is not expected here", start, end, _hint(text, start)
    )


def _hint(text: str, at: int) -> str | None:
    word = _WORD.match(text, at)
    if word and text[:at].endswith("."):
        return f'write `["{word[0]}"]`: the bare word is part of the language'
    chained = text[at : at + 1] in ("<", ">", "=")
    return "join two comparisons by `and`: they do not chain" if chained else None


def _unclosed(text: str) -> int | None:
    """Return the offset of the first bracket or quote that nothing closes."""
    stack: list[int] = []
    for found in _LEXEME.finditer(text):
        sign = found[0]
        if sign in ("'", '"'):
            return found.start()
        if sign in "([{":
            stack.append(found.start())
        elif sign in _PAIRS and stack and text[stack[-1]] == _PAIRS[sign]:
            stack.pop()
    return stack[0] if stack else None
