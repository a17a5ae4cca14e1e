"""The types of operators: operand types in, result type or Problem out."""

from __future__ import annotations

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.syntax import Binary, Expr, ListExpr, Literal
from atkc.spec.expression.unify import comparable, settle, unify
from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    Enum,
    ListOf,
    MapOf,
    Type,
    is_number,
    is_text,
    may_be_null,
    non_null,
    nullable,
    show,
)
from atkc.spec.suggest import hint

ADD_DEFAULT = "add `?? default`, or test `!= null` first"


def problem(code: str, expr: Expr, message: str, help_: str | None = None) -> Problem:
    """Return a Problem that underlines an expression."""
    return Problem(code, message, expr.start, expr.end, help_)


def null_problem(expr: Expr, what: str) -> Problem:
    """Return the Problem of a value that may be null where one is needed."""
    return problem("ATK405", expr, f"{what} may be null", ADD_DEFAULT)


def boolean(expr: Expr, t: Type, op: str) -> Problem | None:
    """Return what keeps an operand of `and`, `or`, `not`, `if` from being one."""
    if may_be_null(t):
        return null_problem(expr, f"the condition of `{op}`")
    if t in (BOOLEAN, ANY):
        return None
    return problem("ATK402", expr, f"`{op}` needs a boolean, not {show(settle(t))}")


def arithmetic(expr: Binary, left: Type, right: Type, divisor_has_zero: bool) -> Type | Problem:
    """Type `+ - * / %`; a division gives null where the divisor can be zero."""
    for side, t in ((expr.left, left), (expr.right, right)):
        if may_be_null(t):
            return null_problem(side, f"an operand of `{expr.op}`")
    if ANY in (left, right):
        return _with_any(expr, left, right)
    if expr.op == "+" and is_text(left) and is_text(right):
        return STRING
    if not (is_number(left) and is_number(right)):
        return _no_arithmetic(expr, left, right)
    whole = left == INTEGER and right == INTEGER and expr.op != "/"
    result = INTEGER if whole else NUMBER
    return nullable(result) if expr.op in "/%" and divisor_has_zero else result


def _with_any(expr: Binary, left: Type, right: Type) -> Type | Problem:
    other = right if left == ANY else left
    fine = other == ANY or is_number(other) or (expr.op == "+" and is_text(other))
    return ANY if fine else _no_arithmetic(expr, left, right)


def _no_arithmetic(expr: Binary, left: Type, right: Type) -> Problem:
    what = "two numbers or two strings" if expr.op == "+" else "two numbers"
    shown = f"{show(settle(left))} and {show(settle(right))}"
    help_ = None
    if expr.op == "+" and (is_text(left) or is_text(right)):
        help_ = "write `to_string(…)` around the other operand"
    elif expr.op == "+" and isinstance(left, ListOf) and isinstance(right, ListOf):
        help_ = "write `concat(a, b)` to join lists"
    return problem("ATK402", expr, f"`{expr.op}` needs {what}, not {shown}", help_)


def order(expr: Binary, left: Type, right: Type) -> Type | Problem:
    """Type `< <= > >=`."""
    for side, t in ((expr.left, left), (expr.right, right)):
        if may_be_null(t):
            return null_problem(side, f"an operand of `{expr.op}`")
    numbers = all(t == ANY or is_number(t) for t in (left, right))
    texts = all(t == ANY or is_text(t) for t in (left, right))
    if numbers or texts:
        return BOOLEAN
    shown = f"{show(settle(left))} and {show(settle(right))}"
    return problem("ATK402", expr, f"`{expr.op}` needs two numbers or two strings, not {shown}")


def equality(expr: Binary, left: Type, right: Type) -> Type | Problem:
    """Type `==` and `!=`; comparing with null is fine, comparing what is never equal is not."""
    if NULL in (left, right) or comparable(left, right):
        return BOOLEAN
    return _never(expr, expr.left, expr.right, left, right)


def _never(at: Expr, one: Expr, two: Expr, left: Type, right: Type) -> Problem:
    for literal, values in ((one, right), (two, left)):
        kinds = non_null(values)
        if isinstance(literal, Literal) and isinstance(kinds, Enum):
            return _outside(literal, literal.value, kinds)
    shown = f"{show(settle(left))} and {show(settle(right))}"
    return problem("ATK402", at, f"the two are never equal: {shown}")


def _outside(at: Expr, value: object, kinds: Enum) -> Problem:
    near = hint(value, kinds.values) if isinstance(value, str) else None
    return problem("ATK402", at, f"`{value}` is not {show(kinds)}", near)


def membership(expr: Binary, left: Type, right: Type) -> Type | Problem:
    """Type `in` and `not in`: an item of a list, a part of a string, a key of an open map."""
    if may_be_null(right):
        return null_problem(expr.right, f"the right operand of `{expr.op}`")
    if isinstance(right, ListOf):
        return _in_list(expr, left, right)
    if may_be_null(left):
        return null_problem(expr.left, f"the left operand of `{expr.op}`")
    if right != ANY and not (is_text(right) or isinstance(right, MapOf)):
        message = f"`{expr.op}` needs a list, a string or an open map, not {show(settle(right))}"
        return problem("ATK402", expr.right, message)
    if not (left == ANY or is_text(left) or right == ANY):
        return problem("ATK402", expr.left, f"{show(settle(left))} is never in {show(right)}")
    return BOOLEAN


def _in_list(expr: Binary, left: Type, right: ListOf) -> Type | Problem:
    kinds = non_null(left)
    if isinstance(expr.right, ListExpr) and isinstance(kinds, Enum):
        for item in expr.right.items:
            value = item.value if isinstance(item, Literal) else None
            if isinstance(value, str) and value not in kinds.values:
                return _outside(item, value, kinds)
    if comparable(left, right.item):
        return BOOLEAN
    return _never(expr, expr.left, expr.right, left, right.item)


def fallback(expr: Binary, left: Type, right: Type) -> Type | Problem:
    """Type `??`: the left side less null, joined with the right."""
    if left == NULL:
        return right
    both = unify(non_null(left), right)
    if both is not None:
        return both
    shown = f"{show(settle(non_null(left)))} and {show(settle(right))}"
    return problem("ATK402", expr, f"the two sides of `??` do not fit: {shown}")
