"""The benchmark of near-duplicates, small: it finds what was planted and prints each number."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    """The words after each line's name."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / "near_dedupe.py"), "--quick"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {line[:40].strip(): line[40:].split() for line in done.stdout.splitlines()}


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
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER, capture_output=True, text=True, check=True
    )
    alike, unlike, similarity = done.stdout.split()
    assert int(alike) > 50
    assert int(unlike) > 20
    assert float(similarity) == 0.6
