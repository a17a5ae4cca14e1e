"""What a limiter says of itself: why, how long, and how many calls of how many slots."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from atkc.runtime.calling.holding import Held
from atkc.runtime.calling.limits import Limiter
from atkc.runtime.errors import Permanent, Transient

Case = Callable[[Limiter], Awaitable[None]]


async def answered(limiter: Limiter, times: int = 1) -> None:
    for _ in range(times):
        limiter.release(await limiter.acquire())


async def after_one_refusal(limiter: Limiter) -> None:
    await answered(limiter)
    limiter.release(await limiter.acquire(), Transient("busy", status=429))


async def asked_to_wait(limiter: Limiter) -> None:
    await answered(limiter)
    limiter.release(await limiter.acquire(), Transient("busy", status=429, retry_after=30))


async def asked_to_wait_by_the_first_answer(limiter: Limiter) -> None:
    limiter.release(await limiter.acquire(), Transient("busy", status=503, retry_after=30))


async def nothing_left(limiter: Limiter) -> None:
    await answered(limiter)
    limiter.note_quota(0, 30, 100)


async def little_left(limiter: Limiter) -> None:
    await answered(limiter)
    limiter.note_quota(1, 30, 100)
    await limiter.acquire()
    waiter = asyncio.ensure_future(limiter.acquire())
    await asyncio.sleep(0)
    assert not waiter.done()


async def little_left_and_nobody_waits(limiter: Limiter) -> None:
    await answered(limiter)
    limiter.note_quota(1, 30, 100)
    await limiter.acquire()


async def failures(limiter: Limiter) -> None:
    await answered(limiter)
    for _ in range(3):
        limiter.release(await limiter.acquire(), Transient("broken", status=500))


async def failures_over(limiter: Limiter) -> None:
    await failures(limiter)
    await answered(limiter)


async def grown_back(limiter: Limiter) -> None:
    await after_one_refusal(limiter)
    await answered(limiter, 20)


async def down(limiter: Limiter) -> None:
    await asked_to_wait(limiter)
    limiter.shut(Permanent("no", fatal="ATK700"))


async def before_the_first_answer(limiter: Limiter) -> None:
    await limiter.acquire()


CASES: list[tuple[Case, tuple[Any, ...] | None]] = [
    (answered, None),
    (before_the_first_answer, None),
    (after_one_refusal, ("busy", False, 2)),
    (asked_to_wait, ("busy", True, 2)),
    (asked_to_wait_by_the_first_answer, ("busy", True, 1)),
    (nothing_left, ("quota", True, 4)),
    (little_left, ("quota", True, 4)),
    (little_left_and_nobody_waits, None),
    (failures, ("failures", True, 1)),
    (failures_over, None),
    (grown_back, None),
    (down, None),
]


@pytest.mark.parametrize(("case", "told"), CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_a_limiter_says_what_holds_calls_back(case: Case, told: tuple[Any, ...] | None) -> None:
    async def test() -> Held | None:
        limiter = Limiter("e", 4, pause=0.001 if case is failures_over else 5 if told else 0.001)
        try:
            await case(limiter)
            return limiter.held
        finally:
            await limiter.close()

    held = asyncio.run(test())
    if told is None:
        assert held is None
        return
    assert held is not None
    assert (held.endpoint, held.why, held.seconds > 0, held.at_once, held.slots) == (
        "e",
        told[0],
        told[1],
        told[2],
        4,
    )
    assert held.seconds <= 30


def test_one_by_one_after_the_pause() -> None:
    async def test() -> Held | None:
        limiter = Limiter("e", 4, pause=1e-4)
        await failures(limiter)
        await limiter.acquire()
        await limiter.close()
        return limiter.held

    assert asyncio.run(test()) == Held("e", "failures", 0.0, 1, 4)
