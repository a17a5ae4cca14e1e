"""What the sidecars tell: for each operator the sources and calls of its records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.plan import OnFailure, PassRule, Shape
from atkc.runtime.api import Placed, ReadFailure
from atkc.runtime.asking import Ask
from atkc.runtime.spool import Shelf
from tests.runtime.engine.kit import (
    FakeCaller,
    Flow,
    Ran,
    apply,
    condition,
    go,
    prompt,
    put,
    texts,
    unnest,
    where,
)


def lines(ran: Ran, name: str = "out") -> list[tuple[str, str]]:
    """Each line's sources and keys, in brackets what was only shown; checked for being in step."""
    path = f"{name}.jsonl"
    assert len(ran.trails[path]) == len(ran.files[path])
    return [
        (
            " ".join(_shown(source, _place(source)) for source in trail["sources"]),
            " ".join(_shown(call, _keys(call)) for call in trail["calls"]),
        )
        for trail in ran.trails[path]
    ]


def _shown(item: dict[str, Any], text: str) -> str:
    return f"({text})" if item["shown"] else text


def _place(source: dict[str, Any]) -> str:
    span = "" if source["start"] is None else f"[{source['start']}:{source['end']}]"
    return source["source"] + span


def _keys(call: dict[str, Any]) -> str:
    return f"{call['step']}:" + "+".join(bytes.fromhex(key).decode() for key in call["keys"])


def placed(*words: str) -> list[Placed]:
    """Rows called as their texts."""
    return [Placed({"text": word}, word) for word in words]


def base(*words: str) -> Flow:
    return Flow().source("s", placed(*words)).ask("p", "s")


ONE = [("a", "p:a/0/0"), ("b", "p:b/0/0"), ("c", "p:c/0/0")]
BOTH = [(f"{name} {name}", keys) for name, keys in ONE]  # records of one name, of two steps
ALL = ("a b c", "p:a/0/0 p:b/0/0 p:c/0/0")
NEAR = {"field": "text", "top": 1, "take": {"words": "text"}, "as": "near"}


def options(operator: str, edges: Any = "p", **more: Any) -> Any:
    return lambda flow: flow.combine("c", operator, edges, **more)


def with_pool(operator: str, roles: tuple[str, str], **more: Any) -> Any:
    def add(flow: Flow) -> Flow:
        flow.source("q", placed("a", "b", "c"))
        return flow.combine("c", operator, {roles[0]: "p", roles[1]: "q"}, **more)

    return add


CASES: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "map": (lambda f: f.map("c", "p", put(n="1")), ONE),
    "where": (lambda f: f.map("c", "p", where("text != 'b'")), [ONE[0], ONE[2]]),
    "apply": (lambda f: f.map("c", "p", apply("slow_dice")), ONE),
    "split": (lambda f: f.map("c", "p", apply("split")), ONE),
    "unnest": (
        lambda f: f.map("c", "p", put(all="[text, text]"), unnest("all", "one")),
        [line for line in ONE for _ in range(2)],
    ),
    "if": (
        lambda f: f.ask(
            "c", "p", shape=Shape(kind="field", name="x"), condition=condition("text == 'b'", x="1")
        ),
        [ONE[0], (ONE[1][0], ONE[1][1] + " c:b/0/0"), ONE[2]],
    ),
    "samples": (
        lambda f: f.ask("c", "p", samples=2, expand=True, shape=Shape(kind="field", name="x")),
        [(name, f"{keys} c:{name}/{n}/0") for name, keys in ONE for n in (0, 1)],
    ),
    "concat": (
        lambda f: f.source("q", placed("z")).combine("c", "concat", {"x": "q", "y": "p"}),
        [("z", ""), *ONE],
    ),
    "sort": (
        options("sort", expressions={"by.0": "text"}, options={"descending": [True]}),
        ONE[::-1],
    ),
    "take": (options("take", options={"first": 2}, order="ordered"), ONE[:2]),
    "take hashed": (options("take", options={"hashed": 3}), ONE),
    "dedupe": (options("dedupe", options={"by": ["text"]}, order="ordered"), ONE),
    "batch": (options("batch", options={"size": 3, "as": "all"}, order="ordered"), [ALL]),
    "batch in part": (
        options("batch", options={"size": 2, "as": "all"}, order="ordered"),
        [("a b", "p:a/0/0 p:b/0/0"), ONE[2]],
    ),
    "group": (options("group", options={"by": []}, expressions={"collect.all": "text"}), [ALL]),
    "group by origin": (
        options("group", options={"depth": 1}, expressions={"collect.all": "text"}),
        ONE,
    ),
    "measure": (options("measure", options={"kinds": {"n": "count"}}), [("", "")]),
    "window": (
        options("window", options={"before": 1, "as": "near"}, order="ordered"),
        [
            ONE[0],
            ("b (a)", "p:b/0/0 (p:a/0/0)"),
            ("c (b)", "p:c/0/0 (p:b/0/0)"),
        ],
    ),
    "zip": (with_pool("zip", ("x", "y")), BOTH),
    "join": (
        with_pool("join", ("left", "right"), options={"by": ["text"], "take": {"w": "text"}}),
        BOTH,
    ),
    "neighbours": (
        lambda f: f.source("q", placed("a b", "c")).combine(
            "c", "neighbours", {"query": "q", "pool": "p"}, options=NEAR, order="barrier"
        ),
        [("a b (a)", "(p:a/0/0)"), ("c (c)", "(p:c/0/0)")],
    ),
}


@pytest.mark.parametrize("queue", [1, 64])
@pytest.mark.parametrize("name", CASES)
def test_an_operator_traces_its_records(tmp_path: Path, name: str, queue: int) -> None:
    add, wanted = CASES[name]
    flow = add(base("a", "b", "c")).export("out", "c")
    ran = go(flow, tmp_path, FakeCaller(delay=3), queue=queue)
    assert lines(ran) == wanted


def test_other_sides_of_a_zip_and_a_join_are_parts(tmp_path: Path) -> None:
    rows = [Placed({"text": "a", "k": 1}, "left")]
    right = [Placed({"w": "x", "k": 1}, "right")]
    flow = Flow().source("l", rows).source("r", right)
    flow.combine("z", "zip", {"x": "l", "y": "r"})
    taken = {"by": ["k"], "take": {"w": "w"}}
    flow.combine("j", "join", {"left": "l", "right": "r"}, options=taken)
    ran = go(flow.export("out", "z").export("too", "j"), tmp_path)
    assert lines(ran) == lines(ran, "too") == [("left right", "")]


@pytest.mark.parametrize(("first", "verdict"), [("pass", True), ("fail", False)])
def test_a_vote_traces_the_ballots_that_count(tmp_path: Path, first: str, verdict: bool) -> None:
    flow = Flow().source("s", placed("a"))
    flow.vote("v", "s", votes=3, rule=PassRule(kind="any"))
    flow.export("out", "v").export("no", "v.rejected")

    def reply(text: str, ask: Ask) -> str:
        return json.dumps({"verdict": first})

    ran = go(flow, tmp_path, FakeCaller(reply, delay=1))
    path = "out.jsonl" if verdict else "no.jsonl"
    ((call,),) = [trail["calls"] for trail in ran.trails[path]]
    counted = 1 if verdict else 3  # the shortest series that decides
    assert _keys(call) == "v:" + "+".join(f"a/{n}/0" for n in range(counted))
    assert (call["ballots"], call["passed"]) == ([verdict] * counted, verdict)


def test_the_accepted_attempt_is_the_one_that_counts(tmp_path: Path) -> None:
    flow = Flow().source("s", placed("a")).ask("p", "s", on_failure=OnFailure(resample=2))

    def reply(text: str, ask: Ask) -> str:
        return json.dumps({"said": 1}) if ask.attempts == 1 else "!no"

    ran = go(flow.export("out", "p"), tmp_path, FakeCaller(reply))
    assert lines(ran) == [("a", "p:a/0/1")]


def test_what_failed_is_traced_to_the_reply_that_was_refused(tmp_path: Path) -> None:
    flow = Flow().source("s", [*placed("a"), ReadFailure("b", "corrupt", "it is")])
    flow.ask("p", "s", on_failure=OnFailure(resample=1))
    flow.export("out", "p.failed").export("doc", "s.failed")
    ran = go(flow, tmp_path, FakeCaller(lambda text, ask: "!no"))
    assert lines(ran) == [("a", "p:a/0/1")]
    assert lines(ran, "doc") == [("b", "")]


def test_chunks_have_their_places_in_the_document(tmp_path: Path) -> None:
    flow = Flow().source("s", placed("one  two", "three"))
    flow.map("c", "s", apply("cut", field="text")).map("d", "c", apply("cut", field="text"))
    flow.map("u", "s", put(text="text + '!'"), apply("cut", field="text"))
    ran = go(flow.export("out", "d").export("changed", "u"), tmp_path)
    assert lines(ran) == [("one  two[0:3]", ""), ("one  two[5:8]", ""), ("three[0:5]", "")]
    assert lines(ran, "changed") == [("one  two", ""), ("one  two", ""), ("three", "")]
    for row, trail in zip(ran.rows(), ran.trails["out.jsonl"], strict=True):
        (source,) = trail["sources"]
        assert source["source"][source["start"] : source["end"]] == row["text"]


def test_a_chunk_step_that_is_passed_by_leaves_the_place_alone(tmp_path: Path) -> None:
    flow = Flow().source("s", placed("one two")).map("c", "s", apply("cut", field="text"))
    skip = condition("false")
    flow.map("d", "c", apply("cut", field="text"), condition=skip)
    ran = go(flow.export("out", "d"), tmp_path)
    assert lines(ran) == [("one two[0:3]", ""), ("one two[4:7]", "")]


def test_rows_that_lay_on_disk_keep_their_trails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flow() -> Flow:
        made = base(*(f"t{n}" for n in range(200))).map("c", "p!", apply("split"))
        made.combine("b", "batch", "c!", options={"size": 3, "as": "all"}, order="ordered")
        made.ask("q", "b", prompt=prompt("{{ all[0].text }}"), shape=Shape(kind="field", name="x"))
        return made.export("out", "q")

    whole = go(flow(), tmp_path, FakeCaller(delay=1))
    monkeypatch.setattr(Shelf.__init__, "__defaults__", (2,))
    spooled = go(flow(), tmp_path, FakeCaller(delay=2), queue=1)
    assert spooled.raw == whole.raw
    assert lines(spooled)[0] == ("t0 t1 t2", "p:t0/0/0 p:t1/0/0 p:t2/0/0 q:t0/0/0")


def test_files_of_a_partition_have_sidecars_of_their_own(tmp_path: Path) -> None:
    rows = [Placed({"kind": kind}, kind + "!") for kind in "xyx"]
    flow = Flow().source("s", rows)
    flow.export("out", "s", path="{kind}.jsonl", partition="kind", values=["x", "y"])
    ran = go(flow, tmp_path)
    assert [name for name, _ in lines(ran, "x")] == ["x!", "x!"]
    assert [name for name, _ in lines(ran, "y")] == ["y!"]


def test_without_provenance_there_is_no_sidecar(tmp_path: Path) -> None:
    ran = go(base("a").export("out", "p"), tmp_path, provenance=False)
    assert (len(ran.rows()), ran.result.sidecars) == (1, ())


def test_sidecars_are_no_files_that_other_exports_see(tmp_path: Path) -> None:
    ran = go(Flow().source("s", texts("a")).export("out", "s"), tmp_path)
    assert [entry.path for entry in ran.result.files] == ["out.jsonl"]
    (entry,) = ran.result.sidecars
    assert (entry.path, entry.role, entry.records) == (
        "provenance/out.jsonl.jsonl",
        "provenance",
        1,
    )
    assert [name for name, _ in lines(ran)] == ["rows#1"]  # its place, where the row has none
