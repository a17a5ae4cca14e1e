"""The forecast of a run in lines of text."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from atkc.compiler.plan import Plan
from atkc.runtime.engine import execute
from atkc.runtime.forecast import StepForecast, forecast, without_models
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.ranges import ZERO, Range
from atkc.runtime.settings import Settings
from atkc.stdlib.library import bodies, count_tokens, library


class _Nobody:
    """The caller of a run that asks no model."""

    def begin(self, ask: Any) -> Any:
        raise AssertionError(f"a plan without models asks `{ask.model}`")

    def known(self, ask: Any) -> Any:
        raise AssertionError(f"a plan without models asks `{ask.model}`")

    async def embed(self, ask: Any) -> Any:
        raise AssertionError(f"a plan without models asks `{ask.model}`")


async def forecast_lines(
    plan: Plan, models: Mapping[str, ModelSpec], limits: Mapping[str, int]
) -> list[str]:
    """Return a table of calls, tokens and money by step, low to high, and their sums."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            staging=Path(folder),
            spool=Path(folder),
            tokens=count_tokens(plan.tokenizer),
            run_seed=plan.seed,
            limits=limits,
        )
        known = without_models(plan)
        result = await execute(known, library(), bodies(), _Nobody(), settings, lambda _event: None)
        result.failures.close()
    return _table(forecast(plan, result.ledger, models))


def _table(steps: list[StepForecast]) -> list[str]:
    calls, tokens, money = ZERO, ZERO, ZERO
    unknown = False
    lines = [f"{'step':<44} {'calls low – expected – high':>28}"]
    for name, group in _by_step(steps).items():
        part = ZERO
        for step in group:
            part = part.plus(step.calls)
            tokens = tokens.plus(step.tokens_in).plus(step.tokens_out)
            unknown |= step.money is None
            money = money.plus(step.money or ZERO)
        calls = calls.plus(part)
        lines.append(f"{name:<44} {_shown(part):>28}")
    lines.append(f"{'calls':<44} {_shown(calls):>28}")
    lines.append(f"{'tokens':<44} {_shown(tokens):>28}")
    price = (
        "price not known"
        if unknown
        else f"${money.low:.2f} – {money.expected:.2f} – {money.high:.2f}"
    )
    lines.append(f"{'money':<44} {price:>28}")
    return lines


def _by_step(steps: list[StepForecast]) -> dict[str, list[StepForecast]]:
    """Group by the address without the labels of `for_each`."""
    out: dict[str, list[StepForecast]] = {}
    for step in steps:
        parts = (part.partition("/")[0] for part in step.step.split("."))
        out.setdefault(".".join(parts), []).append(step)
    return out


def _shown(value: Range) -> str:
    return f"{value.low:,.0f} – {value.expected:,.0f} – {value.high:,.0f}"
