"""The syntax tree of expressions. Trees compare by what they say, not by where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from atkc.spec.diagnostic import Problem


def _offset() -> int:
    offset: int = dataclass_field(default=0, compare=False)
    return offset


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, truth value or null as written."""

    value: str | int | float | bool | None
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class ListExpr:
    """`[a, b]`."""

    items: tuple[Expr, ...]
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class ObjectExpr:
    """`{role: 'user', content: question}`."""

    fields: tuple[tuple[str, Expr], ...]
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Name:
    """A constant, a side, `record`, or a field of the record."""

    name: str
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Attribute:
    """`base.name`."""

    base: Expr
    name: str
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Index:
    """`base[key]`."""

    base: Expr
    key: Expr
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Call:
    """`name(args)`."""

    name: str
    args: tuple[Expr, ...]
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Unary:
    """`not` or `-` before an operand."""

    op: str
    operand: Expr
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Binary:
    """One of `or and == != < <= > >= in ?? + - * / %` and `not in` between two operands."""

    op: str
    left: Expr
    right: Expr
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if test then yes else no`."""

    test: Expr
    yes: Expr
    no: Expr
    start: int = _offset()
    end: int = _offset()


Expr = (
    Literal | ListExpr | ObjectExpr | Name | Attribute | Index | Call | Unary | Binary | Conditional
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the direct parts of an expression, in written order."""
    match expr:
        case ListExpr():
            return expr.items
        case ObjectExpr():
            return tuple(value for _, value in expr.fields)
        case Attribute():
            return (expr.base,)
        case Index():
            return (expr.base, expr.key)
        case Call():
            return expr.args
        case Unary():
            return (expr.operand,)
        case Binary():
            return (expr.left, expr.right)
        case Conditional():
            return (expr.test, expr.yes, expr.no)
    return ()


class LiteralError(Exception):
    """A literal whose text has no value: a lone surrogate, a number beyond all bounds."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.problem = Problem("ATK400", message, start, end)
