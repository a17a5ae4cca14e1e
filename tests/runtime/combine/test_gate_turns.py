"""Turns of gates: one after the other in canonical order, whichever of them ends first."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.asking import Ask, Outcome
from atkc.runtime.demand import FIRST, Demand
from atkc.runtime.events import StepDone
from tests.runtime.engine.gating import GatedFlow
from tests.runtime.engine.kit import FakeCaller, go, texts

FULL = 20  # records: more than are let in before the first reply


def three(sizes: tuple[int, ...], *, gates: bool) -> GatedFlow:
    """Three sources that meet in the step that asks, so three gates."""
    flow = GatedFlow()
    flow.gates = gates
    names = [f"s{number}" for number in range(len(sizes))]
    for name, size in zip(names, sizes, strict=True):
        flow.source(name, texts(*(f"{name} {n}" for n in range(size))))
    flow.ask("a", names)
    flow.accept("enough", "a", 30)
    flow.export("out", "enough")
    return flow


@dataclass
class Late(FakeCaller):
    """Answers nothing before the gates in `waiting` have ended."""

    waiting: set[str] = field(default_factory=set)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: Any) -> None:
        if isinstance(event, StepDone):
            self.waiting.discard(event.step)
            if not self.waiting:
                self.over.set()

    async def ask(self, ask: Ask) -> Outcome:
        await self.over.wait()
        return await super().ask(ask)


@pytest.mark.parametrize(
    ("sizes", "early", "first", "second"),
    [
        ((FULL, 0, FULL), {"enough.gate2"}, "s0", "s2"),
        ((FULL, FULL, 0), {"enough.gate3"}, "s0", "s1"),  # else the second would take its turn
        ((FULL, 0, 0, FULL), {"enough.gate2", "enough.gate3"}, "s0", "s3"),
        ((0, FULL, FULL), {"enough.gate"}, "s1", "s2"),
    ],
)
def test_a_gate_without_candidates_that_ends_early_takes_no_turn(
    tmp_path: Path, sizes: tuple[int, ...], early: set[str], first: str, second: str
) -> None:
    whole = go(three(sizes, gates=False), tmp_path)
    caller = Late(waiting=set(early))
    ran = go(three(sizes, gates=True), tmp_path, caller, wait=5, listen=caller.hear)
    assert ran.raw == whole.raw
    assert len(ran.rows()) == 30
    asked = {ask.messages[-1]["content"] for ask in caller.asked}
    assert {f"{first} {n}" for n in range(FULL)} <= asked
    assert asked - {f"{first} {n}" for n in range(FULL)} == {f"{second} {n}" for n in range(10)}


def now(admits: Coroutine[Any, Any, bool]) -> bool | None:
    """Return what is decided at once; None if it waits."""
    try:
        admits.send(None)
    except StopIteration as done:
        return bool(done.value)
    finally:
        admits.close()
    return None


def test_a_turn_comes_when_all_gates_before_have_ended() -> None:
    async def main() -> None:
        demand = Demand({"": 500}, 256)
        demand.reach(())
        demand.end(1)
        assert now(demand.admits(0, (0, 0))) is True
        assert now(demand.admits(2, (2, 0))) is None
        demand.end(0)
        assert now(demand.admits(2, (2, 0))) is True
        assert (demand.admitted, demand.limit) == (2, FIRST)

    asyncio.run(main())
