"""What a display shows of a run at one moment: plain figures, taken from counters on a timer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from atkc.cli.rates import Rates
from atkc.cli.remaining import Coming, money_in_all, seconds_left, to_come
from atkc.compiler.plan import MapOp, Plan
from atkc.runtime.calling.outcome import Counters
from atkc.runtime.ledger import LedgerRow

CALLS, ASKED, RECORDS = "calls", "asked", "records"  # names among the rates, which no step has


class Line(Struct):
    """The sums of one written step; `waiting` is None while nobody knows what is to come."""

    name: str
    came: int = 0
    out: int = 0
    filtered: int = 0
    failed: int = 0
    calls: int = 0
    cached: int = 0
    rate: float = 0.0  # records taken in, a second
    settled: float = 0.0
    waiting: float | None = None

    @property
    def share(self) -> float | None:
        """Return which part is done, None where that is not known."""
        if self.waiting is None or self.settled + self.waiting <= 0:
            return None
        return self.settled / (self.settled + self.waiting)


class Picture(Struct, frozen=True):
    """A run at one moment. `left` and `in_all` are None where it is too early to say."""

    seconds: float
    totals: Counters
    calls_rate: float
    records_rate: float
    lines: Sequence[Line]
    done: int
    steps: int
    left: float | None = None  # seconds
    in_all: float | None = None  # money
    failures: Sequence[str] = field(default=())
    held: Sequence[str] = field(default=())  # endpoints that are held back


def written(step: str) -> str:
    """Return the name of the step as written: instances and steps of modules are one."""
    return step.partition("/")[0].partition(".")[0]


def lines(rows: Sequence[LedgerRow], verbs: Mapping[str, int] = {}) -> dict[str, Line]:
    """Return the sums by written step, of those that have something to tell.

    `verbs`: how many a map has, by node. Its verbs follow each other and have a row each: what the
    first takes in came, what the last lets out went out.
    """
    out: dict[str, Line] = {}
    for row in rows:
        node, _, verb = row.step.rpartition(".")
        many = verbs.get(node, 0)
        line = out.setdefault(written(row.step), Line(written(row.step)))
        line.came += row.came if not many or verb == "1" else 0
        line.out += row.out if not many or verb == str(many) else 0
        line.filtered += row.filtered + row.duplicate + row.not_drawn
        line.failed += row.failed
        line.calls += row.calls
        line.cached += row.cached
    return {n: x for n, x in out.items() if x.came or x.out or x.calls or x.cached or x.failed}


def verbs_of(plan: Plan) -> dict[str, int]:
    """Return the number of verbs of each map that has a row for each of them."""
    maps = ((n.id, len(n.op.actions)) for n in plan.nodes if isinstance(n.op, MapOp))
    return {name: number for name, number in maps if number > 1}


def counts(found: Mapping[str, Line], totals: Counters) -> dict[str, int]:
    """Return what rates are taken of: calls paid for, all replies, records, and those by step."""
    asked = totals.calls + totals.cached + totals.shared
    own = {f"step {name}": line.came for name, line in found.items()}
    return {CALLS: totals.calls, ASKED: asked, RECORDS: sum(own.values()), **own}


def foresee(plan: Plan, rows: Sequence[LedgerRow], found: Mapping[str, Line]) -> dict[str, Coming]:
    """Fill in what is to come of each line; return it by node."""
    coming = to_come(plan, rows)
    for node, part in coming.items():
        line = found.get(written(node))
        if line is not None:
            line.settled += part.settled
            line.waiting = (line.waiting or 0.0) + part.records
    return coming


class Painter:
    """Makes the pictures of a run; it holds samples of the last seconds and nothing by record."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rates = Rates()
        self._verbs = verbs_of(plan)

    def paint(
        self,
        seconds: float,
        rows: Sequence[LedgerRow],
        totals: Counters,
        done: int,
        *,
        foreseeable: bool,
        failures: Sequence[str] = (),
        held: Sequence[str] = (),
    ) -> Picture:
        """Return the picture; `foreseeable` once all sources are read."""
        found = lines(rows, self._verbs)
        told = counts(found, totals)
        self.rates.take(seconds, told)
        for name, line in found.items():
            line.rate = self.rates.of(f"step {name}")
        coming = foresee(self.plan, rows, found) if foreseeable else {}
        asked = told[ASKED]
        rate = self.rates.of(ASKED) or asked / max(seconds, 1e-9)
        return Picture(
            seconds,
            totals,
            self.rates.of(CALLS),
            self.rates.of(RECORDS),
            tuple(found.values()),
            done,
            len(self.plan.nodes),
            seconds_left(coming, asked, rate) if foreseeable else None,
            money_in_all(coming, totals.money, asked) if foreseeable else None,
            tuple(failures),
            tuple(held),
        )
