"""The benchmarks of a million records and of small edits, small: each of their numbers is there."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import printed


@pytest.fixture(scope="module")
def million() -> str:
    return printed("million.py", "--quick")


@pytest.fixture(scope="module")
def increments() -> dict[str, list[str]]:
    lines = printed("increments.py", "--quick").splitlines()
    return {line[:40].strip(): line[40:].split() for line in lines}


@pytest.mark.parametrize(
    "name",
    [
        "`atkc run`, four steps: wall",
        "records a second",
        "peak memory",
        "a record more",
        "by hand: wall",
        "`atkc run`, against by hand",
    ],
)
def test_a_million_has_the_line(million: str, name: str) -> None:
    assert f"{name} " in million


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("all rows: calls", 40),
        ("one row appended: calls", 1),
        ("parser edited: calls", 0),
        ("unread field added upstream: calls", 0),
    ],
)
def test_an_edit_costs_its_calls(increments: dict[str, list[str]], name: str, calls: int) -> None:
    assert float(increments[name][0]) == calls
