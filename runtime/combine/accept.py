"""Accept: the first records of each stratum in canonical order, until there are enough."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.lacking import tell
from atkc.runtime.demand import Demand
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.reorder import Reorderer
from atkc.runtime.stage import Run, Stage
from atkc.runtime.tokens import Row, Token


def demand_of(run: Run, step: str) -> Demand:
    """Return what an `accept` step asks for; it and its gates share one."""
    demand = run.demands.get(step)
    if demand is None:
        op = next(node.op for node in run.plan.nodes if node.id == step)
        assert isinstance(op, CombineOp)
        how = op.options
        begins = tuple(how.get("begins", ()))
        demand = Demand(how["targets"], how["ahead"], how.get("max_candidates"), begins)
        run.demands[step] = demand
    return demand


async def run(stage: Stage, op: CombineOp) -> None:
    """Let the accepted rows through; what is beyond the targets is told as not drawn."""
    demand = demand_of(stage.run, stage.node.id)
    accepting = _Accepting(stage, op, demand)
    async for token in _in_order(stage, demand):
        if isinstance(token, Row):
            accepting.settle(token)
        else:
            stage.forward(token)
        await stage.ports.room()
    await accepting.end()
    tell(stage, op, demand, accepting.records)


async def _in_order(stage: Stage, demand: Demand) -> AsyncIterator[Token]:
    """Iterate in canonical order; the demand hears of a place before its token is looked at."""
    order = Reorderer(stage.shelf())
    demand.reach(())
    async for batch in stage.batches():
        for token in batch:
            for ready in order.push((token,)):
                demand.reach(ready.ordinal)
                yield ready
            demand.reach(order.awaited)
    order.finish()


class _Accepting:
    """Settles rows; with `fill` those beyond a stratum's target wait for what others lack."""

    def __init__(self, stage: Stage, op: CombineOp, demand: Demand) -> None:
        self._stage = stage
        self._demand = demand
        self._stratum = _stratum(stage, op)
        self._fill: bool = op.options.get("fill", False)
        self._shelf = stage.shelf()
        self._spare: list[tuple[str, int]] = []
        self.records: dict[str, int] = dict.fromkeys(demand.targets, 0)

    def settle(self, row: Row) -> None:
        stage = self._stage
        try:
            name = self._stratum(row)
        except RecordError as error:
            stage.fail(row, error, stage.tally)
            return
        if self._demand.accept(name):
            self._take(row, name)
        elif self._fill and name in self.records and len(self._spare) < self._lacking():
            self._spare.append((name, self._shelf.put(row)))
        else:
            self._leave_out(row)

    async def end(self) -> None:
        """Let spare rows, the first in canonical order, take the places that strata left open."""
        lacking = self._lacking()
        for place, (name, number) in enumerate(self._spare):
            row = self._shelf.take(number)
            if place < lacking:
                self._take(row, name)
            else:
                self._leave_out(row)
            await self._stage.ports.room()

    def _lacking(self) -> int:
        return sum(self._demand.targets.values()) - sum(self.records.values())

    def _take(self, row: Row, name: str) -> None:
        self.records[name] += 1
        self._stage.leave(self._stage.enter(row), self._stage.tally)

    def _leave_out(self, row: Row) -> None:
        stage = self._stage
        stage.tally.not_drawn += 1
        stage.tally.aside("rejected")
        data = {**row.data, "rejected_by": stage.node.id}
        stage.ports.row("rejected", Row(row.ordinal, row.identity, data, row.trail))


def _stratum(stage: Stage, op: CombineOp) -> Callable[[Row], str]:
    if "by" not in op.expressions:
        return lambda _: ""
    value = formula(op.expressions["by"], stage.run.bodies)

    def named(row: Row) -> str:
        found = value(row.data, stage.env(row.identity))
        return str(found).lower() if isinstance(found, bool) else str(found)

    return named
