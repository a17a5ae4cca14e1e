"""Batch: records side by side in one, cut by number or by weight.

`hashed` order makes cuts local: records lie in the order of a seeded hash, a second hash says where
a run begins, and groups are cut inside a run. One more record changes the groups of its run alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.chance import rank
from atkc.runtime.combine.fresh import Fresh
from atkc.runtime.combine.gathered import Gathered, Ref, gather
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.keys import digest, group_identity
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import united

_GROUPS_IN_A_RUN = 4  # expected
_RUN_BY_WEIGHT = 64  # records expected in a run whose groups are cut by weight

Weigh = Callable[[Row], float]


async def run(stage: Stage, op: CombineOp) -> None:
    """Batch in canonical order as records come, or in hashed order at the end."""
    if op.options.get("order", "canonical") == "hashed":
        await _hashed(stage, op)
    else:
        await _canonical(stage, op)


class _Cut:
    """Fills one batch after another; a batch is full at its size or at its drawn weight."""

    def __init__(self, stage: Stage, op: CombineOp) -> None:
        self._stage = stage
        self._size: int | None = op.options.get("size")
        self._target: Any = op.options.get("target")
        self.weigh = weigher(stage, op)

    def is_full(self, members: Sequence[Row], weight: float) -> bool:
        if self._target is None:
            return len(members) >= (self._size or 1)
        if self._size is not None and len(members) >= self._size:
            return True
        return weight >= self._wanted(members[0])

    def _wanted(self, first: Row) -> float:
        if not isinstance(self._target, dict):
            return float(self._target)
        low, high = self._target["uniform"]
        rng = self._stage.env(first.identity).rng("batch target")
        if isinstance(low, int) and isinstance(high, int):
            return rng.randint(low, max(low, high))
        return rng.uniform(low, high)


def weigher(stage: Stage, op: CombineOp) -> Weigh:
    """Return what weighs a record: the expression `weight`, or 1 each."""
    if "weight" not in op.expressions:
        return lambda _: 1
    value = formula(op.expressions["weight"], stage.run.bodies)
    return lambda row: float(value(row.data, stage.env(row.identity)) or 0)


def _within(op: CombineOp) -> Callable[[Data], bytes]:
    names: list[str] = op.options.get("within") or []
    return lambda data: digest([data.get(name) for name in names]) if names else b""


def _merged(op: CombineOp, members: Sequence[Row]) -> Data:
    first = members[0].data
    within = {name: first[name] for name in op.options.get("within") or () if name in first}
    return {**within, op.options["as"]: [row.data for row in members]}


async def _emit(stage: Stage, op: CombineOp, fresh: Fresh, members: Sequence[Row]) -> None:
    stage.tally.merged += len(members) - 1
    identity = group_identity(row.identity for row in members)
    trail = united(row.trail for row in members)
    await fresh.row(identity, _merged(op, members), trail)


async def _canonical(stage: Stage, op: CombineOp) -> None:
    cut, within, fresh = _Cut(stage, op), _within(op), Fresh(stage)
    open_: dict[bytes, tuple[list[Row], float]] = {}
    async for token in stage.ordered():
        if not isinstance(token, Row):
            continue
        key = within(token.data)
        try:
            weight = cut.weigh(token)
        except RecordError as error:
            await fresh.fail(token, error)
            continue
        members, so_far = open_.pop(key, ([], 0.0))
        members.append(token)
        so_far += weight
        if cut.is_full(members, so_far):
            await _emit(stage, op, fresh, members)
        else:
            open_[key] = (members, so_far)
    for members, _ in sorted(open_.values(), key=lambda part: part[0][0].ordinal):
        await _emit(stage, op, fresh, members)
    fresh.end()


async def _hashed(stage: Stage, op: CombineOp) -> None:
    cut, within = _Cut(stage, op), _within(op)
    gathered = await gather(stage)
    fresh = Fresh(stage)
    keys: dict[bytes, array[Ref]] = {}
    for ref in gathered.refs:
        key = within(gathered.get(ref).data)
        keys.setdefault(key, array("q")).append(ref)
    for refs in keys.values():
        mixed = sorted(refs, key=lambda ref: rank(stage, "batch", gathered.identity(ref)))
        for run_ in _runs(stage, op, gathered, mixed):
            await _cut_run(stage, op, cut, fresh, gathered, run_)
    fresh.end()


def _runs(
    stage: Stage, op: CombineOp, gathered: Gathered, refs: Sequence[Ref]
) -> Iterator[list[Ref]]:
    expected = _RUN_BY_WEIGHT
    if op.options.get("target") is None:
        expected = _GROUPS_IN_A_RUN * (op.options.get("size") or 1)
    current: list[Ref] = []
    for ref in refs:
        if current and rank(stage, "batch run", gathered.identity(ref)) % expected == 0:
            yield current
            current = []
        current.append(ref)
    if current:
        yield current


async def _cut_run(
    stage: Stage, op: CombineOp, cut: _Cut, fresh: Fresh, gathered: Gathered, refs: Sequence[Ref]
) -> None:
    members: list[Row] = []
    weight = 0.0
    for ref in refs:
        row = gathered.take(ref)
        try:
            weight += cut.weigh(row)
        except RecordError as error:
            await fresh.fail(row, error)
            continue
        members.append(row)
        if cut.is_full(members, weight):
            await _emit(stage, op, fresh, members)
            members, weight = [], 0.0
    if members:
        await _emit(stage, op, fresh, members)
