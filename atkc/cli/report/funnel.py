"""The funnel: of what came into each step, what went on and what did not, by reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from atkc.cli.report import charts
from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined
from atkc.cli.report.tables import table

_HEADS = (
    *("step", "in", "out", "", "filtered", "duplicate", "failed", "merged", "not drawn"),
    "expanded",
)


def funnel(facts: Facts) -> Markup | None:
    """Return a row for each step that saw a record."""
    rows = list(_rows(facts))
    if not rows:
        return None
    said = (
        "in = out + filtered + duplicate + failed + merged + not drawn − expanded. The bar: "
        "what went on, was turned away, failed."
    )
    return joined([el("p", said), table(_HEADS, rows, most=300, of="steps")])


def _rows(facts: Facts) -> Iterator[tuple[Any, ...]]:
    for _, name, step in facts.boxes:
        if not step.came and not step.out:
            continue
        away = step.filtered + step.duplicate + step.not_drawn
        parts = (("r-out", step.out), ("r-away", away), ("r-bad", step.failed))
        drawn = charts.bar(
            parts,
            step.out + away + step.failed,
            f"{step.out} out, {away} turned away, {step.failed} failed",
        )
        yield (
            *(name, step.came, step.out, drawn, step.filtered, step.duplicate, step.failed),
            *(step.merged, step.not_drawn, step.expanded),
        )
