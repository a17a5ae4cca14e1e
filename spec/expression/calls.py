"""The type of a call: the function, the number of arguments, each argument, then the result."""

from __future__ import annotations

from collections.abc import Sequence

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.functions import FUNCTIONS, Function
from atkc.spec.expression.kinds import Kind
from atkc.spec.expression.operators import null_problem, problem
from atkc.spec.expression.results import Arg, Refusal
from atkc.spec.expression.syntax import Call, Expr, Literal
from atkc.spec.expression.unify import settle
from atkc.spec.rowtype import Type, may_be_null, show
from atkc.spec.suggest import hint


def call_type(expr: Call, kinds: Sequence[Type], *, value_slot: bool) -> Type | Problem:
    """Return what a call gives for arguments of these types."""
    function = FUNCTIONS.get(expr.name)
    if function is None:
        help_ = hint(expr.name, FUNCTIONS)
        return problem("ATK403", expr, f"there is no function `{expr.name}`", help_)
    if value_slot and function.uses:
        message = f"`{expr.name}` needs a record, and `${{…}}` is evaluated before there is one"
        return problem("ATK404", expr, message)
    wrong = _number(expr, function)
    if wrong:
        return wrong
    params = _params(function, len(kinds))
    for arg, kind, param in zip(expr.args, kinds, params, strict=True):
        wrong = _argument(expr, arg, kind, param)
        if wrong:
            return wrong
    args = [Arg(kind, _literal(arg)) for arg, kind in zip(expr.args, kinds, strict=True)]
    made = function.result(args)
    return _refused(expr, made) if isinstance(made, Refusal) else made


def _number(expr: Call, function: Function) -> Problem | None:
    given = len(expr.args)
    if given >= function.required and (function.rest or given <= len(function.params)):
        return None
    help_ = f"write `{function.show(expr.name)}`"
    return problem("ATK404", expr, f"`{expr.name}` got {given} arguments", help_)


def _params(function: Function, given: int) -> list[Kind]:
    params = list(function.params)
    return params[:given] + [params[-1]] * (given - len(params))


def _argument(expr: Call, arg: Expr, kind: Type, param: Kind) -> Problem | None:
    if may_be_null(kind) and not param.nulls:
        return null_problem(arg, f"an argument of `{expr.name}`")
    if param.literal and _literal(arg) is None:
        message = f"`{expr.name}` needs {param.name} written out as a text in quotes"
        return problem("ATK404", arg, message)
    if param.accepts(settle(kind)):
        return None
    message = f"`{expr.name}` needs {param.name}, not {show(settle(kind))}"
    return problem("ATK404", arg, message)


def _literal(arg: Expr) -> str | None:
    value = arg.value if isinstance(arg, Literal) else None
    return value if isinstance(value, str) else None


def _refused(expr: Call, refusal: Refusal) -> Problem:
    at = expr.args[refusal.at]
    return problem(refusal.code, at, f"`{expr.name}`: {refusal.message}", refusal.help)
