"""`if:` of a step: where it is false the record passes by and takes the values of `otherwise`."""

from __future__ import annotations

from collections.abc import Callable

from atkc.compiler.plan import Condition, Expression
from atkc.runtime.api import Data
from atkc.runtime.formulas import Env, formula
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row

Guard = Callable[[Row], Row | None]  # the row as it passes by, or None: it goes in


def guard(condition: Condition | None, stage: Stage) -> Guard:
    """Return the test of a step's rows; it raises RecordError."""
    if condition is None:
        return lambda _: None
    test = formula(condition.test, stage.run.bodies)
    values = otherwise(condition, stage)

    def passes(row: Row) -> Row | None:
        env = stage.env(row.identity)
        if test(row.data, env):
            return None
        data = {**row.data, **values(row.data, env)}
        return Row(row.ordinal, row.identity, data, row.trail)

    return passes


def otherwise(condition: Condition | None, stage: Stage) -> Callable[[Data, Env], Data]:
    """Return what gives the values of `else`."""
    given: dict[str, Expression] = condition.otherwise if condition else {}
    made = {name: formula(value, stage.run.bodies) for name, value in given.items()}
    return lambda data, env: {name: value(data, env) for name, value in made.items()}
