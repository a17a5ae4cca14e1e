"""Where gates stand: above the first model that serves the `accept` alone."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from atkc.compiler.combine.accept import apportioned
from atkc.compiler.gates import gated
from tests.runtime.engine.gating import PORTS, GatedFlow, depths
from tests.runtime.engine.kit import apply, where

Found = list[tuple[str, str, int, tuple[int, ...], dict[str, tuple[int, ...]]]]


def straight() -> GatedFlow:
    flow = GatedFlow()
    flow.source("s", [])
    flow.map("chunks", "s", apply("split"))
    flow.ask("asked", "chunks").map("good", "asked", where("true"))
    return flow


def gates_of(flow: GatedFlow) -> Found:
    nodes = [replace(node, ports=PORTS) for node in flow.nodes]
    (found,) = gated(nodes, depths(nodes))
    return [(g.node, g.role, g.index, g.prefix, dict(g.sources)) for g in found.gates]


def test_free_steps_above_say_what_a_candidate_is() -> None:
    flow = straight()
    flow.accept("enough", "good", 5)
    assert gates_of(flow) == [("asked", "in", 0, (), {"s": ()})]


def test_what_others_read_is_not_cut_off() -> None:
    flow = straight()
    flow.accept("enough", "good", 5)
    flow.export("all", "asked")
    assert gates_of(flow) == []


def test_below_what_others_read_it_still_saves() -> None:
    flow = straight().vote("judged", "good")
    assert isinstance(flow, GatedFlow)
    flow.accept("enough", "judged", 5)
    flow.export("all", "good")
    assert gates_of(flow) == [("judged", "in", 0, (), {})]


@pytest.mark.parametrize(("asks", "count"), [(False, 1), (True, 0)])
def test_turned_away_records_may_be_written_but_not_worked_on(asks: bool, count: int) -> None:
    flow = straight()
    flow.accept("enough", "good", 5)
    flow.export("no", "good.rejected")
    if asks:
        flow.ask("mended", "good.rejected").export("all", "mended")
    assert len(gates_of(flow)) == count


def test_a_source_that_others_read_is_read_to_its_end() -> None:
    flow = straight()
    flow.accept("enough", "good", 5)
    flow.export("all", "s")
    assert gates_of(flow) == [("asked", "in", 0, (), {})]


def test_several_streams_have_a_gate_each_in_their_order() -> None:
    flow = GatedFlow()
    flow.source("s", []).source("t", [])
    flow.ask("a", "s").ask("b", "t")
    flow.accept("enough", ["b", "a"], 5)
    assert gates_of(flow) == [("b", "in", 0, (0,), {"t": ()}), ("a", "in", 0, (1,), {"s": ()})]


@pytest.mark.parametrize(
    ("operator", "options", "gates"),
    [
        ("shuffle", {}, 0),
        ("sort", {}, 0),
        ("batch", {"size": 2}, 0),
        ("window", {"before": 1, "after": 1}, 0),
        ("window", {"before": 1}, 1),
        ("dedupe", {"by": ["text"]}, 1),
        ("take", {"first": 5}, 1),
        ("take", {"hashed": 5}, 0),
        ("group", {"by": ["text"]}, 0),
        ("group", {"depth": 2}, 1),
    ],
)
def test_steps_that_need_later_records_end_the_way_up(
    operator: str, options: dict[str, Any], gates: int
) -> None:
    flow = straight().combine("c", operator, "good", options=options)
    assert isinstance(flow, GatedFlow)
    flow.accept("enough", "c", 5)
    assert len(gates_of(flow)) == gates


def test_a_group_is_let_in_whole() -> None:
    flow = straight().combine("c", "group", "good", options={"depth": 1})
    assert isinstance(flow, GatedFlow)
    flow.accept("enough", "c", 5)
    assert gates_of(flow) == [("chunks", "in", 0, (), {"s": ()})]


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        (10, {"a": 0.5, "b": 0.5}, {"a": 5, "b": 5}),
        (10, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, {"a": 4, "b": 3, "c": 3}),
        (7, {"a": 0.7, "b": 0.3}, {"a": 5, "b": 2}),
        (1, {"a": 0.4, "b": 0.6}, {"a": 0, "b": 1}),
    ],
)
def test_shares_become_whole_numbers(
    total: int, shares: dict[str, float], parts: dict[str, int]
) -> None:
    assert apportioned(total, shares) == parts
