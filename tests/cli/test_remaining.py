"""What is still to come: records, calls, time and money, carried on as they went so far."""

from __future__ import annotations

import pytest

from atkc.cli.picture import Painter
from atkc.cli.rates import Rates
from atkc.cli.remaining import about, money_in_all, seconds_left, to_come
from atkc.compiler.front import compile_file
from atkc.compiler.plan import Plan
from atkc.runtime.calling.outcome import Counters
from atkc.runtime.ledger import LedgerRow
from atkc.stdlib.library import library
from tests.e2e.kit import make_project


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    project = make_project(tmp_path_factory.mktemp("plan"))
    found = compile_file(str(project.folder / "spec.yaml"), library()).plan
    assert found is not None
    return found


def row(step: str, came: int, out: int, **more: object) -> LedgerRow:
    told: dict[str, object] = {"ports": (("main", out),), **more}
    return LedgerRow(step, "", came, out, 0, 0, 0, 0, 0, 0, 0, **told)  # type: ignore[arg-type]


ROWS = (
    row("documents", 3, 3),
    row("chunks.1", 3, 110),
    row("chunks.2", 110, 100),
    row("worthwhile", 100, 40, calls=80, money=8.0),  # 60 are inside: 2 calls, $0.20 each
    row("pairs", 40, 20, calls=20, money=1.0),  # 20 inside, and 60 are to come
)


def test_each_step_goes_on_as_it_did(plan: Plan) -> None:
    coming = to_come(plan, ROWS)
    assert (coming["worthwhile"].records, coming["worthwhile"].calls) == (60, 120)
    assert (coming["pairs"].records, coming["pairs"].calls) == (80, 80)
    assert coming["worthwhile"].money == pytest.approx(12.0)
    assert coming["pairs"].money == pytest.approx(4.0)


def test_a_step_that_settled_nothing_asks_once_at_the_price_of_the_others(plan: Plan) -> None:
    coming = to_come(plan, ROWS[:4])
    assert (coming["pairs"].calls, coming["pairs"].money) == (100, None)
    assert money_in_all(coming, 8.0, 80) == pytest.approx(8.0 + 12.0 + 100 * 0.1)


@pytest.mark.parametrize(
    ("asked", "rate", "left"), [(19, 10.0, None), (20, 0.0, None), (20, 10.0, 20.0)]
)
def test_time_is_told_once_enough_is_known(
    plan: Plan, asked: int, rate: float, left: float | None
) -> None:
    assert seconds_left(to_come(plan, ROWS), asked, rate) == left


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (5.2, "about 5 s left"),
        (600, "about 10 min left"),
        (9000, "about 2.5 h left"),
    ],
)
def test_time_in_words(seconds: float | None, text: str) -> None:
    assert about(seconds) == text


def test_nothing_is_foreseen_for_a_run_that_costs_nothing(plan: Plan) -> None:
    assert money_in_all(to_come(plan, ROWS), 0.0, 100) is None


def test_rates_look_back_over_the_last_seconds_only() -> None:
    rates = Rates(window=10.0)
    assert rates.of("calls") == 0.0
    for second in range(101):
        rates.take(float(second), {"calls": 5 * min(second, 50)})
        if second == 50:
            assert rates.of("calls") == 5.0
    assert rates.of("calls") == 0.0
    assert rates.of("unknown") == 0.0
    assert len(rates._samples) <= 12


def test_a_picture_foresees_only_when_all_sources_are_read(plan: Plan) -> None:
    totals = Counters(calls=100, money=9.0)
    early = Painter(plan).paint(10.0, ROWS, totals, 0, foreseeable=False)
    assert (early.left, early.in_all) == (None, None)
    assert all(line.waiting is None for line in early.lines)
    late = Painter(plan).paint(10.0, ROWS, totals, 0, foreseeable=True)
    assert late.left == pytest.approx(200 / (100 / 10.0))
    assert late.in_all == pytest.approx(9.0 + 12.0 + 4.0)
    shares = {line.name: line.share for line in late.lines}
    assert shares == {"documents": 1.0, "chunks": 1.0, "worthwhile": 0.4, "pairs": 0.2}
    (chunks,) = (line for line in late.lines if line.name == "chunks")
    assert (chunks.came, chunks.out) == (3, 100)  # of a map: into its first verb, out of its last
