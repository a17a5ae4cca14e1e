"""Neighbours by words and by chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.combine.bm25 import Bm25
from atkc.runtime.combine.nearest import best
from atkc.spec.words import words
from tests.runtime.engine.kit import Flow, go, texts

POOL = texts("the red boat", "a red boat sails", "the green hill", "boat boat boat", "far away")


def near(tmp_path: Path, query: Any, pool: Any = POOL, **options: Any) -> list[list[str]]:
    given = {"field": "text", "top": 2, "take": {"words": "text"}, "as": "near", **options}
    flow = Flow().source("q", query).source("p", pool)
    flow.combine("c", "neighbours", {"query": "q", "pool": "p"}, options=given, order="barrier")
    ran = go(flow.export("out", "c"), tmp_path)
    assert ran.ledger("c", "pool").merged == len(pool)
    return [[found["words"] for found in row["near"]] for row in ran.rows()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Die Küste, 2nd", ["die", "küste", "2nd"]),
        ("東京都は", ["東京", "京都", "都は"]),
        ("x 海", ["x", "海"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_rarer_words_count_more_and_ties_keep_the_order() -> None:
    index = Bm25(["a b", "a b", "a c", "d"])
    assert best(index.scores("a c"), 3) == [2, 0, 1]
    assert best(index.scores("none"), 3) == []
    assert best(Bm25([]).scores("a"), 3) == []
    assert best(Bm25(["", "?"]).scores("a"), 3) == []


def test_best_first_and_no_more_than_top(tmp_path: Path) -> None:
    found = near(tmp_path, texts("red boat", "hill"))
    assert found == [["the red boat", "a red boat sails"], ["the green hill"]]


def test_budget(tmp_path: Path) -> None:
    assert near(tmp_path, texts("red boat"), budget={"tokens": 6}) == [["the red boat"]]


@pytest.mark.parametrize("scorer", ["bm25", "random"])
def test_a_query_is_not_its_own_neighbour(tmp_path: Path, scorer: str) -> None:
    how = {"scorer": scorer, "top": 5}
    alone = near(tmp_path, POOL, exclude="same_identity", **how)
    assert all(row["text"] not in found for row, found in zip(POOL, alone, strict=True))
    with_self = near(tmp_path, POOL, exclude="none", **how)
    assert all(row["text"] in found for row, found in zip(POOL, with_self, strict=True))


def test_random_neighbours_are_few_distinct_and_hardly_moved_by_one_more(tmp_path: Path) -> None:
    rows = texts(*(f"t{i}" for i in range(100)))
    before = near(tmp_path, rows, rows, scorer="random", top=3)
    after = near(tmp_path, rows, [*rows, {"text": "new"}], scorer="random", top=3)
    assert all(len(set(found)) == 3 for found in before)
    assert sum(a != b for a, b in zip(before, after, strict=True)) < 25
