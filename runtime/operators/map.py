"""Map: the verbs of a step in order, each with its own books."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from atkc.compiler.plan import MapOp
from atkc.runtime.errors import RecordError
from atkc.runtime.ledger import Tally
from atkc.runtime.operators.condition import Guard, guard
from atkc.runtime.operators.verbs import Made, Verb, verb
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Row


async def run(stage: Stage) -> None:
    """Take each row through all verbs."""
    op = stage.node.op
    assert isinstance(op, MapOp)
    verbs = [verb(action, stage) for action in op.actions]
    chain = _Chain(stage, verbs, list(stage.tallies.values()), guard(op.condition, stage))
    # Rows in canonical order go one by one: occurrence numbers are given in that order.
    ordered = stage.node.order != "streaming" or any(v.ordered for v in verbs)
    if not ordered and any(v.slow for v in verbs):
        await _side_by_side(stage, chain)
        return
    async for token in stage.ordered() if ordered else stage.arrivals():
        if isinstance(token, Mark):
            stage.forward(token)
        else:
            await chain.enter(token)


async def _side_by_side(stage: Stage, chain: _Chain) -> None:
    window = asyncio.Semaphore(2 * stage.run.settings.workers)

    async def one(row: Row) -> None:
        try:
            await chain.enter(row)
            await stage.ports.room()
        finally:
            window.release()

    async with asyncio.TaskGroup() as group:
        async for token in stage.arrivals():
            if isinstance(token, Mark):
                stage.forward(token)
            else:
                await window.acquire()
                group.create_task(one(token))


class _Chain:
    def __init__(
        self, stage: Stage, verbs: Sequence[Verb], tallies: Sequence[Tally], guard_: Guard
    ) -> None:
        self._stage = stage
        self._verbs = verbs
        self._tallies = tallies
        self._guard = guard_
        self._splits = any(v.splits for v in verbs)

    async def enter(self, row: Row) -> None:
        if not self._splits:
            row = self._stage.enter(row)
        try:
            passed = self._guard(row)
        except RecordError as error:
            self._stage.fail(row, error, self._tallies[0])
            return
        if not self._verbs:
            self._stage.leave(row, self._tallies[0])
        elif passed is None:
            await self._from(0, row, first=True)
        else:
            self._pass_by(passed)

    def _pass_by(self, row: Row) -> None:
        for index, tally in enumerate(self._tallies):
            tally.came += index > 0
            tally.skipped += 1
        last = len(self._tallies) - 1
        for index, step in enumerate(self._verbs):
            if index < last:
                self._tallies[index].leave()
            if step.splits:
                self._stage.ports.mark(Mark(row.ordinal, 1))
                branch = self._stage.node.branch
                row = step.child(row, row.data, 0, branch)
        self._stage.leave(row, self._tallies[last])

    async def _from(self, index: int, row: Row, *, first: bool = False) -> None:
        """Take a row through the verbs from `index` on; its place is settled when it returns."""
        stage = self._stage
        while index < len(self._verbs):
            tally, step = self._tallies[index], self._verbs[index]
            tally.came += not first
            first = False
            try:
                made = await step.slowly(row) if step.slow else step.now(row)
            except RecordError as error:
                stage.fail(row, error, tally)
                return
            if made.rejected:
                stage.reject(row, tally)
                return
            if made.children is not None:
                await self._split(index, row, made)
                return
            if made.data is not row.data:
                row = Row(row.ordinal, row.identity, made.data, row.trail)
            index += 1
            if made.port or index == len(self._verbs):
                stage.leave(row, tally, made.port or "main")
                return
            tally.leave()

    async def _split(self, index: int, row: Row, made: Made) -> None:
        stage, tally, step = self._stage, self._tallies[index], self._verbs[index]
        children = made.children or []
        stage.ports.mark(Mark(row.ordinal, len(children)))
        if not children:
            tally.filtered += 1
            return
        tally.expanded += len(children) - 1
        last = index + 1 == len(self._verbs)
        for number, data in enumerate(children):
            child = step.child(row, data, number, stage.node.branch)
            if last:
                stage.leave(child, tally)
            else:
                tally.leave()
                await self._from(index + 1, child)
