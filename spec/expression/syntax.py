"""The syntax tree of expressions. Trees compare by what they say, not by where they stand."""

from __future__ import annotations

from msgspec import Struct

from atkc.spec.diagnostic import Problem


class _Tree(Struct, frozen=True, eq=False):
    """Compares by all fields but its offsets."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash((type(self), self._said()))

    def _said(self) -> tuple[object, ...]:
        names = self.__struct_fields__
        return tuple(getattr(self, name) for name in names if name not in ("start", "end"))


class Literal(_Tree, frozen=True, eq=False):
    """A text, number, truth value or null as written."""

    value: str | int | float | bool | None
    start: int = 0
    end: int = 0


class ListExpr(_Tree, frozen=True, eq=False):
    """`[a, b]`."""

    items: tuple[Expr, ...]
    start: int = 0
    end: int = 0


class ObjectExpr(_Tree, frozen=True, eq=False):
    """`{role: 'user', content: question}`."""

    fields: tuple[tuple[str, Expr], ...]
    start: int = 0
    end: int = 0


class Name(_Tree, frozen=True, eq=False):
    """A constant, a side, `record`, or a field of the record."""

    name: str
    start: int = 0
    end: int = 0


class Attribute(_Tree, frozen=True, eq=False):
    """`base.name`."""

    base: Expr
    name: str
    start: int = 0
    end: int = 0


class Index(_Tree, frozen=True, eq=False):
    """`base[key]`."""

    base: Expr
    key: Expr
    start: int = 0
    end: int = 0


class Call(_Tree, frozen=True, eq=False):
    """`name(args)`."""

    name: str
    args: tuple[Expr, ...]
    start: int = 0
    end: int = 0


class Unary(_Tree, frozen=True, eq=False):
    """`not` or `-` before an operand."""

    op: str
    operand: Expr
    start: int = 0
    end: int = 0


class Binary(_Tree, frozen=True, eq=False):
    """One of `or and == != < <= > >= in ?? + - * / %` and `not in` between two operands."""

    op: str
    left: Expr
    right: Expr
    start: int = 0
    end: int = 0


class Conditional(_Tree, frozen=True, eq=False):
    """`if test then yes else no`."""

    test: Expr
    yes: Expr
    no: Expr
    start: int = 0
    end: int = 0


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
