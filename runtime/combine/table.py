"""The operators of `combine`, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine import (
    batch,
    cluster,
    concat,
    decontaminate,
    dedupe,
    gate,
    group,
    join,
    measure,
    neighbours,
    shuffle,
    sides,
    sort,
    split,
    take,
    window,
    zip_streams,
)
from atkc.runtime.stage import Stage

COMBINE: dict[str, Callable[[Stage, CombineOp], Awaitable[None]]] = {
    "batch": batch.run,
    "cluster": cluster.run,
    "concat": concat.run,
    "decontaminate": decontaminate.run,
    "dedupe": dedupe.run,
    "gate": gate.run,
    "group": group.run,
    "join": join.run,
    "measure": measure.run,
    "neighbours": neighbours.run,
    "shuffle": shuffle.run,
    "sort": sort.run,
    "split": split.run,
    "take": take.run,
    "window": window.run,
    "zip": zip_streams.run,
}


async def run(stage: Stage) -> None:
    """Read the one-record streams, then run the operator."""
    op = stage.node.op
    assert isinstance(op, CombineOp)
    await sides.load(stage, op)
    await COMBINE[op.operator](stage, op)
