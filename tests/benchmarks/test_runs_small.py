"""The benchmark itself, small: it runs to its end and each of its numbers is there."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import printed

LINES = (
    "two steps, by hand: wall",
    "two steps, `atkc run`: wall",
    "against by hand",
    "CPU per call",
    "peak memory",
    "again from the cache: wall",
    "`atkc lint recipes/factual.yaml`: wall",
    "`atkc --version`: wall",
)


@pytest.fixture(scope="module")
def table() -> str:
    return printed("run.py", "--quick")


def test_says_what_it_measured(table: str) -> None:
    assert table.startswith("40 records, 80 calls, 5 ms each, 100 in flight: bound 0.004 s")


@pytest.mark.parametrize("name", LINES)
def test_has_the_line(table: str, name: str) -> None:
    assert f"{name} " in table
