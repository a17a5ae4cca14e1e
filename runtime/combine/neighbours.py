"""Neighbours: each query gets the records of a pool that are most like it, or drawn for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.embeddings import embeddings
from atkc.runtime.combine.pool import Pool, Query, gathered, text_of
from atkc.runtime.combine.scorers import Found, Scorer, bm25, by_chance
from atkc.runtime.errors import RecordError
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row

_AT_ONCE = 64  # queries ranked together
_IN_FLIGHT = 16  # of such groups

_SCORERS: dict[str, Callable[[Stage, CombineOp, Pool], Awaitable[Scorer]]] = {
    "bm25": bm25,
    "embeddings": embeddings,
    "random": by_chance,
}


async def run(stage: Stage, op: CombineOp) -> None:
    """Wait for the pool, then settle the queries as they come."""
    pool = await gathered(stage, op)
    ranked = await _SCORERS[op.options.get("scorer", "bm25")](stage, op, pool)
    window = asyncio.Semaphore(_IN_FLIGHT)

    async def settle(queries: Sequence[Query]) -> None:
        try:
            found = await ranked(queries)
            near = await stage.in_thread(lambda: [_near(stage, op, pool, one) for one in found])
            for query, one in zip(queries, near, strict=True):
                _settle(stage, op, pool, query, one)
            await stage.ports.room()
        finally:
            window.release()

    async with asyncio.TaskGroup() as group:
        async for batch in stage.batches("query"):
            rows = [token for token in batch if isinstance(token, Row)]
            for token in batch:
                if not isinstance(token, Row):
                    stage.forward(token)
            for at in range(0, len(rows), _AT_ONCE):
                await window.acquire()
                some = [_query(stage, op, row) for row in rows[at : at + _AT_ONCE]]
                group.create_task(settle(some))
            await stage.ports.room()


def _query(stage: Stage, op: CombineOp, row: Row) -> Query:
    return Query(stage.enter(row), row.identity, text_of(row.data, op))


def _near(stage: Stage, op: CombineOp, pool: Pool, found: Found) -> list[int] | RecordError:
    return found if isinstance(found, RecordError) else pool.within(found, stage, op)


def _settle(
    stage: Stage, op: CombineOp, pool: Pool, query: Query, near: list[int] | RecordError
) -> None:
    row, tally = query.row, stage.tallies["query"]
    if isinstance(near, RecordError):
        stage.fail(row, near, tally)
    else:
        data = {**row.data, op.options["as"]: [pool.taken[number] for number in near]}
        trail = row.trail.beside(pool.trails[number] for number in near)
        stage.leave(Row(row.ordinal, row.identity, data, trail), tally)
