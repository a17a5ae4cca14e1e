"""Syntax tree to type: every name, operator and call, before a record is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from atkc.spec.diagnostic import Problem
from atkc.spec.expression import operators
from atkc.spec.expression.bounds import bounds
from atkc.spec.expression.calls import call_type
from atkc.spec.expression.functions import FUNCTIONS
from atkc.spec.expression.narrow import assume, assume_null
from atkc.spec.expression.operators import problem
from atkc.spec.expression.scope import Scope, read_type
from atkc.spec.expression.syntax import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expr,
    Index,
    ListExpr,
    Literal,
    Name,
    ObjectExpr,
    Unary,
)
from atkc.spec.expression.unify import NEVER, settle, unify
from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    Enum,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Type,
    is_number,
    is_text,
    may_be_null,
    non_null,
    nullable,
    show,
)
from atkc.spec.suggest import hint

Found = list[Problem]


def check(expr: Expr, scope: Scope) -> tuple[Type, list[Problem]]:
    """Return the type of an expression, and what is wrong with it; a wrong part has type `any`."""
    found: Found = []
    return settle(_type(expr, scope, found)), found


def _type(expr: Expr, scope: Scope, found: Found) -> Type:
    made = _RULES[type(expr)](expr, scope, found)
    if isinstance(made, Problem):
        found.append(made)
        return ANY
    if scope.known and isinstance(made, Nullable) and expr in scope.known:
        return made.item
    return made


def _literal(expr: Literal, _scope: Scope, _found: Found) -> Type:
    match expr.value:
        case None:
            return NULL
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return NUMBER
    return Enum((expr.value,))


def _list(expr: ListExpr, scope: Scope, found: Found) -> Type | Problem:
    item: Type = NEVER
    for part in expr.items:
        kind = _type(part, scope, found)
        both = unify(item, kind)
        if both is None:
            shown = f"{show(settle(item))} and {show(settle(kind))}"
            return problem("ATK402", part, f"the items of a list have one type, not {shown}")
        item = both
    return ListOf(item)


def _object(expr: ObjectExpr, scope: Scope, found: Found) -> Type:
    return Record.of({name: _type(value, scope, found) for name, value in expr.fields})


def _name(expr: Name, scope: Scope, _found: Found) -> Type | Problem:
    kind = scope.lookup(expr.name)
    if kind is not None:
        return kind
    if expr.name in FUNCTIONS:
        help_: str | None = f"call it: `{FUNCTIONS[expr.name].show(expr.name)}`"
    else:
        help_ = hint(expr.name, scope.names())
    if help_ is None and not scope.value_slot and scope.record.names():
        help_ = "read one of " + ", ".join(f"`{n}`" for n in scope.record.names()[:12])
    return problem("ATK401", expr, f"there is no field or name `{expr.name}` here", help_)


def _attribute(expr: Attribute, scope: Scope, found: Found) -> Type | Problem:
    base = _type(expr.base, scope, found)
    return _member(expr, base, expr.name)


def _member(expr: Attribute | Index, base: Type, name: str) -> Type | Problem:
    """A path through null is null; an open map may lack the key."""
    inner = non_null(base)
    if inner in (ANY, NEVER):
        return ANY
    if isinstance(inner, MapOf):
        return nullable(inner.value)
    if not isinstance(inner, Record):
        message = f"{show(settle(base))} has no fields, so no `{name}`"
        help_ = 'write `pluck(list, "field")` for a field of each item'
        return problem("ATK402", expr, message, help_ if isinstance(inner, ListOf) else None)
    field = inner.get(name)
    if field is None:
        message = f"`{name}` is not a field of {show(inner)}"
        return problem("ATK401", expr, message, hint(name, inner.names()))
    kind = read_type(field)
    return nullable(kind) if may_be_null(base) else kind


def _index(expr: Index, scope: Scope, found: Found) -> Type | Problem:
    base = _type(expr.base, scope, found)
    key = _type(expr.key, scope, found)
    if may_be_null(key):
        return operators.null_problem(expr.key, "the key")
    if isinstance(expr.key, Literal) and isinstance(expr.key.value, str):
        return _member(expr, base, expr.key.value)
    inner = non_null(base)
    if inner in (ANY, NEVER):
        return ANY
    if isinstance(inner, ListOf) and key in (INTEGER, ANY):
        return nullable(inner.item)
    if isinstance(inner, MapOf) and (key == ANY or is_text(key)):
        return nullable(inner.value)
    wanted = "an integer" if isinstance(inner, ListOf) else "a text that is written out"
    if isinstance(inner, ListOf | MapOf | Record):
        return problem("ATK402", expr.key, f"the key is {wanted}, not {show(settle(key))}")
    return problem("ATK402", expr, f"{show(settle(base))} has no items")


def _call(expr: Call, scope: Scope, found: Found) -> Type | Problem:
    kinds = [_type(arg, scope, found) for arg in expr.args]
    return call_type(expr, kinds, value_slot=scope.value_slot)


def _unary(expr: Unary, scope: Scope, found: Found) -> Type | Problem:
    kind = _type(expr.operand, scope, found)
    if expr.op == "not":
        return operators.boolean(expr.operand, kind, "not") or BOOLEAN
    if may_be_null(kind):
        return operators.null_problem(expr.operand, "the operand of `-`")
    if kind == ANY or is_number(kind):
        return kind
    return problem("ATK402", expr, f"`-` needs a number, not {show(settle(kind))}")


def _binary(expr: Binary, scope: Scope, found: Found) -> Type | Problem:
    left = _type(expr.left, scope, found)
    right = _type(expr.right, _beyond(expr, scope), found)
    match expr.op:
        case "and" | "or":
            return _logic(expr, left, right, found)
        case "??":
            return operators.fallback(expr, left, right)
        case "==" | "!=":
            return operators.equality(expr, left, right)
        case "in" | "not in":
            return operators.membership(expr, left, right)
        case "<" | "<=" | ">" | ">=":
            return operators.order(expr, left, right)
    return operators.arithmetic(expr, left, right, _has_zero(expr, scope))


def _beyond(expr: Binary, scope: Scope) -> Scope:
    """The scope of a right operand that is reached only for one outcome of the left."""
    match expr.op:
        case "and":
            return assume(scope, expr.left)
        case "or":
            return assume(scope, expr.left, truth=False)
        case "??":
            return assume_null(scope, expr.left)
    return scope


def _logic(expr: Binary, left: Type, right: Type, found: Found) -> Type:
    for side, kind in ((expr.left, left), (expr.right, right)):
        wrong = operators.boolean(side, kind, expr.op)
        if wrong:
            found.append(wrong)
    return BOOLEAN


def _has_zero(expr: Binary, scope: Scope) -> bool:
    if expr.op not in ("/", "%"):
        return False
    return bounds(expr.right, lambda part: _field(part, scope)).has_zero()


def _field(expr: Expr, scope: Scope) -> Field | None:
    """Return the declaration that a path ends at, for its bounds."""
    match expr:
        case Name() if scope.is_field(expr.name):
            return scope.record.get(expr.name)
        case Attribute():
            base = non_null(_type(expr.base, scope, []))
            return base.get(expr.name) if isinstance(base, Record) else None
    return None


def _conditional(expr: Conditional, scope: Scope, found: Found) -> Type | Problem:
    wrong = operators.boolean(expr.test, _type(expr.test, scope, found), "if")
    if wrong:
        found.append(wrong)
    yes = _type(expr.yes, assume(scope, expr.test), found)
    no = _type(expr.no, assume(scope, expr.test, truth=False), found)
    both = unify(yes, no)
    if both is not None:
        return both
    shown = f"{show(settle(yes))} and {show(settle(no))}"
    return problem("ATK402", expr, f"the branches of `if` do not fit: {shown}")


_RULES: dict[type, Callable[[Any, Scope, Found], Type | Problem]] = {
    Literal: _literal,
    ListExpr: _list,
    ObjectExpr: _object,
    Name: _name,
    Attribute: _attribute,
    Index: _index,
    Call: _call,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
}
