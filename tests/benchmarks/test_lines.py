"""The table of a benchmark, and its exit code."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import computed

PROGRAM = "import lines; print(lines.ended([lines.Line('x', 's', [1.0, 3.0, 2.0], {})], bounds={}))"


@pytest.mark.parametrize(
    ("bound", "counts", "told", "code"),
    [
        ("most=1.5", True, ["≤", "1.5", "s", "MISSED"], 1),
        ("most=2", True, ["≤", "2", "s", "held"], 0),
        ("least=3", True, ["≥", "3", "s", "MISSED"], 1),
        ("least=2", True, ["≥", "2", "s", "held"], 0),
        ("most=None", True, [], 0),
        ("most=1.5", False, [], 0),
    ],
)
def test_a_median_beyond_its_bound_is_missed(
    bound: str, counts: bool, told: list[str], code: int
) -> None:
    head, row, ended = computed(PROGRAM.format(bound, counts)).splitlines()
    assert head.split()[-1] == ("bound" if counts else "max")
    assert row.split() == ["x", "2", "1", "–", "3", "s", *told]
    assert int(ended) == code
