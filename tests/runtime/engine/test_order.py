"""Queues, shelves, canonical order and origins, each alone."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from atkc.runtime.edge import Edge, Tap
from atkc.runtime.errors import AtkcError
from atkc.runtime.origin import OriginTracker
from atkc.runtime.reorder import Reorderer
from atkc.runtime.spool import Shelf
from atkc.runtime.tokens import Mark, Ordinal, Row, Token
from atkc.runtime.trail import NO_TRAIL


def row(*ordinal: int) -> Row:
    return Row(ordinal, b"i" * 16, {"n": 10**30}, NO_TRAIL)


# In canonical order: an open root, a split with a gap and a split in it, a gap, a row.
STREAM: list[Token] = [
    Mark((), None),
    Mark((0,), 3),
    row(0, 0),
    Mark((0, 1), 0, rejected=1),
    Mark((0, 2), 2),
    row(0, 2, 0),
    row(0, 2, 1),
    Mark((1,), 0, failed=1),
    Mark((2,), None),
    row(2, 0),
    Mark((2,), 1),
    row(3),
    Mark((), 4),
]


def any_order(seed: int) -> list[Token]:
    """Shuffle, but keep marks before the tokens below them, and last marks after first ones."""
    rng = random.Random(seed)
    left, done = list(STREAM), []
    while left:
        ready = [t for i, t in enumerate(left) if not any(_before(o, t) for o in left[:i])]
        done.append(rng.choice(ready))
        left.remove(done[-1])
    return done


def _before(one: Token, two: Token) -> bool:
    below = two.ordinal[: len(one.ordinal)] == one.ordinal
    closes = isinstance(two, Mark) and two.children in (4, 1)
    above = one.ordinal[: len(two.ordinal)] == two.ordinal
    return (isinstance(one, Mark) and below) or (closes and above)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("most", [0, 2, 100])
def test_canonical_order_is_restored(tmp_path: Path, seed: int, most: int) -> None:
    shelf = Shelf(tmp_path, most)
    order = Reorderer(shelf)
    assert [*order.push(any_order(seed))] == STREAM
    order.finish()
    shelf.close()


def test_rows_are_let_go_as_soon_as_all_before_is_settled(tmp_path: Path) -> None:
    order = Reorderer(Shelf(tmp_path))
    assert [*order.push([row(1)])] == []
    assert [*order.push([Mark((), None)])] == [Mark((), None)]
    assert [*order.push([Mark((0,), 2)])] == [Mark((0,), 2)]
    assert [*order.push([row(0, 1)])] == []
    assert [*order.push([Mark((0, 0))])] == [Mark((0, 0)), row(0, 1), row(1)]
    with pytest.raises(AtkcError):
        order.finish()


@pytest.mark.parametrize("seed", range(30))
def test_origins_settle_once_after_their_last_descendant(seed: int) -> None:
    tracker = OriginTracker(1)
    settled: dict[Ordinal, int] = {}
    tokens = any_order(seed)
    for at, token in enumerate(tokens):
        done = tracker.push(token)
        if done is not None:
            assert done[0] not in settled
            assert not [t for t in tokens[at + 1 :] if t.ordinal[:1] == done[0] != ()]
            settled[done[0]] = done[1]
    assert settled == {(0,): 0, (1,): 1, (2,): 0, (3,): 0}


async def _drain(edge: Edge) -> list[Token]:
    return [token async for batch in edge.batches() for token in batch]


def test_a_spilling_edge_never_makes_its_writer_wait(tmp_path: Path) -> None:
    async def main() -> None:
        edge = Edge(4, 1, tmp_path)
        tap = Tap(edge, (7,), spill=True)
        for number in range(1000):
            tap.put(row(number))
            assert not tap.is_full()
        tap.close()
        assert await _drain(edge) == [row(7, number) for number in range(1000)]

    asyncio.run(main())


def test_a_bounded_edge_does() -> None:
    async def main() -> None:
        edge = Edge(1, 2)
        taps = [Tap(edge, (number,)) for number in range(2)]
        longest = 0

        async def write(tap: Tap) -> None:
            for number in range(100):
                tap.put(row(number))
                await tap.room()
            tap.close()

        async def read() -> int:
            nonlocal longest
            found = 0
            async for batch in edge.batches():
                longest = max(longest, len(batch))
                found += len(batch)
                await asyncio.sleep(0)
            return found

        async with asyncio.TaskGroup() as group:
            for tap in taps:
                group.create_task(write(tap))
            found = group.create_task(read())
        assert found.result() == 200
        assert longest <= 2

    asyncio.run(main())
