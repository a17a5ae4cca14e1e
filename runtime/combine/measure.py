"""Measure: one record that counts a stream and sums over it."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.fresh import Fresh
from atkc.runtime.combine.gathered import gather
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.keys import group_identity
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import NO_TRAIL


async def run(stage: Stage, op: CombineOp) -> None:
    """Write one record, also for an empty stream."""
    kinds: dict[str, str] = op.options["kinds"]
    values = {name: formula(text, stage.run.bodies) for name, text in op.expressions.items()}
    found: Data = dict.fromkeys(kinds, 0)

    def add(row: Row) -> None:
        env = stage.env(row.identity)
        seen = {name: value(row.data, env) for name, value in values.items()}
        for name, kind in kinds.items():
            if kind == "sum":
                found[name] += seen[name] or 0
            else:
                found[name] += bool(seen.get(name, True))

    # Sums of fractions depend on the order, so they are made in the canonical one.
    gathered = await gather(stage)
    fresh = Fresh(stage)
    measured = 0
    for ref in gathered.refs:
        row = gathered.take(ref)
        try:
            add(row)
            measured += 1
        except RecordError as error:
            await fresh.fail(row, error)
    stage.tally.merged += max(measured - 1, 0)
    stage.tally.expanded += measured == 0
    await fresh.row(group_identity(()), found, NO_TRAIL)  # it tells of a stream, of no record
    fresh.end()
