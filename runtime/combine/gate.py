"""Gate: lets candidates in as an `accept` further down asks for them; the rest is not drawn."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.accept import demand_of
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark


async def run(stage: Stage, op: CombineOp) -> None:
    """Pass rows on in canonical order while they are asked for; the others leave gaps."""
    demand = demand_of(stage.run, op.options["of"])
    turn: int = op.options["turn"]
    prefix = tuple(op.options["prefix"])
    leashes = [stage.run.leashes[name] for name in op.options["sources"]]
    async for token in stage.ordered():
        for leash in leashes:
            leash.reach(token.ordinal)
        if isinstance(token, Mark):
            stage.forward(token)
        elif await demand.admits(turn, prefix + token.ordinal):
            stage.leave(token, stage.tally)
        else:
            stage.tally.not_drawn += 1
            stage.ports.gap(token.ordinal)
            for leash in leashes:
                leash.end()
    demand.end(turn)
