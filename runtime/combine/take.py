"""Take: a part of a stream, decided by canonical order or by seeded hashes, never by arrival."""

from __future__ import annotations

import math
from collections.abc import Sequence

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine import accept
from atkc.runtime.combine.chance import rank, share
from atkc.runtime.combine.gathered import Gathered, Ref, gather
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.ledger import Taken
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


async def run(stage: Stage, op: CombineOp) -> None:
    """Let the taken rows through; the others go to `rejected`, told as not drawn."""
    if "targets" in op.options:
        await accept.run(stage, op)
    elif "tokens" in op.expressions:
        await _tokens(stage, op)
    elif "first" in op.options:
        await _first(stage, op)
    elif "share" in op.options:
        await _share(stage, op)
    else:
        await _hashed(stage, op)


def _pass(stage: Stage, row: Row, taken: bool) -> None:
    if taken:
        stage.leave(stage.enter(row), stage.tally)
    else:
        stage.tally.not_drawn += 1
        stage.tally.aside("rejected")
        data = {**row.data, "rejected_by": stage.node.id}
        stage.ports.row("rejected", Row(row.ordinal, row.identity, data, row.trail))


async def _first(stage: Stage, op: CombineOp) -> None:
    wanted: int = op.options["first"]
    seen = 0
    async for token in stage.ordered():
        if isinstance(token, Row):
            _pass(stage, token, seen < wanted)
            seen += 1
        else:
            stage.forward(token)
    _told(stage, op, "records", wanted, min(wanted, seen), min(wanted, seen))


async def _share(stage: Stage, op: CombineOp) -> None:
    part: float = op.options["share"]
    async for token in stage.arrivals():
        if isinstance(token, Row):
            _pass(stage, token, share(stage, "take", token.identity) < part)
        else:
            stage.forward(token)


async def _hashed(stage: Stage, op: CombineOp) -> None:
    wanted: int | None = op.options["hashed"]
    gathered = await gather(stage, forward=True)
    drawn = _by_hash(stage, gathered)[:wanted]
    await _release(stage, gathered, drawn)
    if wanted is not None:
        _told(stage, op, "records", wanted, len(drawn), len(drawn))


async def _tokens(stage: Stage, op: CombineOp) -> None:
    budget_of = formula(op.expressions["tokens"], stage.run.bodies)
    weigh = formula(op.expressions["weigh"], stage.run.bodies)
    gathered = await gather(stage, forward=True)
    budget = math.floor(budget_of({}, stage.env(b"")) or 0)
    drawn: list[Ref] = []
    total, over = 0.0, 0.0
    bad: list[Ref] = []
    for ref in _by_hash(stage, gathered):
        row = gathered.get(ref)
        try:
            weight = weigh(row.data, stage.env(row.identity)) or 0
        except RecordError as error:
            stage.fail(row, error, stage.tally)
            bad.append(ref)
            continue
        if total + weight > budget:
            over = weight
            break
        total += weight
        drawn.append(ref)
    await _release(stage, gathered, drawn, bad)
    full = bool(over) and bool(drawn or not budget)
    misfit = ""
    if over and not full:
        wanted = f"`{stage.node.id}` asks for {budget} tokens"
        misfit = f"{wanted} and the first record drawn has {math.floor(over)}"
    _told(stage, op, "tokens", budget, math.floor(total), len(drawn), full=full, misfit=misfit)


def _by_hash(stage: Stage, gathered: Gathered) -> list[Ref]:
    return sorted(gathered.refs, key=lambda ref: rank(stage, "take", gathered.identity(ref)))


async def _release(
    stage: Stage, gathered: Gathered, drawn: Sequence[Ref], settled: Sequence[Ref] = ()
) -> None:
    taken, done = set(drawn), set(settled)
    for ref in gathered.refs:
        if ref not in done:
            _pass(stage, gathered.take(ref), ref in taken)
            await stage.ports.room()


def _told(
    stage: Stage,
    op: CombineOp,
    unit: str,
    target: int,
    actual: int,
    records: int,
    *,
    full: bool = False,
    misfit: str = "",
) -> None:
    """Note what was drawn; `full` if only the size of the next row kept it below the target."""
    short = 0 if full else max(0, target - actual)
    stage.taken.append(Taken(stage.node.id, unit, target, actual, short, records))
    if not short:
        return
    shortage = op.options.get("shortage", "none")
    message = misfit or f"`{stage.node.id}` asks for {target} {unit} and {actual} are there"
    if shortage == "error":
        raise stage.mistake("ATK606", message)
    if shortage == "warn":
        stage.warn("shortage", message)
