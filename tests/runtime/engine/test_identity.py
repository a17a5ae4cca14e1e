"""Identities: what a draw depends on, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.engine.kit import Flow, apply, go, texts, unnest


def idents(flow: Flow, tmp_path: Path, name: str = "out") -> list[str]:
    return [row["identity"] for row in go(flow, tmp_path).rows(name)]


def plain(*words: str) -> Flow:
    flow = Flow().source("s", texts(*words)).map("m", "s", apply("split"), apply("ident"))
    return flow.export("out", "m")


def test_equal_records_are_told_apart_by_their_number(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a", "a", "b")).map("m", "s", apply("ident"))
    first, second, other = idents(flow.export("out", "m"), tmp_path)
    assert len({first, second, other}) == 3


def test_an_added_document_leaves_the_others_alone(tmp_path: Path) -> None:
    before = idents(plain("a b", "c d"), tmp_path)
    after = idents(plain("x y", "a b", "c d"), tmp_path)
    assert after[2:] == before


def test_content_fields_alone_make_the_identity(tmp_path: Path) -> None:
    def flow(n: int) -> Flow:
        flow = Flow().source("s", [{"text": "a", "n": n}], content=["text"])
        return flow.map("m", "s", apply("ident")).export("out", "m")

    assert idents(flow(1), tmp_path) == idents(flow(2), tmp_path)


def test_a_chunk_is_its_content_wherever_it_stands(tmp_path: Path) -> None:
    def flow(text: str) -> Flow:
        flow = Flow().source("s", texts(text))
        flow.map("m", "s", apply("chunk"), apply("ident"), order="ordered")
        return flow.export("out", "m")

    before, after = idents(flow("a b a"), tmp_path), idents(flow("new a b a"), tmp_path)
    assert after[1:] == before
    assert len(set(before)) == 3  # the second `a` is another one


@pytest.mark.parametrize("verb", ["one", "many"])
def test_siblings_never_share_a_draw(tmp_path: Path, verb: str) -> None:
    flow = Flow().source("s", texts("ab cd", "ef gh"))
    for branch in ("x", "y"):
        action = apply("split") if verb == "many" else apply("long")
        flow.map(branch, "s", action, apply("dice"), branch=branch)
        flow.map(f"{branch}2", branch, apply("dice", **{"as": "again"}))
    flow.combine("all", "concat", ["x2", "y2"])
    rows = go(flow.export("out", "all"), tmp_path).rows()
    assert len({row["dice"] for row in rows}) == len(rows) == (8 if verb == "many" else 4)


def test_children_are_known_by_index(tmp_path: Path) -> None:
    flow = Flow().source("s", [{"text": "t", "list": ["a", "a"]}])
    flow.map("m", "s", unnest("list", "item"), apply("ident"))
    assert len(set(idents(flow.export("out", "m"), tmp_path))) == 2


def test_draws_follow_the_run_seed(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a")).map("m", "s", apply("dice")).export("out", "m")
    same = [go(flow, tmp_path, run_seed=seed).raw for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


def test_draws_of_expressions_follow_draw(tmp_path: Path) -> None:
    from tests.runtime.engine.kit import put

    flow = Flow().source("s", texts("a"))
    for draw in ("0", "1", "1"):
        name = f"m{len(flow.nodes)}"
        flow.map(name, "s", put(d="draw('x')"), draw=draw).export(f"o{name}", name)
    ran = go(flow, tmp_path)
    first, second, third = (rows[0]["d"] for rows in ran.files.values())
    assert first != second == third
