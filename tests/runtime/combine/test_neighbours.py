"""Neighbours by words and by chance."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.combine.bm25 import Bm25
from atkc.runtime.combine.nearest import best
from atkc.spec.words import words
from tests.runtime.engine.kit import FakeCaller, Flow, go, texts

POOL = texts("the red boat", "a red boat sails", "the green hill", "boat boat boat", "far away")


def near(tmp_path: Path, query: Any, pool: Any = POOL, **options: Any) -> list[list[str]]:
    given = {"field": "text", "top": 2, "take": {"words": "text"}, "as": "near", **options}
    flow = Flow().source("q", query).source("p", pool)
    caller = given.pop("caller", FakeCaller(vector=letters))
    more = {"branch": given.pop("branch", ""), "model": "m", "order": "barrier"}
    flow.combine("c", "neighbours", {"query": "q", "pool": "p"}, options=given, **more)
    ran = go(flow.export("out", "c"), tmp_path, caller)
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


def letters(text: str) -> bytes:
    """A vector of how often the first letters of the alphabet occur."""
    return array("f", [text.count(letter) for letter in "abcdefghijklmnopqrst"]).tobytes()


@pytest.mark.parametrize("scorer", ["bm25", "random", "embeddings"])
def test_a_query_is_not_its_own_neighbour(tmp_path: Path, scorer: str) -> None:
    how = {"scorer": scorer, "top": 5}
    alone = near(tmp_path, POOL, exclude="same_identity", **how)
    assert all(row["text"] not in found for row, found in zip(POOL, alone, strict=True))
    with_self = near(tmp_path, POOL, exclude="none", **how)
    assert all(row["text"] in found for row, found in zip(POOL, with_self, strict=True))


@pytest.mark.parametrize("scorer", ["bm25", "random", "embeddings"])
@pytest.mark.parametrize("length", [1, 40, 4000])
def test_exclusion_leaves_the_best_of_the_others_however_long_texts_are(
    tmp_path: Path, scorer: str, length: int
) -> None:
    """Thirty records of one document, more than `top`: the next best come from another one."""
    rows = [{"text": f"boat {'sea ' * length}{i}", "source": "a"} for i in range(30)]
    rows += [{"text": f"boat {i}", "source": "b"} for i in range(3)]
    found = near(tmp_path, rows, rows, scorer=scorer, top=3, exclude={"field": "source"})
    assert [sorted(some) for some in found[:30]] == [["boat 0", "boat 1", "boat 2"]] * 30
    assert all(text.startswith("boat sea") for some in found[30:] for text in some)


def test_a_null_keeps_only_the_record_itself_away(tmp_path: Path) -> None:
    rows = [{"text": "boat", "source": None}, {"text": "red boat", "source": None}]
    found = near(tmp_path, rows, rows, exclude={"field": "source"})
    assert found == [["red boat"], ["boat"]]


def test_values_of_other_kinds_are_other_documents(tmp_path: Path) -> None:
    rows = [{"text": f"boat {i}", "n": value} for i, value in enumerate([1, 1.0, "1", True, 1])]
    found = near(tmp_path, rows, rows, exclude={"field": "n"}, top=9)
    assert [len(some) for some in found] == [3, 4, 4, 4, 3]


def test_a_record_that_a_branch_renamed_still_knows_itself(tmp_path: Path) -> None:
    found = near(tmp_path, POOL, top=5, exclude="same_identity", branch="way=1")
    assert all(row["text"] not in some for row, some in zip(POOL, found, strict=True))


def test_scripts_without_spaces_are_found_by_pairs(tmp_path: Path) -> None:
    pool = texts("京都の寺は古い。", "大阪の港は広い。", "東京都の港湾局", "A port.")
    found = near(tmp_path, texts("東京都の港", "寺"), pool, top=3)
    assert found == [["東京都の港湾局", "京都の寺は古い。", "大阪の港は広い。"], []]


@pytest.mark.parametrize("scorer", ["bm25", "embeddings"])
def test_ties_keep_the_order_of_the_pool_and_arrival_changes_nothing(
    tmp_path: Path, scorer: str
) -> None:
    pool = texts(*(f"same words {'x' * (i % 3)}" for i in range(50)))
    queries = texts(*(f"words {i}" for i in range(300)))
    how = {"scorer": scorer, "top": 7, "exclude": "none"}
    calm = near(tmp_path, queries, pool, **how)
    assert near(tmp_path, queries, pool, caller=FakeCaller(delay=5, vector=letters), **how) == calm
    # `x` is a word that makes a text longer, and no letter that counts
    first = ["same words "] * 7 if scorer == "bm25" else [row["text"] for row in pool[:7]]
    assert calm == [first] * 300


def test_random_neighbours_are_few_distinct_and_hardly_moved_by_one_more(tmp_path: Path) -> None:
    rows = texts(*(f"t{i}" for i in range(100)))
    before = near(tmp_path, rows, rows, scorer="random", top=3)
    after = near(tmp_path, rows, [*rows, {"text": "new"}], scorer="random", top=3)
    assert all(len(set(found)) == 3 for found in before)
    assert sum(a != b for a, b in zip(before, after, strict=True)) < 25
