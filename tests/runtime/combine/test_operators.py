"""Each operator of `combine`, by small examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.errors import InputError
from tests.runtime.engine.kit import Flow, Ran, apply, go, put, texts, where

NUMBERS = [{"n": n, "kind": "odd" if n % 2 else "even"} for n in range(10)]


def one(tmp_path: Path, operator: str, rows: Any = NUMBERS, **more: Any) -> Ran:
    flow = Flow().source("s", rows).combine("c", operator, "s", **more)
    return go(flow.export("out", "c").export("no", "c.rejected"), tmp_path, queue=2)


def test_group_by_fields(tmp_path: Path) -> None:
    options = {"by": ["kind"], "keep": ["n"]}
    ran = one(tmp_path, "group", options=options, expressions={"collect.all": "n"})
    assert ran.rows() == [
        {"kind": "even", "n": 0, "all": [0, 2, 4, 6, 8]},
        {"kind": "odd", "n": 1, "all": [1, 3, 5, 7, 9]},
    ]
    assert ran.ledger("c").merged == 8


@pytest.mark.parametrize(
    ("incomplete", "out", "rejected", "failed"),
    [("keep", 2, 0, 0), ("reject", 1, 1, 0), ("fail", 1, 0, 1)],
)
def test_group_by_origin_with_a_failed_member(
    tmp_path: Path, incomplete: str, out: int, rejected: int, failed: int
) -> None:
    flow = Flow().source("s", texts("a b", "c bad")).map("p", "s", apply("split"))
    flow.map("f", "p", put(text="part"), apply("fussy", word="bad"))
    options = {"depth": 1, "incomplete": incomplete}
    flow.combine("c", "group", "f", options=options, expressions={"collect.m": "part"})
    ran = go(flow.export("out", "c").export("no", "c.rejected"), tmp_path)
    assert len(ran.rows()) == out
    assert [row["m"] for row in ran.rows("no")] == [["c"]] * rejected
    assert [row["failure"]["kind"] for row in ran.failed("c")] == ["incomplete"] * failed
    assert len(ran.failed("f")) == 1


def test_a_filtered_member_is_no_hole(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a b", "b")).map("p", "s", apply("split"))
    flow.map("f", "p", where("part != 'b'"))
    options = {"depth": 1, "incomplete": "fail"}
    flow.combine("c", "group", "f", options=options, expressions={"collect.m": "part"})
    assert go(flow.export("out", "c"), tmp_path).rows() == [{"m": ["a"]}]


def test_batch_in_canonical_order(tmp_path: Path) -> None:
    options = {"size": 2, "order": "canonical", "within": ["kind"], "as": "parts"}
    ran = one(tmp_path, "batch", options=options, order="ordered")
    found = [(row["kind"], [part["n"] for part in row["parts"]]) for row in ran.rows()]
    assert found == [
        ("even", [0, 2]),
        ("odd", [1, 3]),
        ("even", [4, 6]),
        ("odd", [5, 7]),
        ("even", [8]),
        ("odd", [9]),
    ]


def test_batch_by_weight(tmp_path: Path) -> None:
    options = {"target": 10, "as": "parts"}
    ran = one(tmp_path, "batch", options=options, expressions={"weight": "n"}, order="ordered")
    sums = [sum(part["n"] for part in row["parts"]) for row in ran.rows()]
    assert sums == [10, 11, 15, 9]


def batches(tmp_path: Path, rows: Any, **options: Any) -> list[tuple[int, ...]]:
    options = {"order": "hashed", "as": "parts", **options}
    ran = one(tmp_path, "batch", rows, options=options)
    return [tuple(part["n"] for part in row["parts"]) for row in ran.rows()]


@pytest.mark.parametrize("how", [{"size": 3}, {"target": {"uniform": [1, 6]}}], ids=str)
def test_one_more_record_changes_its_own_run_alone(tmp_path: Path, how: dict[str, Any]) -> None:
    rows = [{"n": n} for n in range(600)]
    before = batches(tmp_path, rows, **how)
    assert sorted(n for group in before for n in group) == list(range(600))
    for extra in range(1000, 1008):
        after = batches(tmp_path, [{"n": extra}, *rows], **how)
        changed = set(after) - set(before)
        # By size a run has 12 records in the mean, by weight 64.
        assert sum(map(len, changed)) < (100 if "size" in how else 400)
    if "size" in how:
        assert max(map(len, before)) == 3
    else:
        assert {len(group) for group in before} >= {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"by": ["text"]}, ["a", " a", "A", "b"]),
        ({"by": ["text"], "normalise": "whitespace"}, ["a", "A", "b"]),
        ({"by": ["text"], "normalise": "casefold"}, ["a", "b"]),
    ],
    ids=str,
)
def test_dedupe_keeps_the_first(tmp_path: Path, options: Any, kept: list[str]) -> None:
    rows = texts("a", " a", "A", "b", "a")
    ran = one(tmp_path, "dedupe", rows, options=options, order="ordered")
    assert [row["text"] for row in ran.rows()] == kept
    assert ran.ledger("c").duplicate == 5 - len(kept)
    assert {row["rejected_by"] for row in ran.rows("no")} == {"c"}
    assert all(len(row["duplicate_of"]) == 32 for row in ran.rows("no"))


def test_take_first(tmp_path: Path) -> None:
    ran = one(tmp_path, "take", options={"first": 3}, order="ordered")
    assert [row["n"] for row in ran.rows()] == [0, 1, 2]
    assert ran.ledger("c").not_drawn == 7
    assert [row["n"] for row in ran.rows("no")] == list(range(3, 10))
    assert {row["rejected_by"] for row in ran.rows("no")} == {"c"}


@pytest.mark.parametrize("order", [1, -1])
def test_take_hashed_is_stable_and_in_canonical_order(tmp_path: Path, order: int) -> None:
    few = one(tmp_path, "take", NUMBERS[::order], options={"hashed": 4}).rows()
    more = one(tmp_path, "take", NUMBERS[::order], options={"hashed": 5}).rows()
    assert len(few) == 4
    assert [row for row in more if row in few] == few
    assert few == [row for row in NUMBERS[::order] if row in few]


def test_take_hashed_null_takes_all(tmp_path: Path) -> None:
    assert one(tmp_path, "take", options={"hashed": None}).rows() == NUMBERS


def test_take_share(tmp_path: Path) -> None:
    rows = [{"n": n} for n in range(400)]
    found = one(tmp_path, "take", rows, options={"share": 0.25}).rows()
    assert 70 < len(found) < 130


def test_take_tokens_stops_before_the_budget_is_crossed(tmp_path: Path) -> None:
    expressions = {"tokens": "size.n * 5.99 / 2", "weigh": "n"}
    flow = Flow().source("s", [{"n": 7} for _ in range(10)])
    flow.source("domain", [{"n": 10}])
    edges = {"in": "s", "domain": "domain"}
    sides = {"size": "domain"}
    flow.combine("c", "take", edges, expressions=expressions, sides=sides)
    ran = go(flow.export("out", "c"), tmp_path)
    assert len(ran.rows()) == 4  # floor(29.95) = 29: four times 7, the fifth would cross
    assert ran.ledger("c", "in").not_drawn == 6
    assert ran.ledger("c", "domain").merged == 1


@pytest.mark.parametrize("options", [{"first": 11}, {"hashed": 11}], ids=str)
def test_shortage(tmp_path: Path, options: dict[str, Any]) -> None:
    def run(shortage: str) -> list[str]:
        ran = one(tmp_path, "take", options={**options, "shortage": shortage})
        return [warning.kind for warning in ran.result.warnings if warning.step == "c"]

    assert run("none") == []
    assert run("warn") == ["shortage"]
    with pytest.raises(InputError) as caught:
        run("error")
    assert caught.value.diagnostic.code == "ATK606"


@pytest.mark.parametrize(
    ("options", "expressions", "expected"),
    [
        ({"first": 4}, {}, ("records", 4, 4, 0, 4)),
        ({"first": 11}, {}, ("records", 11, 10, 1, 10)),
        ({"hashed": 11}, {}, ("records", 11, 10, 1, 10)),
        # each of the ten weighs 3: the next one would not fit, which is no shortage
        ({}, {"tokens": "11", "weigh": "3"}, ("tokens", 11, 9, 0, 3)),
        ({}, {"tokens": "30", "weigh": "3"}, ("tokens", 30, 30, 0, 10)),
        ({}, {"tokens": "50", "weigh": "3"}, ("tokens", 50, 30, 20, 10)),
    ],
    ids=str,
)
def test_what_was_to_be_taken_and_what_was(
    tmp_path: Path, options: dict[str, Any], expressions: dict[str, str], expected: Any
) -> None:
    ran = one(tmp_path, "take", options=options, expressions=expressions)
    (taken,) = ran.result.takes
    assert (taken.unit, taken.target, taken.actual, taken.shortage, taken.records) == expected


@pytest.mark.parametrize("options", [{"share": 0.5}, {"hashed": None}], ids=str)
def test_a_take_without_a_number_has_no_target(tmp_path: Path, options: dict[str, Any]) -> None:
    assert one(tmp_path, "take", options=options).result.takes == ()


def test_a_side_has_one_record(tmp_path: Path) -> None:
    flow = Flow().source("s", NUMBERS).source("d", NUMBERS)
    expressions = {"tokens": "d.n", "weigh": "n"}
    flow.combine("c", "take", {"in": "s", "d": "d"}, expressions=expressions, sides={"d": "d"})
    with pytest.raises(InputError):
        go(flow.export("out", "c"), tmp_path)


def test_split_keeps_equal_keys_together(tmp_path: Path) -> None:
    rows = [{"doc": n // 5, "n": n} for n in range(500)]
    flow = Flow().source("s", rows)
    into = {"train": 0.8, "test": 0.1}
    flow.combine("c", "split", "s", options={"into": into}, expressions={"by": "doc"})
    ran = go(flow.export("a", "c.train").export("b", "c.test"), tmp_path)
    train, test = ({row["doc"] for row in ran.rows(name)} for name in "ab")
    assert not train & test
    assert 60 < len(train) < 95
    assert ran.ledger("c").not_drawn == 500 - 5 * len(train | test)


@pytest.mark.parametrize(("rows", "told"), [(NUMBERS, (10, 45)), ([], (0, 0))])
def test_measure(tmp_path: Path, rows: Any, told: tuple[int, int]) -> None:
    options = {"kinds": {"records": "count", "sum": "sum"}}
    ran = one(tmp_path, "measure", rows, options=options, expressions={"sum": "n"})
    assert ran.rows() == [{"records": told[0], "sum": told[1]}]


def test_measure_of_nothing_with_a_side(tmp_path: Path) -> None:
    flow = Flow().source("d", texts("x"))
    more = {"options": {"kinds": {"n": "count"}}, "sides": {"d": "side.d"}}
    flow.combine("c", "measure", {"side.d": "d"}, **more)
    assert go(flow.export("out", "c"), tmp_path).rows() == [{"n": 0}]


def test_shuffle_is_seeded_and_stable(tmp_path: Path) -> None:
    rows = [{"n": n} for n in range(50)]
    once = one(tmp_path, "shuffle", rows).rows()
    more = one(tmp_path, "shuffle", [{"n": 99}, *rows]).rows()
    assert once != rows
    assert sorted(row["n"] for row in once) == list(range(50))
    assert [row for row in more if row["n"] != 99] == once


@pytest.mark.parametrize(
    ("by", "descending", "order"),
    [
        (["n"], [], [1, 1, 2, 3, None]),
        (["n"], [True], [3, 2, 1, 1, None]),
    ],
)
def test_sort(tmp_path: Path, by: list[str], descending: list[bool], order: list[Any]) -> None:
    rows = [{"n": n, "at": at} for at, n in enumerate((None, 3, 1, 2, 1))]
    expressions = {f"by.{i}": name for i, name in enumerate(by)}
    ran = one(tmp_path, "sort", rows, expressions=expressions, options={"descending": descending})
    assert [row["n"] for row in ran.rows()] == order
    assert [row["at"] for row in ran.rows() if row["n"] == 1] == [2, 4]


def test_sort_by_two_keys(tmp_path: Path) -> None:
    expressions = {"by.0": "kind", "by.1": "n"}
    options = {"descending": [False, True]}
    ran = one(tmp_path, "sort", expressions=expressions, options=options)
    assert [row["n"] for row in ran.rows()] == [8, 6, 4, 2, 0, 9, 7, 5, 3, 1]


@pytest.mark.parametrize(
    ("missing", "out", "rejected", "failed"),
    [("reject", 5, 5, 0), ("null", 10, 0, 0), ("fail", 5, 0, 5)],
)
def test_join(tmp_path: Path, missing: str, out: int, rejected: int, failed: int) -> None:
    right = [{"kind": "odd", "word": "strange"}, {"kind": "odd", "word": "again"}]
    flow = Flow().source("l", NUMBERS).source("r", right)
    options = {"by": ["kind"], "take": {"called": "word"}, "missing": missing}
    flow.combine("c", "join", {"left": "l", "right": "r"}, options=options)
    ran = go(flow.export("out", "c").export("no", "c.rejected"), tmp_path)
    assert (len(ran.rows()), len(ran.rows("no")), len(ran.failed("c"))) == (out, rejected, failed)
    assert {row["called"] for row in ran.rows() if row["kind"] == "odd"} == {"strange"}
    assert ran.ledger("c", "right").duplicate == 1


def test_zip(tmp_path: Path) -> None:
    flow = Flow().source("a", NUMBERS).source("b", texts("x", "y"))
    flow.combine("c", "zip", {"a": "a", "b": "b"})
    ran = go(flow.export("out", "c"), tmp_path)
    assert ran.rows() == [{**NUMBERS[0], "text": "x"}, {**NUMBERS[1], "text": "y"}]
    assert ran.ledger("c", "a").not_drawn == 8
    assert [warning.kind for warning in ran.result.warnings] == ["shortage"]


@pytest.mark.parametrize(
    ("before", "after", "near"),
    [
        (1, 0, ["", "a", "b", "", "d"]),
        (0, 1, ["b", "c", "", "e", ""]),
        (2, 1, ["b", "ac", "ab", "e", "d"]),
    ],
)
def test_window_stays_within_equal_fields(
    tmp_path: Path, before: int, after: int, near: list[str]
) -> None:
    flow = Flow().source("s", texts("a b c", "d e")).map("p", "s", apply("split"))
    options = {
        "before": before,
        "after": after,
        "as": "near",
        "take": {"w": "part"},
        "within": ["text"],
    }
    flow.combine("c", "window", "p", options=options, order="ordered")
    rows = go(flow.export("out", "c"), tmp_path, queue=1).rows()
    seen = [row["near"]["before"] + row["near"]["after"] for row in rows]
    assert ["".join(w["w"] for w in found) for found in seen] == near


def test_window_over_the_whole_stream(tmp_path: Path) -> None:
    options = {"before": 1, "as": "near"}
    ran = one(tmp_path, "window", NUMBERS[:3], options=options, order="ordered")
    before = [row["near"]["before"] for row in ran.rows()]
    assert before == [[], [NUMBERS[0]], [NUMBERS[1]]]


def test_concat_of_roles(tmp_path: Path) -> None:
    flow = Flow().source("a", texts("1", "2")).source("b", texts("3"))
    flow.combine("c", "concat", {"x": "b", "y": "a"})
    ran = go(flow.export("out", "c"), tmp_path, queue=1)
    assert ran.rows() == texts("3", "1", "2")
