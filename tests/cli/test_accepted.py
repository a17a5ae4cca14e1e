"""What a run says of accepted records."""

from __future__ import annotations

from typing import Any

from atkc.cli.accepted import accepted
from atkc.runtime.ledger import Accepted


def told(**more: Any) -> Accepted:
    given = {"accepted": 50, "shortage": 0, "candidates": 104, "strata": {}, **more}
    return Accepted(step="enough", target=50, max_candidates=None, ended="met", lost=(), **given)


def test_nothing_is_said_where_nothing_accepts() -> None:
    assert accepted(()) == ""


def test_a_step_has_a_line_and_so_has_each_stratum() -> None:
    short = told(accepted=40, shortage=10, strata={"easy": (25, 25, 70), "hard": (25, 15, 15)})
    assert accepted([told(), short, told(candidates=None)]).splitlines() == [
        "accepted  target  accepted  short  candidates",
        "enough        50        50      0         104",
        "enough        50        40     10         104",
        "  easy        25        25      0",
        "  hard        25        15     10",
        "enough        50        50      0         all",
    ]
