"""The benchmark itself, small: it runs to its end and each of its numbers is there."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import computed, printed

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


def test_a_median_beyond_its_bound_is_missed() -> None:
    program = """
import run
line = run.Line("x", "s", [1.0, 3.0, 2.0], 1.5)
print(run.table([line], bounds=True))
"""
    words = computed(program).splitlines()[1].split()
    assert words == ["x", "2", "1", "–", "3", "s", "1.5", "s", "MISSED"]
