"""Cluster: records that are alike, or share a value, get one name, whatever chain links them."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.gathered import Gathered, gather
from atkc.runtime.combine.likeness import Likeness, LikeTexts, texts_of
from atkc.runtime.keys import digest
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


async def run(stage: Stage, op: CombineOp) -> None:
    """Add `as`: the identity of the first record of the cluster."""
    gathered = await gather(stage, forward=True)
    sets = await stage.in_thread(lambda: _linked(stage, op, gathered))
    for ref in gathered.refs:
        row = stage.enter(gathered.take(ref))
        first = gathered.identity(sets.first(ref))
        data = {**row.data, op.options["as"]: first.hex()}
        stage.leave(Row(row.ordinal, row.identity, data, row.trail), stage.tally)
        await stage.ports.room()


class _Sets:
    """Disjoint sets of numbers; the least of a set stands for it."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def first(self, number: int) -> int:
        above = self._above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.first(one), self.first(other)))
        self._above[high] = low


def _linked(stage: Stage, op: CombineOp, gathered: Gathered) -> _Sets:
    sets = _Sets(len(gathered.refs))
    _link_equal(op, gathered, sets)
    likeness = Likeness.of(op.options)
    if likeness is not None:
        texts = LikeTexts(likeness, stage.shelf())
        _link_alike(op.options["field"], likeness, gathered, sets, texts)
    return sets


def _link_equal(op: CombineOp, gathered: Gathered, sets: _Sets) -> None:
    """Join the records that have the same value in one of the fields; null is no value."""
    by: list[str] = op.options.get("by") or []
    seen: dict[tuple[str, bytes], int] = {}
    for number, ref in enumerate(gathered.refs if by else ()):
        data = gathered.get(ref).data
        for name in by:
            if data.get(name) is not None:
                sets.join(number, seen.setdefault((name, digest(data[name])), number))


def _link_alike(
    field: str, likeness: Likeness, gathered: Gathered, sets: _Sets, texts: LikeTexts
) -> None:
    """Join the records whose texts are alike; those that are joined already are not compared."""
    for number, ref in enumerate(gathered.refs):
        sketched = texts.sketched(texts_of(gathered.get(ref).data, [field]))
        for other in texts.candidates(sketched):
            if sets.first(other) == sets.first(number):
                continue
            if texts.similarity(other, sketched) >= likeness.near:
                sets.join(number, other)
        texts.add(sketched)
