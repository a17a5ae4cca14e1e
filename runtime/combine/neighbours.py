"""Neighbours: each query gets the records of a pool that are most like it, or drawn for it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.bm25 import Bm25
from atkc.runtime.combine.chance import rank
from atkc.runtime.combine.gathered import gather
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import Trail


@dataclass(frozen=True, slots=True)
class _Neighbour:
    identity: bytes
    text: str
    taken: Data
    trail: Trail


# query -> numbers of the pool, best first
Scorer = Callable[[Row], Iterable[int]]


async def run(stage: Stage, op: CombineOp) -> None:
    """Wait for the pool, then settle each query as it comes."""
    pool = await _pool(stage, op)
    scorer = _SCORERS[op.options.get("scorer", "bm25")](stage, op, pool)
    tally = stage.tallies["query"]

    def found(row: Row) -> list[_Neighbour]:
        return [pool[number] for number in _chosen(stage, op, pool, row, scorer(row))]

    async for token in stage.arrivals("query"):
        if isinstance(token, Row):
            row = stage.enter(token)
            near = await stage.in_thread(lambda row=row: found(row))  # type: ignore[misc]
            data = {**row.data, op.options["as"]: [neighbour.taken for neighbour in near]}
            trail = row.trail.beside(neighbour.trail for neighbour in near)
            stage.leave(Row(row.ordinal, row.identity, data, trail), tally)
        else:
            stage.forward(token)


async def _pool(stage: Stage, op: CombineOp) -> list[_Neighbour]:
    take: dict[str, str] = op.options["take"]
    gathered = await gather(stage, "pool")
    stage.tallies["pool"].merged += len(gathered.refs)
    pool = []
    for ref in gathered.refs:
        row = gathered.take(ref)
        taken = {new: row.data.get(old) for new, old in take.items()}
        text = str(row.data.get(op.options["field"]) or "")
        pool.append(_Neighbour(ref.identity, text, taken, row.trail))
    return pool


def _chosen(
    stage: Stage, op: CombineOp, pool: list[_Neighbour], query: Row, ranked: Iterable[int]
) -> Iterator[int]:
    """Yield the best: at most `top`, and no more tokens than the budget."""
    left: int = op.options["top"]
    budget = (op.options.get("budget") or {}).get("tokens")
    alone = op.options.get("exclude", "none") == "same_identity"
    for number in ranked:
        if left == 0:
            return
        if alone and pool[number].identity == query.identity:
            continue
        if budget is not None:
            budget -= stage.run.settings.tokens(pool[number].text)
            if budget < 0:
                return
        left -= 1
        yield number


def _bm25(_stage: Stage, op: CombineOp, pool: list[_Neighbour]) -> Scorer:
    index = Bm25([neighbour.text for neighbour in pool])
    return lambda row: index.ranked(str(row.data.get(op.options["field"]) or ""))


def _random(stage: Stage, _op: CombineOp, pool: list[_Neighbour]) -> Scorer:
    """The pool lies on a ring by hash; a query takes what follows the points that it draws.

    So one more record in the pool changes the neighbours of few queries.
    """
    ring = sorted((rank(stage, "neighbours", n.identity), i) for i, n in enumerate(pool))

    def drawn(row: Row) -> Iterator[int]:
        rng = stage.env(row.identity).rng("neighbours")
        seen: set[int] = set()
        while len(seen) < len(ring):
            at = bisect_left(ring, (rng.getrandbits(64), -1)) % len(ring)
            while ring[at][1] in seen:
                at = (at + 1) % len(ring)
            seen.add(ring[at][1])
            yield ring[at][1]

    return drawn


_SCORERS = {"bm25": _bm25, "random": _random}
