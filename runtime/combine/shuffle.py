"""Shuffle: a seeded order that one more record does not upset."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.chance import rank
from atkc.runtime.combine.fresh import Fresh
from atkc.runtime.combine.gathered import gather
from atkc.runtime.stage import Stage


async def run(stage: Stage, _op: CombineOp) -> None:
    """Write all rows in the order of their seeded hashes."""
    gathered = await gather(stage)
    fresh = Fresh(stage)
    for ref in sorted(gathered.refs, key=lambda r: rank(stage, "shuffle", gathered.identity(r))):
        row = gathered.take(ref)
        await fresh.row(row.identity, row.data, row.trail)
    fresh.end()
