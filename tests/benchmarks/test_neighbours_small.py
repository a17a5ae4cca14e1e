"""The benchmark of neighbours, small: it runs to its end and each of its numbers is there."""

from __future__ import annotations

from tests.benchmarks.kit import printed

NAMES = ["words, index", "words, all queries", "words, by hand", "times as fast"]
NAMES += ["vectors, all queries", "vectors, by hand", "times as fast"]


def test_says_what_it_measured() -> None:
    first, *lines = printed("neighbours.py", "--texts", "60").splitlines()
    assert first == "60 texts, each a query, the best 3 of the others; CPU seconds"
    assert [line[:27].rstrip() for line in lines] == NAMES
    assert all(float(line[27:].split()[0]) >= 0 for line in lines)
