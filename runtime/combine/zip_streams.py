"""Zip: the first records of all streams become one, then the second; a rest is not drawn."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.fresh import Fresh
from atkc.runtime.combine.gathered import Gathered, gather
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import Trail, united


async def run(stage: Stage, _op: CombineOp) -> None:
    """Write (0,), (1,), … with the identities of the first stream; the others come whole first."""
    first, *others = stage.roles()
    gathered = [await gather(stage, role) for role in others]
    most = min((len(found.refs) for found in gathered), default=None)
    tally, seen = stage.tallies[first], 0
    fresh = Fresh(stage, tally)
    async for token in stage.ordered(first):
        if not isinstance(token, Row):
            continue
        if most is not None and seen >= most:
            tally.not_drawn += 1
        else:
            data, trail = _joined(token, gathered, seen)
            await fresh.row(token.identity, data, trail)
        seen += 1
    fresh.end()
    for role, found in zip(others, gathered, strict=True):
        drawn = min(seen, most or 0)
        stage.tallies[role].merged += drawn
        stage.tallies[role].not_drawn += len(found.refs) - drawn
    if any(len(found.refs) != seen for found in gathered):
        stage.warn("shortage", f"the streams of `{stage.node.id}` differ in length")


def _joined(row: Row, others: list[Gathered], index: int) -> tuple[Data, Trail]:
    rows = [row, *(found.take(found.refs[index]) for found in others)]
    data: Data = {}
    for each in rows:
        data |= each.data
    return data, united(each.trail for each in rows)
