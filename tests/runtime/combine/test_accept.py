"""Accept: so many records in canonical order, in strata, and what is told of those that lack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.demand import FIRST, Demand
from atkc.runtime.errors import InputError
from tests.runtime.engine.gating import GatedFlow
from tests.runtime.engine.kit import FakeCaller, Ran, go, put, where

ROWS = [{"text": str(n), "n": n, "kind": "odd" if n % 2 else "even"} for n in range(200)]
PARITY = {"by": "kind", "targets": {"even": 3, "odd": 3}}


def taken(tmp_path: Path, *verbs: Any, rows: Any = ROWS, **more: Any) -> Ran:
    flow = GatedFlow().source("s", rows)
    flow.ask("a", "s")
    flow.map("m", "a", *verbs)
    flow.accept("enough", "m", **more)
    flow.export("out", "enough").export("no", "enough.rejected")
    return go(flow, tmp_path, FakeCaller(delay=1), queue=2)


def ns(ran: Ran, name: str = "out") -> list[int]:
    return [row["n"] for row in ran.rows(name)]


def shortages(ran: Ran) -> list[str]:
    return [w.message for w in ran.result.warnings if (w.kind, w.step) == ("shortage", "enough")]


def test_the_first_are_taken_and_no_more_are_asked_for(tmp_path: Path) -> None:
    ran = taken(tmp_path, where("n % 3 == 0"), count=10)
    assert ns(ran) == [3 * n for n in range(10)]
    assert 28 <= len(ran.caller.asked) <= 50
    assert ran.ledger("enough.gate").out == len(ran.caller.asked)
    assert ns(ran, "no") == [n for n in range(30, len(ran.caller.asked)) if n % 3 == 0]
    assert {row["rejected_by"] for row in ran.rows("no")} <= {"enough"}


def test_each_stratum_has_a_target_of_its_own(tmp_path: Path) -> None:
    ran = taken(tmp_path, where("n % 2 == 0 or n % 5 == 0"), **PARITY)
    assert ns(ran) == [0, 2, 4, 5, 15, 25]
    strata = ran.result.accepts[0].strata
    assert {name: told[:2] for name, told in strata.items()} == {"even": (3, 3), "odd": (3, 3)}
    assert strata["even"][2] >= 13  # of those that came by while odd ones were looked for


@pytest.mark.parametrize(
    ("fill", "found", "shortage"), [(False, [0, 1, 2, 4], 2), (True, [0, 1, 2, 4, 6, 8], 0)]
)
def test_a_short_stratum_is_filled_only_when_asked(
    tmp_path: Path, fill: bool, found: list[int], shortage: int
) -> None:
    verbs = where("kind == 'even' or n == 1")
    ran = taken(tmp_path, verbs, rows=ROWS[:40], fill=fill, **PARITY)
    assert ns(ran) == found
    told = ran.result.accepts[0]
    assert (told.shortage, told.ended) == (shortage, "exhausted")
    assert told.strata["odd"] == (3, 1, 1)
    assert ran.result.takes[0].shortage == shortage


def test_what_is_of_no_stratum_is_not_drawn(tmp_path: Path) -> None:
    ran = taken(tmp_path, put(kind="if n < 2 then 'none' else kind"), **PARITY)
    assert ns(ran) == [2, 3, 4, 5, 6, 7]
    assert ns(ran, "no")[:2] == [0, 1]


def test_the_most_candidates_end_it(tmp_path: Path) -> None:
    ran = taken(tmp_path, where("n % 4 == 0"), count=30, max_candidates=40)
    assert len(ran.caller.asked) == 40
    assert ns(ran) == [4 * n for n in range(10)]
    (warned,) = shortages(ran)
    assert warned == (
        "`enough` asks for 30 records and 10 were accepted of 40 candidates (max_candidates); "
        "lost on the way: 30 filtered at `m`"
    )


def test_short_strata_are_named(tmp_path: Path) -> None:
    ran = taken(tmp_path, where("kind == 'even'"), rows=ROWS[:20], **PARITY)
    assert "20 candidates, all that there are; short are odd: 0 of 3" in shortages(ran)[0]


@pytest.mark.parametrize(("shortage", "warnings"), [("none", 0), ("warn", 1)])
def test_a_shortage_is_told_as_asked(tmp_path: Path, shortage: str, warnings: int) -> None:
    ran = taken(tmp_path, rows=ROWS[:5], count=6, shortage=shortage)
    assert len(shortages(ran)) == warnings


def test_a_shortage_may_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        taken(tmp_path, rows=ROWS[:5], count=6, shortage="error")
    assert caught.value.diagnostic.code == "ATK750"


def test_without_gates_candidates_are_not_counted(tmp_path: Path) -> None:
    flow = GatedFlow().source("s", ROWS)
    flow.accept("enough", "s", 5)
    ran = go(flow.export("out", "enough"), tmp_path)
    assert (ns(ran), ran.result.accepts[0].candidates) == ([0, 1, 2, 3, 4], None)


def test_the_window_begins_small_and_grows_with_what_is_settled() -> None:
    demand = Demand({"": 500}, 256)
    demand.reach(())
    assert demand.limit == FIRST
    _settle(demand, 16, good=0)
    assert demand.limit == 16 + 16 + FIRST
    _settle(demand, 600, good=0)
    assert demand.limit == demand.settled + 256


def test_the_window_is_what_the_yield_so_far_would_take() -> None:
    demand = Demand({"": 100}, 256)
    demand.reach(())
    _settle(demand, 190, good=2)
    assert 0 < demand.limit - demand.settled < 12


def _settle(demand: Demand, count: int, good: int) -> None:
    """Let in and settle candidates, of which each `good`th is accepted (0: none)."""
    for _ in range(count):
        place = (demand.settled,)
        demand._pending.append(place)
        demand.admitted += 1
        if good and place[0] % good == 0:
            demand.accept("")
        demand.reach((place[0] + 1,))
