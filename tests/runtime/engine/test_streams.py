"""Streams that fork and join: they end, whatever the queue size, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.compiler.plan import OnFailure
from atkc.runtime.asking import Ask
from tests.runtime.engine.kit import FakeCaller, Flow, apply, go, put, texts, unnest, where

WORDS = texts(*(f"w{i} x{i % 3} y" for i in range(40)))
SIZES = (1, 2, 7, 64)


@pytest.mark.parametrize("queue", SIZES)
def test_diamond_with_a_one_to_many_arm(tmp_path: Path, queue: int) -> None:
    flow = Flow().source("s", WORDS)
    flow.map("many", "s", apply("split")).map("one", "s", where("text != 'w3 x0 y'"))
    flow.combine("all", "concat", ["many", "one"]).export("out", "all")
    ran = go(flow, tmp_path, queue=queue)
    assert len(ran.rows()) == 120 + 39
    assert ran.rows()[0] == {"text": "w0 x0 y", "part": "w0"}
    assert ran.rows()[120:] == [row for row in WORDS if row["text"] != "w3 x0 y"]


def fork(spill: str) -> Flow:
    """A fork that feeds a barrier and, by a filter, what waits for it."""
    flow = Flow().source("s", WORDS).map("few", "s" + spill, where("true"))
    options = {"field": "text", "top": 2, "take": {"text": "text"}, "as": "near"}
    edges = {"query": ["few" + spill], "pool": ["s"]}
    flow.combine("n", "neighbours", edges, options=options, order="barrier")
    return flow.export("out", "n")


def test_bounded_edges_around_a_barrier_hang(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        go(fork(""), tmp_path, queue=4, wait=0.5)


@pytest.mark.parametrize("queue", SIZES)
def test_spill_edges_do_not(tmp_path: Path, queue: int) -> None:
    ran = go(fork("!"), tmp_path, queue=queue)
    assert [row["text"] for row in ran.rows()] == [row["text"] for row in WORDS]
    assert all(len(row["near"]) == 2 for row in ran.rows())


@pytest.mark.parametrize("queue", SIZES)
def test_ordered_node_behind_a_branch_that_rejects_a_long_run(tmp_path: Path, queue: int) -> None:
    rows = [{"text": f"t{i % 50}", "n": i} for i in range(300)]
    flow = Flow().source("s", rows)
    flow.map("late", "s", where("n >= 290")).map("all", "s", put(m="n"))
    flow.combine("d", "dedupe", ["late", "all"], options={"by": ["text"]}, order="ordered")
    ran = go(flow.export("out", "d"), tmp_path, queue=queue)
    assert [row["n"] for row in ran.rows()] == [*range(290, 300), *range(40)]
    assert ran.ledger("d").duplicate == 260


def test_unread_ports_cost_nothing(tmp_path: Path) -> None:
    flow = Flow().source("s", WORDS).map("m", "s", where("false"))
    ran = go(flow.export("out", "m"), tmp_path, queue=1)
    assert ran.rows() == []
    assert ran.ledger("m").filtered == 40


def test_a_port_and_its_complement_settle_the_same_places(tmp_path: Path) -> None:
    flow = Flow().source("s", WORDS).map("m", "s", where("contains(text, 'x1')"))
    flow.combine("all", "concat", ["m", "m.rejected"]).combine(
        "first", "take", "all", options={"first": 100}, order="ordered"
    )
    ran = go(flow.export("out", "first"), tmp_path, queue=1)
    assert sorted(row["text"] for row in ran.rows()) == sorted(row["text"] for row in WORDS)
    assert {row.get("rejected_by") for row in ran.rows()} == {None, "m"}


def nested() -> Flow:
    """Two 1:n in a row with filters, failures and an ordered node on the way back together."""
    flow = Flow().source("docs", texts(*(f"a{i} b{i} bad c{i}"[: 4 + i] for i in range(12))))
    flow.map("parts", "docs", apply("split"))
    flow.map("kept", "parts", put(text="part"), where("not contains(part, 'b1')"))
    flow.ask("asked", "kept", expand=True, on_failure=OnFailure(resample=1))
    flow.map("fine", "asked", where("said != 'drop'"), unnest("list", "item"))
    flow.combine(
        "by_part",
        "group",
        "fine",
        options={"depth": 2, "keep": ["part"], "incomplete": "keep"},
        expressions={"collect.items": "item"},
    )
    flow.combine(
        "by_doc",
        "group",
        "by_part",
        options={"depth": 1, "keep": [], "incomplete": "reject"},
        expressions={"collect.parts": "{part: part, items: items}"},
    )
    return flow.export("out", "by_doc").export("no", "by_doc.rejected")


def reply(text: str, ask: Ask) -> str:
    if text.startswith("bad"):
        return "!"
    return json.dumps([{"said": "keep", "list": list(text)}, {"said": "drop", "list": []}])


def test_groups_by_origin_close_behind_splits_filters_and_failures(tmp_path: Path) -> None:
    ran = go(nested(), tmp_path, FakeCaller(reply))
    whole = [row for row in nested().rows["docs"] if "bad" not in row["text"]]
    parts = [[part["part"] for part in row["parts"]] for row in ran.rows()]
    assert parts == [
        [w for w in row["text"].split() if w != "b1"] for row in whole if row["text"].split()
    ]
    torn = [row for row in nested().rows["docs"] if "bad" in row["text"]]
    assert len(ran.rows("no")) == len(ran.failed("asked")) == len(torn)
    assert {row["rejected_by"] for row in ran.rows("no")} == {"by_doc"}
    assert {row["failure"]["kind"] for row in ran.failed("asked")} == {"no-json"}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("queue", [1, 3, 64])
def test_files_do_not_depend_on_who_answers_first(tmp_path: Path, seed: int, queue: int) -> None:
    calm = go(nested(), tmp_path, FakeCaller(reply))
    wild = go(nested(), tmp_path, FakeCaller(reply, delay=seed), queue=queue, window=1 + 5 * seed)
    assert wild.raw == calm.raw
    assert wild.result.ledger == calm.result.ledger
    assert wild.failed("asked") == calm.failed("asked")
