"""Neighbours by vectors: the nearest, what is sent, and what a missing vector leads to."""

from __future__ import annotations

import math
import random
from array import array
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.asking import Vector
from atkc.runtime.combine.cosine import Cosine
from atkc.runtime.errors import InputError
from tests.runtime.engine.kit import FakeCaller, Flow, Ran, go, texts

REFUSED = ("refused", "the text is too long")
BROKEN = ("transport", "no connection")


def packed(*numbers: float) -> bytes:
    return array("f", numbers).tobytes()


def by_number(text: str) -> Vector:
    """`3,4` has the vector (3, 4); words are refused."""
    if text in ("refused", "broken"):
        return REFUSED if text == "refused" else BROKEN
    return packed(*map(float, text.split(",")))


def ran(tmp_path: Path, queries: Any, pool: Any, **options: Any) -> Ran:
    given = {"field": "text", "top": 2, "take": {"t": "text"}, "as": "near"}
    given |= {"scorer": "embeddings", **options}
    flow = Flow().source("q", queries).source("p", pool)
    flow.combine("c", "neighbours", {"query": "q", "pool": "p"}, options=given, model="m")
    return go(flow.export("out", "c"), tmp_path, FakeCaller(vector=by_number))


def near(run: Ran) -> list[list[str]]:
    return [[found["t"] for found in row["near"]] for row in run.rows()]


def test_the_nearest_point_the_same_way_whatever_their_length(tmp_path: Path) -> None:
    pool = texts("0,5", "9,1", "1,1", "-1,0", "100,100")
    run = ran(tmp_path, texts("2,0", "3,3"), pool)
    assert near(run) == [["9,1", "1,1"], ["1,1", "100,100"]]
    assert near(ran(tmp_path, texts("1,0"), pool, top=9)) == [["9,1", "1,1", "100,100"]]


def test_blank_texts_are_not_sent_and_texts_are_sent_once(tmp_path: Path) -> None:
    run = ran(tmp_path, texts("1,0", " ", "1,0"), texts("", "2,0", "2,0", "\n", "0,0"))
    assert [ask.texts for ask in run.caller.embedded] == [("2,0", "0,0"), ("1,0",)]
    assert near(run) == [["2,0", "2,0"], [], ["2,0", "2,0"]]
    assert (run.ledger("c", "query").calls, run.ledger("c", "query").out) == (2, 3)


def test_a_request_holds_64_texts(tmp_path: Path) -> None:
    pool = texts(*(f"1,{i}" for i in range(150)))
    run = ran(tmp_path, texts(*(f"2,{i}" for i in range(65))), pool)
    sizes = [len(ask.texts) for ask in run.caller.embedded]
    assert sizes[:3] == [64, 64, 22]
    assert max(sizes) == 64
    assert sum(sizes) == 150 + 65


def test_a_refused_text_of_the_pool_is_nobodys_neighbour(tmp_path: Path) -> None:
    run = ran(tmp_path, texts("1,0"), texts("refused", "1,1", "refused"))
    assert near(run) == [["1,1"]]
    (warning,) = run.result.warnings
    assert warning.kind == "not-embedded"
    assert warning.message == "2 texts of the pool have no vector: the text is too long"


def test_a_query_without_a_vector_fails_alone(tmp_path: Path) -> None:
    run = ran(tmp_path, texts("1,0", "refused", "0,1", "broken"), texts("1,1"))
    assert near(run) == [["1,1"], ["1,1"]]
    failures = [(row["text"], row["failure"]["kind"]) for row in run.failed("c")]
    assert sorted(failures) == [("broken", "transport"), ("refused", "refused")]


def test_while_a_part_of_the_pool_is_missing_nobody_knows_who_is_near(tmp_path: Path) -> None:
    run = ran(tmp_path, texts("1,0", "0,1"), texts("1,1", "broken"))
    assert near(run) == []
    told = {row["failure"]["message"] for row in run.failed("c")}
    assert told == {"the pool cannot be embedded: no connection"}


@pytest.mark.parametrize(
    ("queries", "pool", "said"),
    [
        (["1,0"], ["refused"], "the model `m` embeds nothing: the text is too long"),
        (["1,0"], ["1,0,0", "1,0"], "vectors of 2 and 3 numbers"),
        (["1,0"], ["1,0,0"], "vectors of 2 and 3 numbers"),
    ],
)
def test_a_model_that_cannot_serve_ends_the_run(
    tmp_path: Path, queries: list[str], pool: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said) as raised:
        ran(tmp_path, texts(*queries), texts(*pool))
    assert raised.value.diagnostic.code == "ATK703"


def test_an_empty_pool_and_no_queries(tmp_path: Path) -> None:
    assert near(ran(tmp_path, texts("1,0"), [])) == [[]]
    assert near(ran(tmp_path, [], texts("1,0"))) == []


def exact(pool: list[list[float]], query: list[float], top: int) -> list[int]:
    def cosine(other: list[float]) -> float:
        product = math.fsum(a * b for a, b in zip(other, query, strict=True))
        return round(product / (math.hypot(*other) * math.hypot(*query)), 12)

    return sorted(range(len(pool)), key=lambda i: (-cosine(pool[i]), i))[:top]


def test_ranks_are_exact_and_do_not_depend_on_who_is_asked_with_whom() -> None:
    """Near-equal vectors: what one product for all queries cannot tell apart."""
    rng = random.Random(4)
    base = [rng.uniform(-1, 1) for _ in range(96)]
    pool = [
        list(array("f", [x + rng.choice((0, 1e-6, 1e-4)) * rng.random() for x in base]))
        for _ in range(400)
    ]
    queries = [list(array("f", [x + rng.random() * 1e-3 for x in base])) for _ in range(16)]
    index = Cosine([packed(*row) for row in pool])
    asked = [packed(*query) for query in queries]
    together = index.ranked(asked, 5, [[]] * len(asked))
    assert together == [exact(pool, query, 5) for query in queries]
    assert [index.ranked([one], 5, [[]])[0] for one in asked] == together
