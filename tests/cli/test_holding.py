"""Endpoints that are held back: the words for them, and the events at changes."""

from __future__ import annotations

import asyncio

import pytest

from atkc.cli import holding
from atkc.cli.holding import Watch, told
from atkc.runtime.calling.holding import Held
from atkc.runtime.events import EndpointFree, EndpointHeld, Event


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (Held("e", "busy", 0.0, 8, 16), "it is busy; 8 of 16 slots"),
        (Held("e", "busy", 0.2, 16, 16), "it is busy; no call for 1 s"),
        (
            Held("e", "busy", 30.0, 1, 16),
            "it is busy; no call for 30 s, then 1 of 16 slots",
        ),
        (Held("e", "quota", 41.3, 4, 4), "its quota is used up; no call for 42 s"),
        (Held("e", "failures", 0.0, 1, 4), "its calls fail; 1 of 4 slots"),
    ],
)
def test_the_words_say_why_how_long_and_how_many(held: Held, words: str) -> None:
    assert told(held) == f"e is held back: {words}"


BUSY, LONGER = Held("a", "busy", 3.0, 2, 4), Held("a", "busy", 9.0, 1, 4)
QUOTA, OTHER = Held("a", "quota", 9.0, 4, 4), Held("b", "busy", 1.0, 2, 4)

LOOKS: list[tuple[tuple[Held, ...], list[Event]]] = [
    ((), []),
    ((BUSY,), [EndpointHeld(BUSY)]),
    ((LONGER,), []),
    ((QUOTA, OTHER), [EndpointHeld(QUOTA), EndpointHeld(OTHER)]),
    ((OTHER,), [EndpointFree("a")]),
    ((BUSY,), [EndpointHeld(BUSY), EndpointFree("b")]),
    ((), [EndpointFree("a")]),
    ((), []),
]


def test_only_changes_are_told() -> None:
    looks = iter(held for held, _ in LOOKS)
    heard: list[Event] = []
    watch = Watch(lambda: next(looks), heard.append)
    for _, expected in LOOKS:
        heard.clear()
        watch.look()
        assert heard == expected


def test_it_looks_while_it_is_entered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "_EVERY", 0.001)

    async def run() -> None:
        seen = asyncio.Event()
        with Watch(lambda: (BUSY,), lambda _event: seen.set()) as watch:
            await asyncio.wait_for(seen.wait(), 10)
        assert watch._task is not None
        with pytest.raises(asyncio.CancelledError):
            await watch._task

    asyncio.run(run())
