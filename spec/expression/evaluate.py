"""Syntax tree to closure: what needs no record is worked out once, the rest runs per record."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from atkc.spec.expression.functions import FUNCTIONS
from atkc.spec.expression.scope import WHOLE
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
from atkc.spec.expression.values import OPERATORS, EvaluationError, kind_of, member, negative

Data = Mapping[str, Any]


class Env(Protocol):
    """What an expression may use besides the record."""

    @property
    def sides(self) -> Mapping[str, Data]:
        """Return the one-record streams of `sides:`."""
        ...

    def rng(self, label: str) -> random.Random:
        """Return a generator seeded by run, record and label."""
        ...

    def tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        ...


Run = Callable[[Data, Env], Any]
Functions = Mapping[str, Callable[..., Any]]


class _Code(Struct, frozen=True):
    """A compiled part; `fixed` if it needs neither a record nor an Env."""

    run: Run
    fixed: bool = False


class _Given(Struct, frozen=True):
    constants: Mapping[str, Any]
    functions: Functions


def compile_expr(expr: Expr, constants: Mapping[str, Any], functions: Functions) -> Run:
    """Return a function of (record, Env); it raises nothing but EvaluationError.

    Values are shared, not copied: what comes out must not be changed in place.
    """
    return _code(expr, _Given(constants, functions)).run


def _code(expr: Expr, given: _Given) -> _Code:
    code = _MAKERS[type(expr)](expr, given)
    if not code.fixed or isinstance(expr, Literal | Name):
        return code
    try:
        value = code.run({}, _NO_ENV)
    except EvaluationError:
        return code  # it may stand in a branch that is never taken
    return _constant(value)


class _NoEnv:
    """The Env of folding; nothing that is fixed asks it."""

    sides: Mapping[str, Data] = {}

    def rng(self, label: str) -> random.Random:
        raise AssertionError(label)

    def tokens(self, text: str) -> int:
        raise AssertionError(text)


_NO_ENV = _NoEnv()


def _constant(value: Any) -> _Code:
    return _Code(lambda _data, _env: value, fixed=True)


def _literal(expr: Literal, _given: _Given) -> _Code:
    return _constant(expr.value)


def _list(expr: ListExpr, given: _Given) -> _Code:
    codes = [_code(item, given) for item in expr.items]
    runs = [code.run for code in codes]
    return _Code(lambda data, env: [run(data, env) for run in runs], _all_fixed(codes))


def _object(expr: ObjectExpr, given: _Given) -> _Code:
    codes = [(name, _code(value, given)) for name, value in expr.fields]
    runs = [(name, code.run) for name, code in codes]
    fixed = all(code.fixed for _, code in codes)
    return _Code(lambda data, env: {name: run(data, env) for name, run in runs}, fixed)


def _name(expr: Name, given: _Given) -> _Code:
    name = expr.name
    if name in given.constants:
        return _constant(given.constants[name])

    def read(data: Data, env: Env) -> Any:
        if name in env.sides:
            return env.sides[name]
        return data if name == WHOLE else data.get(name)

    return _Code(read)


def _attribute(expr: Attribute, given: _Given) -> _Code:
    base, name = _code(expr.base, given), expr.name
    run = base.run

    def read(data: Data, env: Env) -> Any:
        value = run(data, env)
        return value.get(name) if isinstance(value, dict) else None

    return _Code(read, base.fixed)


def _index(expr: Index, given: _Given) -> _Code:
    base, key = _code(expr.base, given), _code(expr.key, given)
    get, at = base.run, key.run
    return _Code(lambda data, env: member(get(data, env), at(data, env)), base.fixed and key.fixed)


def _call(expr: Call, given: _Given) -> _Code:
    body, uses = given.functions[expr.name], FUNCTIONS[expr.name].uses
    codes = [_code(arg, given) for arg in expr.args]
    runs = [code.run for code in codes]
    if uses:
        return _Code(lambda data, env: body(env, *[run(data, env) for run in runs]))
    if len(runs) == 1:
        run = runs[0]
        return _Code(lambda data, env: body(run(data, env)), codes[0].fixed)
    return _Code(lambda data, env: body(*[run(data, env) for run in runs]), _all_fixed(codes))


def _unary(expr: Unary, given: _Given) -> _Code:
    operand = _code(expr.operand, given)
    run = operand.run
    if expr.op == "not":
        return _Code(lambda data, env: not _truth(run(data, env)), operand.fixed)
    return _Code(lambda data, env: negative(run(data, env)), operand.fixed)


def _binary(expr: Binary, given: _Given) -> _Code:
    left, right = _code(expr.left, given), _code(expr.right, given)
    fixed = left.fixed and right.fixed
    one, two = left.run, right.run
    if expr.op == "and":
        return _Code(lambda d, e: _truth(one(d, e)) and _truth(two(d, e)), fixed)
    if expr.op == "or":
        return _Code(lambda d, e: _truth(one(d, e)) or _truth(two(d, e)), fixed)
    if expr.op == "??":
        return _Code(_fallback(one, two), fixed)
    work = OPERATORS[expr.op]
    return _Code(lambda data, env: work(one(data, env), two(data, env)), fixed)


def _fallback(one: Run, two: Run) -> Run:
    def run(data: Data, env: Env) -> Any:
        value = one(data, env)
        return two(data, env) if value is None else value

    return run


def _conditional(expr: Conditional, given: _Given) -> _Code:
    test, yes, no = (_code(part, given) for part in (expr.test, expr.yes, expr.no))
    if test.fixed:
        chosen = _chosen(test, yes, no)
        if chosen is not None:
            return chosen
    if_, then, else_ = test.run, yes.run, no.run
    return _Code(lambda d, e: then(d, e) if _truth(if_(d, e)) else else_(d, e))


def _chosen(test: _Code, yes: _Code, no: _Code) -> _Code | None:
    try:
        return yes if _truth(test.run({}, _NO_ENV)) else no
    except EvaluationError:
        return None


def _truth(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise EvaluationError(f"a condition got {kind_of(value)}")


def _all_fixed(codes: list[_Code]) -> bool:
    return all(code.fixed for code in codes)


_MAKERS: dict[type, Callable[[Any, _Given], _Code]] = {
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
