"""The benchmark of near-duplicates, small: it finds what was planted and prints each number."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import computed, printed


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    """The words after each line's name."""
    lines = printed("near_dedupe.py", "--quick").splitlines()
    return {line[:40].strip(): line[40:].split() for line in lines}


@pytest.mark.parametrize(
    "name",
    ["dedupe with `near`: wall", "questions a second", "against dedupe by equality", "peak memory"],
)
def test_has_the_line(rows: dict[str, list[str]], name: str) -> None:
    assert float(rows[name][0]) > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recall", 100),
        ("planted and missed", 0),
        ("precision", 100),
        ("rejected though not planted", 0),
    ],
)
def test_what_was_planted_is_found(rows: dict[str, list[str]], name: str, value: float) -> None:
    assert float(rows[name][0]) == value
    assert float(rows["copies planted"][0]) > 300


def test_copies_are_on_both_sides_of_the_threshold() -> None:
    program = """
from questions import questions, similarity
made = questions(500)
print(sum(p.copies for p in made), sum(p.kind != "new" and not p.copies for p in made))
print(similarity("a b c d e f", "A b, c d e x"))
"""
    alike, unlike, similarity = computed(program).split()
    assert int(alike) > 50
    assert int(unlike) > 20
    assert float(similarity) == 0.6
