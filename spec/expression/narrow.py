"""What a condition says about null: `x != null` lets the branch behind it read x."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from atkc.spec.expression.scope import Scope
from atkc.spec.expression.syntax import Attribute, Binary, Expr, Index, Literal, Unary

_NULL = Literal(None)
_MAX_PAIRS = 64


class _Facts(Struct, frozen=True):
    """Expressions that are not null, that are null, and sets of which one is not null."""

    filled: frozenset[Expr] = frozenset()
    null: frozenset[Expr] = frozenset()
    either: tuple[frozenset[Expr], ...] = ()


def assume(scope: Scope, condition: Expr, truth: bool = True) -> Scope:
    """Return the scope of a place that is reached only when the condition has that truth."""
    return _apply(scope, _facts(condition, truth))


def assume_null(scope: Scope, expr: Expr) -> Scope:
    """Return the scope of a place that is reached only when the expression is null."""
    return _apply(scope, _Facts(null=frozenset([expr])))


def _facts(test: Expr, truth: bool) -> _Facts:
    match test:
        case Unary(op="not"):
            return _facts(test.operand, not truth)
        case Binary(op="and" | "or"):
            left, right = _facts(test.left, truth), _facts(test.right, truth)
            both_hold = (test.op == "and") is truth
            return _both(left, right) if both_hold else _one_of(left, right)
        case Binary(op="==" | "!="):
            return _equality(test, (test.op == "==") is truth)
    return _Facts()


def _equality(test: Binary, equal: bool) -> _Facts:
    literals = [e for e in (test.left, test.right) if isinstance(e, Literal)]
    others = [e for e in (test.left, test.right) if not isinstance(e, Literal)]
    if len(literals) != 1:
        return _Facts()
    if literals[0] == _NULL:
        return _Facts(null=frozenset(others)) if equal else _Facts(filled=_with_bases(others[0]))
    return _Facts(filled=_with_bases(others[0])) if equal else _Facts()


def _with_bases(expr: Expr) -> frozenset[Expr]:
    """A path that is not null leads through nothing that is."""
    found = {expr}
    while isinstance(expr, Attribute | Index):
        expr = expr.base
        found.add(expr)
    return frozenset(found)


def _both(a: _Facts, b: _Facts) -> _Facts:
    return _Facts(a.filled | b.filled, a.null | b.null, a.either + b.either)


def _one_of(a: _Facts, b: _Facts) -> _Facts:
    pairs = tuple(frozenset([x, y]) for x in _ordered(a) for y in _ordered(b))
    return _Facts(a.filled & b.filled, a.null & b.null, pairs[:_MAX_PAIRS])


def _ordered(facts: _Facts) -> list[Expr]:
    """Return what is not null in an order that does not depend on hashes."""
    return sorted(facts.filled, key=repr)


def _apply(scope: Scope, facts: _Facts) -> Scope:
    known = scope.known | facts.filled
    either = []
    for options in scope.either + facts.either:
        left = options - facts.null
        if len(left) == 1:
            known |= frozenset().union(*map(_with_bases, left))
        else:
            either.append(left)
    return replace(scope, known=known, either=tuple(either))
