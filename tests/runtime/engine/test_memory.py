"""Rows and marks alive at one time: bounded by queues and windows, whatever the stream's length."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.tokens import Mark, Row
from tests.runtime.engine.kit import FakeCaller, Flow, apply, go, put, texts, where

QUEUE, WINDOW, TRIP = 8, 4, 256  # a source takes at most so many rows on one trip to its thread


def chain(flow: Flow) -> Flow:
    flow.map("plain", "s", put(n="1")).ask("first", "plain").map("set", "first", put(k="2"))
    return flow.ask("slow", "set")


def voted(flow: Flow) -> Flow:
    return flow.vote("judged", "s").ask("slow", "judged")


def split(flow: Flow) -> Flow:
    flow.map("parts", "s", apply("split"), cardinality="1:n").map("on", "parts", put(text="part"))
    return flow.ask("slow", "on")


def ordered(flow: Flow) -> Flow:
    return flow.ask("first", "s").map("in_turn", "first", put(n="1"), order="ordered").ask(
        "slow", "in_turn"
    )  # fmt: skip


def forked(flow: Flow) -> Flow:
    flow.map("left", "s", put(n="1")).map("right", "s", put(n="2"))
    return flow.ask("slow", ["left", "right"])


class Slow(FakeCaller):
    """Answers the last step late, and counts what is alive then."""

    most = 0
    counted: tuple[type, ...] = (Row, Mark)

    async def ask(self, ask: Any) -> Any:
        if ask.depth > 1 and len(self.asked) % 53 == 0:
            alive = sum(type(thing) in self.counted for thing in gc.get_objects())
            self.most = max(self.most, alive)
        return await super().ask(ask)


@pytest.mark.parametrize(
    ("shape", "queue", "counted"),
    [
        (chain, QUEUE, (Row, Mark)),
        (voted, QUEUE, (Row, Mark)),
        (split, QUEUE, (Row, Mark)),
        (ordered, QUEUE, (Row, Mark)),
        # an export keeps the places of a later stream until an earlier one has ended, not its rows
        (forked, QUEUE, (Row,)),
        (chain, 10_000, (Row, Mark)),  # the bound is the queues': without them the count shows it
    ],
)
def test_what_is_alive_does_not_grow_with_the_stream(
    tmp_path: Path, shape: Callable[[Flow], Flow], queue: int, counted: tuple[type, ...]
) -> None:
    count = 1200
    flow = shape(Flow().source("s", texts(*(f"row {n}" for n in range(count)))))
    flow.map("none", "slow", where("false"), cardinality="filter").export("out", "none")
    caller = Slow(lambda _t, _a: '{"verdict": "pass", "said": "x"}', delay=1)
    caller.counted = counted
    ran = go(flow, tmp_path, caller, queue=queue, window=WINDOW, wait=60)
    assert ran.ledger("none").filtered >= count
    edges = 6
    # a queue may be filled again while what was taken from it is worked on
    bound = TRIP + edges * 2 * (2 * QUEUE + WINDOW)
    assert (0 < caller.most <= bound) == (queue == QUEUE), caller.most
