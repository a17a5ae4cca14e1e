"""What the parser calls for each rule of the grammar: tokens and parts in, tree out."""

from __future__ import annotations

import math
import re
from typing import Any

from lark import Token

from atkc.spec.expression.syntax import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expr,
    Index,
    ListExpr,
    Literal,
    LiteralError,
    Name,
    ObjectExpr,
    Unary,
)

_CONSTANTS = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\s\S]))")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}
_MAX_DIGITS = 300


def _start(part: Token | Expr) -> int:
    return (part.start_pos or 0) if isinstance(part, Token) else part.start


def _end(part: Token | Expr) -> int:
    return (part.end_pos or 0) if isinstance(part, Token) else part.end


class Builder:
    """One method for each rule; the parser hands over the parts in written order."""

    def conditional(self, parts: list[Any]) -> Expr:
        """Build `if … then … else …`."""
        word, test, yes, no = parts
        return Conditional(test, yes, no, _start(word), no.end)

    def binary(self, parts: list[Any]) -> Expr:
        """Build an operator between two operands."""
        left, op, right = parts
        return Binary(str(op), left, right, left.start, right.end)

    def not_in(self, parts: list[Any]) -> Expr:
        """Build `a not in b`."""
        left, _, _, right = parts
        return Binary("not in", left, right, left.start, right.end)

    def unary(self, parts: list[Any]) -> Expr:
        """Build `not a` or `-a`; a signed number is a literal."""
        op, operand = parts
        number = isinstance(operand, Literal) and type(operand.value) in (int, float)
        if op == "-" and number:
            return Literal(-operand.value, _start(op), operand.end)
        return Unary(str(op), operand, _start(op), operand.end)

    def attribute(self, parts: list[Any]) -> Expr:
        """Build `a.b`."""
        base, name = parts
        return Attribute(base, str(name), base.start, _end(name))

    def index(self, parts: list[Any]) -> Expr:
        """Build `a[b]`."""
        base, _, key, close = parts
        return Index(base, key, base.start, _end(close))

    def name(self, parts: list[Any]) -> Expr:
        """Build a name."""
        (name,) = parts
        return Name(str(name), _start(name), _end(name))

    def call(self, parts: list[Any]) -> Expr:
        """Build a call of a function."""
        name, _, *args, close = parts
        return Call(str(name), tuple(args), _start(name), _end(close))

    def array(self, parts: list[Any]) -> Expr:
        """Build a list."""
        open_, *items, close = parts
        return ListExpr(tuple(items), _start(open_), _end(close))

    def mapping(self, parts: list[Any]) -> Expr:
        """Build an object; a key that stands twice is refused."""
        open_, *pairs, close = parts
        seen: set[str] = set()
        for key, text, _ in pairs:
            if text in seen:
                raise LiteralError(f"the key `{text}` stands twice", _start(key), _end(key))
            seen.add(text)
        fields = tuple((text, value) for _, text, value in pairs)
        return ObjectExpr(fields, _start(open_), _end(close))

    def pair(self, parts: list[Any]) -> tuple[Token, str, Expr]:
        """Return (token, key, value)."""
        key, value = parts
        return key, _text(key) if key.type == "STRING" else str(key), value

    def number(self, parts: list[Any]) -> Expr:
        """Build a number: digits alone are an integer."""
        (token,) = parts
        return Literal(_number(token), _start(token), _end(token))

    def string(self, parts: list[Any]) -> Expr:
        """Build a text out of either style of quotes."""
        (token,) = parts
        return Literal(_text(token), _start(token), _end(token))

    def constant(self, parts: list[Any]) -> Expr:
        """Build true, false or null."""
        (token,) = parts
        return Literal(_CONSTANTS[str(token)], _start(token), _end(token))


def _number(token: Token) -> int | float:
    if len(token) > _MAX_DIGITS:
        message = f"the number has more than {_MAX_DIGITS} digits"
        raise LiteralError(message, _start(token), _end(token))
    if token.isdigit():
        return int(token)
    value = float(token)
    if math.isinf(value):
        raise LiteralError(f"`{token}` is beyond all numbers", _start(token), _end(token))
    return value


def _text(token: Token) -> str:
    body = str(token)[1:-1]
    if "\\" not in body:
        return body
    text = _ESCAPE.sub(lambda found: _unescaped(found, token), body)
    try:  # two \\u escapes may be the halves of one character
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        message = "the text holds half a character (a lone surrogate)"
        raise LiteralError(message, _start(token), _end(token)) from None


def _unescaped(found: re.Match[str], token: Token) -> str:
    code, sign = found.groups()
    if code:
        return chr(int(code, 16))
    if sign not in _ESCAPES:
        at = _start(token) + 1 + found.start()
        raise LiteralError(f"`\\{sign}` is not an escape", at, at + 2)
    return _ESCAPES[sign]
