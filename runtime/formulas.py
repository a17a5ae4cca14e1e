"""Expressions and templates of a plan, made callable once per run."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from atkc.compiler.plan import Expression, Text
from atkc.runtime.api import Bodies, Context, Data
from atkc.runtime.errors import AtkcError, RecordError


class Env(NamedTuple):
    """What an expression sees besides the record: chance, the tokenizer, one-record streams."""

    context: Context
    draw: str
    tokens: Callable[[str], int]
    sides: Mapping[str, Data]

    def rng(self, label: str) -> random.Random:
        """Return a generator seeded by run seed, identity, draw and label."""
        return self.context.rng(f"{self.draw}\0{label}")


Formula = Callable[[Mapping[str, Any], Env], Any]


def formula(expression: Expression, bodies: Bodies) -> Formula:
    """Return the expression as a function of a record and an `Env`; it raises RecordError."""
    from atkc.spec.diagnostic import Problem
    from atkc.spec.expression.evaluate import compile_expr
    from atkc.spec.expression.parse import parse
    from atkc.spec.expression.values import EvaluationError

    parsed = parse(expression.text)
    if isinstance(parsed, Problem):
        raise AtkcError(f"the plan holds an expression that cannot be read: `{expression.text}`")
    compiled = compile_expr(parsed, expression.constants, bodies.expressions)

    def evaluated(data: Mapping[str, Any], env: Env) -> Any:
        try:
            return compiled(data, env)
        except EvaluationError as error:
            raise RecordError(error.kind, str(error)) from error

    return evaluated


def template(text: Text) -> Callable[[Mapping[str, Any]], str]:
    """Return the template as a function of a record; it raises RecordError."""
    from atkc.spec.template import TemplateError, compile_template

    render = compile_template(text.text, text.constants)

    def rendered(data: Mapping[str, Any]) -> str:
        try:
            return render(data)
        except TemplateError as error:
            raise RecordError(error.kind, error.message) from error

    return rendered
