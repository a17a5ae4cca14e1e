"""Circles of waiting: steps that fork and meet crosswise end, however small the queues are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.engine.gating import GatedFlow
from tests.runtime.engine.kit import go, texts

MANY = texts(*(f"word {n}" for n in range(30)))
NEAR = {"field": "text", "top": 1, "take": {"t": "text"}, "as": "near"}


def crosswise() -> GatedFlow:
    """Each of two steps wants all of what the other takes as it comes; no fork's ways meet."""
    flow = GatedFlow()
    flow.source("x", MANY).source("y", MANY)
    flow.combine("a", "neighbours", {"query": "x", "pool": "y"}, options=NEAR)
    flow.combine("b", "neighbours", {"query": "y", "pool": "x"}, options=NEAR)
    flow.export("one", "a").export("two", "b")
    return flow


def gates_and_a_pool() -> GatedFlow:
    """The second gate holds up a pool, for want of which the first gets no candidate."""
    flow = GatedFlow()
    flow.source("x", MANY).source("y", MANY)
    flow.combine("near", "neighbours", {"query": "x", "pool": "y"}, options=NEAR)
    flow.ask("asked", ["x", "y"])
    flow.accept("enough", "asked", 40)
    flow.export("one", "near").export("two", "enough")
    return flow


@pytest.mark.parametrize("flow", [crosswise, gates_and_a_pool])
def test_nothing_hangs(tmp_path: Path, flow: Callable[[], GatedFlow]) -> None:
    wide = go(flow(), tmp_path, queue=64)
    for queue in (1, 2):
        assert go(flow(), tmp_path, wait=5, queue=queue).raw == wide.raw
    assert len(wide.rows("one")) == 30
    assert len(wide.rows("two")) in (30, 40)


def test_the_forks_of_a_circle_spill() -> None:
    nodes = {node.id: node for node in crosswise().plan().nodes}
    assert all(e.spill for n in "ab" for edges in nodes[n].inputs.values() for e in edges)
    assert not any(e.spill for edges in nodes["one"].inputs.values() for e in edges)
