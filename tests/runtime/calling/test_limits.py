"""Limits of an endpoint: slots, order, first call, pauses, breaker, rates."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from atkc.cli import looping
from atkc.runtime.calling.limits import Limiter
from atkc.runtime.calling.pace import Pace
from atkc.runtime.errors import Permanent, StopRun, Transient
from atkc.spec.diagnostic import Diagnostic

BUSY = Transient("busy", status=429)
BROKEN = Transient("broken")


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))


async def proven(slots: int, **options: Any) -> Limiter:
    """Return a limiter whose first call has succeeded."""
    limiter = Limiter("e", slots, **options)
    limiter.release(await limiter.acquire())
    return limiter


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def waiting(limiter: Limiter, order: list[Any], depth: int, ordinal: tuple[int, ...]) -> Any:
    async def wait() -> int:
        ticket = await limiter.acquire(depth, ordinal)
        order.append((depth, ordinal))
        return ticket

    return asyncio.create_task(wait())


PLACES = [(1, (2,)), (3, (9,)), (1, (0, 5)), (3, (1,)), (2, (4,)), (3, (1, 0))]
NEAR_FIRST = [(3, (1,)), (3, (1, 0)), (3, (9,)), (2, (4,)), (1, (0, 5)), (1, (2,))]
FAR_FIRST = [(1, (0, 5)), (1, (2,)), (2, (4,)), (3, (1,)), (3, (1, 0)), (3, (9,))]


@pytest.mark.parametrize("switch", ["never", "before", "while waiting"])
def test_waiters_come_in_order_of_depth_then_ordinal(switch: str) -> None:
    async def test() -> None:
        limiter = await proven(1)
        order: list[Any] = []
        if switch == "before":
            limiter.prefer_far()
        held = await limiter.acquire()
        tasks = [waiting(limiter, order, *place) for place in PLACES]
        await settle()
        if switch == "while waiting":
            limiter.prefer_far()
            limiter.prefer_far()
        limiter.release(held)
        for _ in PLACES:
            await settle()
            limiter.release(next(t for t in tasks if t.done() and tasks.remove(t) is None).result())
        assert order == (NEAR_FIRST if switch == "never" else FAR_FIRST)

    run(test)


def test_never_more_in_flight_than_slots() -> None:
    async def test() -> None:
        limiter = Limiter("e", 3)
        most = 0

        async def call() -> None:
            nonlocal most
            ticket = await limiter.acquire()
            most = max(most, limiter.in_flight)
            await asyncio.sleep(0.001)
            limiter.release(ticket)

        await asyncio.gather(*[call() for _ in range(50)])
        assert (most, limiter.in_flight) == (3, 0)

    run(test)


@pytest.mark.parametrize(
    ("error", "in_flight"),
    [
        (None, 20),
        (Permanent("400", status=400), 20),
        (BUSY, 8),
        (asyncio.CancelledError(), 8),
    ],
)
def test_the_first_calls_are_probes(error: BaseException | None, in_flight: int) -> None:
    """After an answer all begin; where there was none another probe takes its place."""

    async def test() -> None:
        limiter = Limiter("e", 20)
        probe = await limiter.acquire()
        tasks = [waiting(limiter, [], 0, (n,)) for n in range(22)]
        await settle()
        assert limiter.in_flight == 8
        limiter.release(probe, error)
        await settle()
        assert limiter.in_flight == min(in_flight, limiter.allowed)
        for task in tasks:
            task.cancel()

    run(test)


def test_after_a_failed_probe_one_goes_alone() -> None:
    async def test() -> None:
        limiter = Limiter("e", 10, pause=1e-5)
        probes = [await limiter.acquire() for _ in range(8)]
        tasks = [waiting(limiter, [], 0, (n,)) for n in range(12)]
        for probe in probes:
            limiter.release(probe, BROKEN)
        await asyncio.sleep(0.01)
        assert limiter.in_flight == 1
        for task in tasks:
            task.cancel()
        await limiter.close()

    run(test)


def test_busy_halves_and_answers_grow_back_slowly() -> None:
    async def test() -> None:
        limiter = await proven(16, pause=1e-5)
        tickets = [await limiter.acquire() for _ in range(16)]
        limiter.release(tickets[0], BUSY)
        assert limiter.allowed == 8
        for ticket in tickets[1:4]:  # the same burst is one reason, not four
            limiter.release(ticket, BUSY)
        assert limiter.allowed == 8
        for ticket in tickets[4:]:
            limiter.release(ticket)
        assert 8 < limiter.allowed < 12
        for _ in range(200):
            limiter.release(await limiter.acquire())
        assert limiter.allowed == 16
        for _ in range(5):
            limiter.release(await limiter.acquire(), Transient("busy", status=503))
        assert limiter.allowed == 1
        await limiter.close()

    run(test)


def test_retry_after_holds_all_calls() -> None:
    async def test() -> None:
        limiter = await proven(2)
        begin = time.monotonic()
        limiter.release(await limiter.acquire(), Transient("busy", status=429, retry_after=0.2))
        await limiter.acquire()
        assert time.monotonic() - begin >= 0.19
        await limiter.close()

    run(test)


@pytest.mark.parametrize("pause", [0.0002, 0.0011, 0.0104])
@pytest.mark.parametrize("rpm", [None, 6000])
def test_a_pause_ends_also_where_the_loop_counts_whole_milliseconds(
    pause: float, rpm: int | None
) -> None:
    async def test() -> None:
        limiter = Limiter("e", 4, pause=pause, pace=Pace(rpm, None) if rpm else None)
        limiter.release(await limiter.acquire(), BROKEN)
        async with asyncio.timeout(5):
            limiter.release(await limiter.acquire())
        await limiter.close()

    looping.run(test())


@pytest.mark.parametrize(("answered", "borne"), [(False, 4), (True, 6)])
def test_failures_in_a_row_shut_the_endpoint(answered: bool, borne: int) -> None:
    async def test() -> None:
        options: dict[str, Any] = {"breaker": 4, "pause": 0.001}
        limiter = await proven(2, **options) if answered else Limiter("e", 2, **options)
        for _ in range(borne - 1):
            limiter.release(await limiter.acquire(), BROKEN)
        last = await limiter.acquire()
        waiter = waiting(limiter, [], 0, ())
        await settle()
        limiter.release(last, BROKEN)
        for late in (waiter, limiter.acquire()):
            with pytest.raises(Permanent) as caught:
                await late
            assert caught.value.fatal == "ATK700"

    run(test)


@pytest.mark.parametrize("between", [None, Permanent("400", status=400)])
def test_an_answer_between_failures_keeps_it_open(between: Exception | None) -> None:
    async def test() -> None:
        limiter = await proven(2, breaker=3, pause=0.001)
        for n in range(12):
            limiter.release(await limiter.acquire(), between if n % 3 == 2 else BROKEN)

    run(test)


def test_a_burst_of_failures_counts_once() -> None:
    async def test() -> None:
        limiter = await proven(50, breaker=3, pause=0.001)
        for ticket in [await limiter.acquire() for _ in range(50)]:
            limiter.release(ticket, BROKEN)
        limiter.release(await limiter.acquire())

    run(test)


def test_busy_is_no_failure() -> None:
    async def test() -> None:
        limiter = await proven(2, breaker=3, pause=1e-5)
        for _ in range(10):
            limiter.release(await limiter.acquire(), BUSY)

    run(test)


def test_an_endpoint_that_answers_nobody_but_busy_is_left_alone_for_ever_longer() -> None:
    """The calls that wait do not use up their retries in the meantime."""

    async def test() -> None:
        limiter = await proven(2, pause=0.01)
        begin = time.monotonic()
        for _ in range(4):
            limiter.release(await limiter.acquire(), BUSY)
        await limiter.acquire()
        assert time.monotonic() - begin >= 0.04 + 0.08 + 0.16
        await limiter.close()

    run(test)


def test_a_fatal_answer_shuts_the_endpoint_with_its_code() -> None:
    async def test() -> None:
        limiter = Limiter("e", 1)
        probe = await limiter.acquire()
        waiter = waiting(limiter, [], 0, ())
        await settle()
        limiter.release(probe, Permanent("no", status=401, fatal="ATK701"))
        with pytest.raises(Permanent) as caught:
            await waiter
        assert (caught.value.fatal, caught.value.status) == ("ATK701", 401)

    run(test)


def test_cancelled_waiters_leave_no_trace() -> None:
    async def test() -> None:
        limiter = await proven(1)
        held = await limiter.acquire()
        order: list[Any] = []
        tasks = [waiting(limiter, order, 0, (n,)) for n in range(4)]
        await settle()
        tasks[0].cancel()
        limiter.release(held)  # gives the slot to 1, which is cancelled before it runs
        tasks[1].cancel()
        await settle()
        assert order == [(0, (2,))]
        limiter.release(tasks[2].result())
        await settle()
        assert order == [(0, (2,)), (0, (3,))]
        assert limiter.in_flight == 1

    run(test)


def test_what_is_no_fault_of_the_endpoint_changes_nothing() -> None:
    async def test() -> None:
        limiter = await proven(4, breaker=2)
        for _ in range(5):
            stop = StopRun(Diagnostic("ATK704", "stop"))
            limiter.release(await limiter.acquire(), stop)
        assert (limiter.allowed, limiter.in_flight) == (4, 0)

    run(test)


def test_an_uncontended_slot_is_cheap() -> None:
    async def test() -> None:
        limiter = await proven(8)
        begin = time.process_time()
        for _ in range(20_000):
            limiter.release(await limiter.acquire(1, (1,)))
        assert (time.process_time() - begin) / 20_000 < 20e-6  # about 1.5 µs on a quiet machine

    run(test)


@pytest.mark.parametrize(
    ("rpm", "tpm", "tokens", "begun"),
    [(5, None, 0, 5), (None, 1000, 100, 10), (None, 100, 30, 3), (3, 1000, 1, 3)],
)
def test_rates_hold_within_a_window(
    rpm: int | None, tpm: int | None, tokens: int, begun: int
) -> None:
    async def test() -> None:
        limiter = Limiter("e", 100, pace=Pace(rpm, tpm, period=1.0))
        order: list[Any] = []

        async def call(n: int) -> None:
            ticket = await limiter.acquire(0, (n,), tokens)
            order.append((time.monotonic(), n))
            limiter.release(ticket)

        calls = [asyncio.create_task(call(n)) for n in range(begun + 2)]
        await asyncio.gather(*calls)
        await limiter.close()
        times = [at for at, _ in order]
        assert sum(at < times[0] + 0.9 for at in times) == begun
        assert [n for _, n in order] == list(range(begun + 2))

    run(test)


def test_what_a_call_used_beyond_its_estimate_is_charged_to_the_next() -> None:
    async def test() -> None:
        limiter = Limiter("e", 100, pace=Pace(None, 1000, period=1.0))
        begin = time.monotonic()
        first = await limiter.acquire(0, (), 10)
        limiter.release(first, drawn=10, used=995)
        await limiter.acquire(0, (), 10)
        assert time.monotonic() - begin > 0.9
        await limiter.close()

    run(test)


def test_a_paced_endpoint_that_is_down_fails_its_waiters() -> None:
    async def test() -> None:
        limiter = Limiter("e", 1, pace=Pace(100, None))
        await limiter.acquire()
        waiter = waiting(limiter, [], 0, ())
        await settle()
        limiter.shut(Permanent("no", fatal="ATK700"))
        with pytest.raises(Permanent):
            await waiter
        await limiter.close()

    run(test)


@pytest.mark.parametrize(("rpm", "loaded"), [("None", "False"), ("5", "True")])
def test_the_throttle_is_imported_only_for_rates(rpm: str, loaded: str) -> None:
    code = (
        f"import sys; from atkc.runtime.calling import calls, pace; pace.Pace({rpm}, None); "
        "print('asyncio_throttle' in sys.modules, 'aiohttp' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.stdout.split() == [loaded, "False"]
