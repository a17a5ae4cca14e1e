"""How `neighbours` ranks a pool for its queries: by words, by vectors, by chance."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.bm25 import Bm25
from atkc.runtime.combine.chance import rank
from atkc.runtime.combine.nearest import best
from atkc.runtime.combine.pool import Pool, Query, names
from atkc.runtime.errors import RecordError
from atkc.runtime.stage import Stage

Found = Sequence[int] | RecordError  # numbers of the pool, best first; or why there are none
Scorer = Callable[[Sequence[Query]], Awaitable[list[Found]]]


async def bm25(stage: Stage, op: CombineOp, pool: Pool) -> Scorer:
    """Return the scorer by words."""
    index = await stage.in_thread(lambda: Bm25(pool.texts))

    def one(query: Query) -> Found:
        excluded = pool.of_names(names(query.row.data, query.identity, op))
        return best(index.scores(query.text), op.options["top"], excluded)

    async def ranked(queries: Sequence[Query]) -> list[Found]:
        return await stage.in_thread(lambda: [one(query) for query in queries])

    return ranked


async def by_chance(stage: Stage, op: CombineOp, pool: Pool) -> Scorer:
    """Return the scorer that draws.

    The pool lies on a ring by hash; a query takes what follows the points that it draws. So one
    more record in the pool changes the neighbours of few queries.
    """
    ring = sorted((rank(stage, "neighbours", name), i) for i, name in enumerate(pool.identities))

    def drawn(query: Query) -> Iterator[int]:
        rng = stage.env(query.row.identity).rng("neighbours")
        excluded = set(pool.of_names(names(query.row.data, query.identity, op)))
        seen: set[int] = set()
        while len(seen) < len(ring):
            at = bisect_left(ring, (rng.getrandbits(64), -1)) % len(ring)
            while ring[at][1] in seen:
                at = (at + 1) % len(ring)
            seen.add(ring[at][1])
            if ring[at][1] not in excluded:
                yield ring[at][1]

    async def ranked(queries: Sequence[Query]) -> list[Found]:
        top = op.options["top"]
        return [list(islice(drawn(query), top)) for query in queries]

    return ranked
