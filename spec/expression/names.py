"""What an expression reads: fields of the record, constants."""

from __future__ import annotations

from atkc.spec.expression.scope import WHOLE, Scope
from atkc.spec.expression.syntax import Attribute, Expr, Index, Literal, Name, children


def reads(expr: Expr, scope: Scope) -> frozenset[str]:
    """Return the top-level fields of the record that are read; the whole record means all."""
    found: set[str] = set()
    for path in _paths(expr):
        if path[0] == WHOLE and scope.lookup(WHOLE) is scope.record:
            found.update([path[1]] if len(path) > 1 else scope.record.names())
        elif scope.is_field(path[0]):
            found.add(path[0])
    return frozenset(found)


def names_used(expr: Expr) -> frozenset[str]:
    """Return all paths that begin at a name, dotted, as far as they are written out.

    `params.ways[0].name` gives `params.ways`; fields of the record are among them.
    """
    return frozenset(".".join(path) for path in _paths(expr))


def _paths(expr: Expr) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    stack = [expr]
    while stack:
        part = stack.pop()
        path = _path(part)
        if path:
            found.append(path)
        else:
            stack.extend(children(part))
    return found


def _path(expr: Expr) -> tuple[str, ...] | None:
    steps: list[str] = []
    while True:
        match expr:
            case Name():
                return (expr.name, *reversed(steps))
            case Attribute():
                steps.append(expr.name)
                expr = expr.base
            case Index(key=Literal(value=str() as key)):
                steps.append(key)
                expr = expr.base
            case _:
                return None
