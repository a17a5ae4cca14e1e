"""Hedging: which calls get a second request, when, how many, and what counts in the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from atkc.runtime.api import Message, Reply, Request
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.errors import CallError, Permanent, Transient
from atkc.runtime.hedging import Hedging
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import open_store

SOON = Hedging(seconds=0.02, extra=1.0)
NEVER = 60.0  # seconds: longer than any test
Answer = tuple[float, Reply | CallError]


class Server:
    """A transport that answers by question and arrival number, and knows what was cancelled."""

    def __init__(self, answer: Callable[[str, int], Answer]) -> None:
        self._answer = answer
        self.arrived: Counter[str] = Counter()
        self.requests: list[Request] = []
        self.cancelled: list[tuple[str, int]] = []

    async def complete(self, request: Request) -> Reply:
        asked = request.messages[0]["content"]
        self.requests.append(request)
        self.arrived[asked] += 1
        number = self.arrived[asked]
        latency, answer = self._answer(asked, number)
        try:
            await asyncio.sleep(latency)
        except asyncio.CancelledError:
            self.cancelled.append((asked, number))
            raise
        if isinstance(answer, CallError):
            raise answer
        return answer

    async def embed(self, request: Any) -> Any:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""


def user(text: object) -> tuple[Message, ...]:
    return ({"role": "user", "content": str(text)},)


def text_of(reply: Reply) -> str:
    return reply.text


def hedged(hedging: Hedging | None, slots: int = 4, **limits: Any) -> ModelSpec:
    endpoint = EndpointSpec("test", concurrency=slots, hedging=hedging, **limits)
    return ModelSpec("w", "m", endpoint, {"max_tokens": 10}, price_in=1.0, price_out=1.0)


def with_caller(
    folder: Path,
    server: Server,
    test: Callable[[Caller], Coroutine[Any, Any, Any]],
    **options: Any,
) -> Any:
    async def go() -> Any:
        store = open_store(folder)
        settings = CallSettings(retries=2, delay=0.001, pause=0.001)
        caller = Caller(
            store, run_seed=1, handed={"test": lambda: server}, settings=settings, **options
        )
        try:
            return await test(caller)
        finally:
            await caller.close()
            store.close()

    return asyncio.run(asyncio.wait_for(go(), 30))


SECOND = Reply("second")


def first_never(second: Reply | CallError = SECOND) -> Callable[[str, int], Answer]:
    """Return what answers first requests never, but for `probe`, and second ones at once."""

    def answer(asked: str, number: int) -> Answer:
        if asked == "probe" or number > 2:
            return 0.0, Reply("quick")
        return (NEVER, Reply("first")) if number == 1 else (0.0, second)

    return answer


async def ask(caller: Caller, spec: ModelSpec, text: object) -> Any:
    return await caller.ask(spec, user(text), accept=text_of)


def test_a_straggler_is_asked_again_and_the_first_reply_counts(tmp_path: Path) -> None:
    server = Server(first_never())

    async def test(caller: Caller) -> None:
        await ask(caller, hedged(SOON), "probe")
        outcome = await ask(caller, hedged(SOON), "slow")
        assert (outcome.value, outcome.calls) == ("second", 1)
        total = caller.stats.total
        assert (total.calls, total.hedged, total.retried) == (2, 1, 0)
        stored = caller._store.get(outcome.keys[0])
        assert b"second" in (stored or b"")

    with_caller(tmp_path, server, test)
    assert server.cancelled == [("slow", 1)]
    _, first, second = server.requests
    assert first == second  # equal seed: a hedge is the same request


def test_a_hedge_that_loses_is_cancelled(tmp_path: Path) -> None:
    server = Server(lambda _, number: (0.1, Reply("a")) if number == 1 else (NEVER, Reply("b")))

    async def test(caller: Caller) -> None:
        await ask(caller, hedged(SOON), "probe")
        assert (await ask(caller, hedged(SOON), "slow")).value == "a"

    with_caller(tmp_path, server, test)
    assert ("slow", 2) in server.cancelled


@pytest.mark.parametrize("hedging", [None, Hedging(seconds=NEVER), Hedging(seconds=0.01, extra=0)])
def test_without_hedging_nothing_is_asked_twice(tmp_path: Path, hedging: Hedging | None) -> None:
    server = Server(lambda *_: (0.05, Reply("a")))

    async def test(caller: Caller) -> None:
        await asyncio.gather(*[ask(caller, hedged(hedging), n) for n in range(8)])
        assert caller.stats.total.hedged == 0

    with_caller(tmp_path, server, test)
    assert len(server.requests) == 8


@pytest.mark.parametrize(("extra", "most"), [(0.0, 0), (0.1, 4), (0.25, 10)])
def test_hedges_keep_to_their_share_of_the_calls(tmp_path: Path, extra: float, most: int) -> None:
    server = Server(lambda *_: (0.05, Reply("a")))
    spec = hedged(Hedging(seconds=0.001, extra=extra), slots=100)

    async def test(caller: Caller) -> None:
        await asyncio.gather(*[ask(caller, spec, n) for n in range(40)])
        assert caller.stats.total.hedged == most

    with_caller(tmp_path, server, test)
    assert len(server.requests) == 40 + most


def test_no_hedge_takes_a_slot_that_a_call_waits_for(tmp_path: Path) -> None:
    """All but the last two calls have others waiting behind them."""
    server = Server(lambda *_: (0.03, Reply("a")))

    async def test(caller: Caller) -> None:
        spec = hedged(Hedging(seconds=0.001, extra=1.0), slots=2)
        await asyncio.gather(*[ask(caller, spec, n) for n in range(10)])

    with_caller(tmp_path, server, test)
    twice = {asked for asked, times in server.arrived.items() if times > 1}
    assert twice <= {"0", "9"}  # the probe went alone; the last one had a slot beside it


def test_a_share_counts_once_enough_calls_are_known(tmp_path: Path) -> None:
    server = Server(
        lambda asked, number: (NEVER if asked == "slow" and number == 1 else 0.002, Reply("a"))
    )
    spec = hedged(Hedging(share=0.5, extra=1.0), slots=30)

    async def test(caller: Caller) -> None:
        slow = asyncio.create_task(ask(caller, spec, "probe"))
        await slow
        straggler = asyncio.create_task(ask(caller, spec, "slow"))
        for n in range(18):
            await ask(caller, spec, n)
        assert caller.stats.total.hedged == 0
        for n in range(18, 30):
            await ask(caller, spec, n)
        assert (await straggler).ok
        assert server.arrived["slow"] == 2

    with_caller(tmp_path, server, test)


@pytest.mark.parametrize(
    ("second", "value", "retried"),
    [(Reply("second"), "second", 0), (Transient("broken", status=500), "quick", 1)],
)
def test_a_request_that_breaks_waits_for_the_other(
    tmp_path: Path, second: Reply | CallError, value: str, retried: int
) -> None:
    def answer(asked: str, number: int) -> Answer:
        if asked == "probe" or number > 2:
            return 0.0, Reply("quick")
        return (0.05, Transient("broken")) if number == 1 else (0.1, second)

    async def test(caller: Caller) -> None:
        await ask(caller, hedged(SOON), "probe")
        outcome = await ask(caller, hedged(SOON), "slow")
        assert (outcome.value, caller.stats.total.retried) == (value, retried)

    with_caller(tmp_path, Server(answer), test)


def test_a_refusal_of_either_ends_the_call(tmp_path: Path) -> None:
    async def test(caller: Caller) -> None:
        await ask(caller, hedged(SOON), "probe")
        outcome = await ask(caller, hedged(SOON), "slow")
        assert outcome.failure.kind == "refused"

    with_caller(tmp_path, Server(first_never(Permanent("no", status=400))), test)


def test_a_hedge_reserves_and_counts_at_its_worst_when_cancelled(tmp_path: Path) -> None:
    budget = Budget(max_usd=1.0)
    server = Server(lambda _, n: (0.1 if n == 1 else NEVER, Reply("a", "stop", "", 3, 4)))

    async def test(caller: Caller) -> None:
        await ask(caller, hedged(SOON), "probe")
        await ask(caller, hedged(SOON), "slow")

    with_caller(tmp_path, server, test, budget=budget)
    hedges = len(server.requests) - 2
    # the format, "user" and "slow" as bytes, the longest reply
    worst = (256 + 16 + 8 + 10) / 1e6
    least = (256 + 16 + 9 + 10) / 1e6  # of "probe"
    assert budget.calls == 2 + hedges
    assert budget.spent == pytest.approx(2 * 7 / 1e6 + worst + (hedges - 1) * least)


def test_a_budget_without_room_for_a_hedge_lets_the_call_go_on(tmp_path: Path) -> None:
    budget = Budget(max_calls=2)
    server = Server(lambda *_: (0.1, Reply("a")))

    async def test(caller: Caller) -> None:
        await ask(caller, hedged(Hedging(seconds=0.03, extra=0.5)), "probe")
        assert (await ask(caller, hedged(SOON), "slow")).ok
        assert caller.stats.total.hedged == 0

    with_caller(tmp_path, server, test, budget=budget)
    assert (len(server.requests), budget.calls) == (2, 2)


def test_cancelling_a_call_cancels_both_requests(tmp_path: Path) -> None:
    both = asyncio.Event()

    def answer(asked: str, number: int) -> Answer:
        if asked == "slow" and number == 2:
            both.set()
        return (0.0 if asked == "probe" else NEVER), Reply("a")

    server = Server(answer)

    async def test(caller: Caller) -> None:
        await ask(caller, hedged(SOON), "probe")
        call = asyncio.create_task(ask(caller, hedged(SOON), "slow"))
        await both.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    with_caller(tmp_path, server, test)
    assert sorted(server.cancelled) == [("slow", 1), ("slow", 2)]


def test_hedges_draw_from_the_rate_too(tmp_path: Path) -> None:
    server = Server(first_never())

    async def test(caller: Caller) -> None:
        spec = hedged(SOON, rpm=2)
        await ask(caller, spec, "probe")
        call = asyncio.create_task(ask(caller, spec, "slow"))
        await asyncio.sleep(0.1)
        assert server.arrived["slow"] == 1  # the minute's two requests are made
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    with_caller(tmp_path, server, test)


def test_a_replay_hedges_nothing(tmp_path: Path) -> None:
    server = Server(first_never())

    async def test(caller: Caller) -> Any:
        await ask(caller, hedged(SOON), "probe")
        outcome = await ask(caller, hedged(SOON), "slow")
        return outcome.value, caller.stats.total.hedged

    assert with_caller(tmp_path, server, test) == ("second", 1)
    assert with_caller(tmp_path, server, test) == ("second", 0)
    plain = replace(hedged(None))

    async def unhedged(caller: Caller) -> Any:
        return (await ask(caller, plain, "slow")).value

    assert with_caller(tmp_path, server, unhedged) == "second"  # it is no part of the key
