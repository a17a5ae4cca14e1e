"""The call layer: what is asked, how often, what is stored, what it costs, when it stops."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from msgspec.structs import replace

from atkc.compiler.plan import Endpoint, Model
from atkc.runtime import asking
from atkc.runtime.api import Message, Reply, Request, Transport
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.calls import Caller, Question
from atkc.runtime.calling.desk import Desk
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.calling.outcome import Outcome
from atkc.runtime.calling.replies import visible
from atkc.runtime.errors import (
    CallError,
    Permanent,
    ReplyError,
    StopRun,
    StoreError,
    Transient,
    Unreachable,
)
from atkc.runtime.keys import call_seed
from atkc.runtime.modelspec import EndpointSpec, ModelSpec, resolve
from atkc.runtime.storage.store import Store, open_store
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.serving import running

Script = Callable[[Request], "Reply | CallError"]

QUICK = CallSettings(retries=4, delay=0.001, longest_delay=0.01, pause=0.001)
SPEC = ModelSpec("writer", "m", EndpointSpec("test", concurrency=4), {"temperature": 0.5})


class Scripted:
    """A transport that answers by a function and remembers what it was asked."""

    def __init__(self, script: Script, latency: float = 0.0) -> None:
        self.script = script
        self.latency = latency
        self.asked: list[Request] = []
        self.in_flight = self.most = 0
        self.closed = False

    async def complete(self, request: Request) -> Reply:
        self.asked.append(request)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.in_flight -= 1
        answer = self.script(request)
        if isinstance(answer, CallError):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True


def user(text: object) -> tuple[Message, ...]:
    return ({"role": "user", "content": str(text)},)


def text_of(reply: Reply) -> str:
    return reply.text


def number_of(reply: Reply) -> int:
    if not reply.text.isdigit():
        raise ReplyError("no-number", "the reply is no number")
    return int(reply.text)


def begun(caller: Caller, messages: tuple[Message, ...], **more: Any) -> Any:
    """Return the outcome that the store has, or what would ask."""
    return caller.begin(SPEC, Question(messages, None, text_of, **more))


def in_turn(*answers: Reply | CallError) -> Script:
    """Return a script that gives each answer once and the last one for ever."""
    left = list(answers)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


def run(test: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(test, 60))


def with_caller(
    folder: Path,
    transport: Transport,
    test: Callable[[Caller], Coroutine[Any, Any, Any]],
    **options: Any,
) -> Any:
    """Run a test with a caller over the store in a folder."""

    async def go() -> Any:
        store = open_store(folder / "cache")
        handed: dict[str, Callable[[], Transport]] = {"test": lambda: transport}
        given = {"run_seed": 1, "settings": QUICK, "handed": handed, **options}
        caller = Caller(store, **given)
        try:
            return await test(caller)
        finally:
            await caller.close()
            store.close()

    return run(go())


# --- the store -----------------------------------------------------------------------------


def test_a_reply_is_asked_for_once(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a", "stop", "m1", 3, 4)))

    async def test(caller: Caller) -> None:
        assert not isinstance(begun(caller, user("?")), Outcome)
        first = await caller.ask(SPEC, user("?"), accept=text_of)
        assert (first.value, first.calls, first.hits) == ("a", 1, 0)
        again = await caller.ask(SPEC, user("?"), accept=text_of)
        assert (again.value, again.calls, again.hits) == ("a", 0, 1)
        quick = begun(caller, user("?"))
        assert (quick.value, quick.hits, quick.prompt_tokens, quick.model) == ("a", 1, 0, "writer")
        total = caller.stats.total
        assert (total.calls, total.cached, total.prompt_tokens, total.completion_tokens) == (
            1,
            2,
            3,
            4,
        )

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1
    assert transport.closed


def test_a_replay_opens_no_transport_and_needs_no_key(tmp_path: Path) -> None:
    async def ask(caller: Caller) -> Any:
        return await caller.ask(SPEC, user("?"), accept=number_of, attempts=3)

    answers = in_turn(Reply("x"), Reply("cut", "length"), Reply("5"))
    first = with_caller(tmp_path, Scripted(answers), ask)
    assert (first.value, first.calls) == (5, 3)

    def opened() -> Transport:
        raise AssertionError

    again = with_caller(tmp_path, Scripted(answers), ask, handed={"test": opened})
    assert (again.value, again.calls, again.hits) == (5, 0, 3)
    assert again.keys == first.keys
    assert len(again.keys) == 3


def test_another_caller_on_the_store_wins_if_it_commits_first(tmp_path: Path) -> None:
    """A reply counts only as read back: the slower of two processes drops its own."""

    async def go() -> None:
        stores = [open_store(tmp_path) for _ in range(2)]
        transports = [Scripted(in_turn(Reply(text))) for text in ("fast", "slow")]
        transports[1].latency = 0.1
        callers = [
            Caller(store, run_seed=1, handed={"test": lambda t=transport: t})
            for store, transport in zip(stores, transports, strict=True)
        ]
        asks = [caller.ask(SPEC, user("?"), accept=text_of) for caller in callers]
        outcomes = await asyncio.gather(*asks)
        assert [outcome.value for outcome in outcomes] == ["fast", "fast"]
        assert [outcome.calls for outcome in outcomes] == [1, 1]
        for caller, store in zip(callers, stores, strict=True):
            await caller.close()
            store.close()

    run(go())


@pytest.mark.parametrize(
    "reply",
    [Reply("no"), Reply(""), Reply("cut", "length"), Reply("I cannot", "content_filter")],
)
def test_every_completed_reply_is_stored_whatever_it_says(tmp_path: Path, reply: Reply) -> None:
    transport = Scripted(in_turn(reply))

    async def test(caller: Caller) -> None:
        for _ in range(2):
            outcome = await caller.ask(SPEC, user("?"), accept=number_of)
            assert not outcome.ok
            assert outcome.reply == reply

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1


def test_a_looser_parser_costs_no_call(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("five")))

    async def test(caller: Caller) -> None:
        assert not (await caller.ask(SPEC, user("?"), accept=number_of)).ok
        assert (await caller.ask(SPEC, user("?"), accept=text_of)).value == "five"

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1


def test_a_new_generation_asks_again(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a"), Reply("b")))

    async def ask(caller: Caller) -> Any:
        return (await caller.ask(SPEC, user("?"), accept=text_of)).value

    assert with_caller(tmp_path, transport, ask) == "a"
    store = open_store(tmp_path / "cache")
    store.open_generation()
    store.close()
    assert with_caller(tmp_path, transport, ask) == "b"
    assert with_caller(tmp_path, transport, ask) == "b"


def test_a_writer_error_ends_all_asks_at_once(tmp_path: Path) -> None:
    async def test(caller: Caller) -> None:
        caller._store._writer.error = "the disk is full"
        asks = [caller.ask(SPEC, user(n), accept=text_of) for n in range(20)]
        results = await asyncio.gather(*asks, return_exceptions=True)
        assert {type(result) for result in results} == {StoreError}

    with_caller(tmp_path, Scripted(in_turn(Reply("a"))), test)


def test_a_cached_call_is_cheap(tmp_path: Path) -> None:
    async def test(caller: Caller) -> None:
        messages = user("passage " * 250)
        await caller.ask(SPEC, messages, accept=text_of)
        begin = time.process_time()
        for _ in range(2000):
            assert isinstance(begun(caller, messages), Outcome)
        assert (time.process_time() - begin) / 2000 < 200e-6  # about 25 µs on a quiet machine

    with_caller(tmp_path, Scripted(in_turn(Reply("reply " * 100))), test)


# --- attempts ------------------------------------------------------------------------------


def test_the_next_attempt_carries_what_was_wrong(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("five"), Reply("six"), Reply("7")))

    async def test(caller: Caller) -> None:
        outcome = await caller.ask(SPEC, user("?"), accept=number_of, attempts=5)
        assert (outcome.value, outcome.calls) == (7, 3)

    with_caller(tmp_path, transport, test)
    first, second, third = (request.messages for request in transport.asked)
    assert first == user("?")
    assert second[:2] == (*user("?"), {"role": "assistant", "content": "five"})
    assert second[2]["role"] == "user"
    assert "the reply is no number" in second[2]["content"]
    assert third[1]["content"] == "six"
    assert len(second) == len(third) == 3
    assert len({request.seed for request in transport.asked}) == 3


def test_attempts_have_an_end(tmp_path: Path) -> None:
    async def test(caller: Caller) -> None:
        outcome = await caller.ask(SPEC, user("?"), accept=number_of, attempts=3)
        assert outcome.failure is not None
        assert (outcome.failure.kind, outcome.calls) == ("no-number", 3)
        assert outcome.request.messages[-1]["role"] == "user"
        assert outcome.reply == Reply("x")

    with_caller(tmp_path, Scripted(in_turn(Reply("x"))), test)


@pytest.mark.parametrize(("accepts_cut", "kind"), [(False, "truncated"), (True, None)])
def test_a_cut_reply_is_no_data_unless_wanted(
    tmp_path: Path, accepts_cut: bool, kind: str | None
) -> None:
    async def test(caller: Caller) -> None:
        for _ in range(2):
            outcome = await caller.ask(SPEC, user("?"), accept=text_of, accepts_cut=accepts_cut)
            assert (outcome.failure and outcome.failure.kind) == kind
            quick = begun(caller, user("?"), accepts_cut=accepts_cut)
            assert isinstance(quick, Outcome) is accepts_cut

    with_caller(tmp_path, Scripted(in_turn(Reply("half", "length"))), test)


@pytest.mark.parametrize(
    ("said", "data"),
    [
        ("plain", "plain"),
        ("<think>hm</think>\n\nyes", "yes"),
        (" \n<think>a\nb</think>yes", "yes"),
        ("hm\n</think>\nyes", "yes"),
        ("<think>never ends", ""),
        ("a <think> tag </think> inside", "a <think> tag </think> inside"),
    ],
)
def test_reasoning_is_never_data_but_stays_in_the_store(
    tmp_path: Path, said: str, data: str
) -> None:
    assert visible(said) == data

    async def test(caller: Caller) -> None:
        outcome = await caller.ask(SPEC, user("?"), accept=text_of)
        assert outcome.value == data
        stored = caller._store.get(outcome.keys[0])
        assert json.loads(stored or b"")["text"] == said

    with_caller(tmp_path, Scripted(in_turn(Reply(said))), test)


# --- what is sent --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("off", None), ("json", {"type": "json_object"}), ("schema", {"type": "json_schema"})],
)
def test_the_response_format_is_what_the_model_is_said_to_know(
    tmp_path: Path, mode: str, expected: Mapping[str, Any] | None
) -> None:
    transport = Scripted(in_turn(Reply("a")))
    spec = replace(SPEC, structured=mode)

    async def test(caller: Caller) -> None:
        await caller.ask(spec, user("?"), {"type": "json_schema"}, accept=text_of)
        await caller.ask(spec, user("!"), None, accept=text_of)

    with_caller(tmp_path, transport, test)
    assert [request.response_format for request in transport.asked] == [expected, None]


def test_sampling_of_a_call_overrides_that_of_the_model(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a")))

    async def test(caller: Caller) -> None:
        await caller.ask(SPEC, user("?"), accept=text_of, sampling={"max_tokens": 5})
        await caller.ask(SPEC, user("?"), accept=text_of, sampling={"temperature": 0})

    with_caller(tmp_path, transport, test)
    sent = [request.sampling for request in transport.asked]
    assert sent == [{"temperature": 0.5, "max_tokens": 5}, {"temperature": 0}]


def test_null_in_the_sampling_of_a_call_takes_the_models_parameter_away(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a")))

    async def test(caller: Caller) -> None:
        await caller.ask(SPEC, user("?"), accept=text_of, sampling={"temperature": None})
        await caller.ask(SPEC, user("?"), accept=text_of, sampling={"temperature": None, "n": None})

    with_caller(tmp_path, transport, test)
    assert [request.sampling for request in transport.asked] == [{}]


def test_samples_and_draws_are_calls_of_their_own(tmp_path: Path) -> None:
    transport = Scripted(lambda request: Reply(str(request.seed)))

    async def test(caller: Caller) -> None:
        places = [(0, ""), (1, ""), (0, "r1"), (1, "r1"), (0, "")]
        values = [
            (await caller.ask(SPEC, user("?"), accept=text_of, sample=sample, draw=draw)).value
            for sample, draw in places
        ]
        assert values == [str(call_seed(1, user("?"), *place)) for place in places]

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 4


# --- equal calls ---------------------------------------------------------------------------


def test_equal_calls_in_flight_are_made_once(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a")), latency=0.05)

    async def test(caller: Caller) -> None:
        asks = [caller.ask(SPEC, user("?"), accept=text_of) for _ in range(30)]
        assert {outcome.value for outcome in await asyncio.gather(*asks)} == {"a"}
        total = caller.stats.total
        assert (total.calls, total.shared, total.cached) == (1, 29, 0)

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1


def test_a_call_goes_on_for_its_followers_when_its_leader_is_cancelled(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a")), latency=0.3)

    async def test(caller: Caller) -> None:
        tasks = [asyncio.create_task(caller.ask(SPEC, user("?"), accept=text_of)) for _ in range(3)]
        await asyncio.sleep(0.02)
        tasks[0].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(outcomes[0], asyncio.CancelledError)
        assert [outcome.value for outcome in outcomes[1:]] == ["a", "a"]  # type: ignore[union-attr]

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1


@pytest.mark.parametrize(("land", "stored"), [(5.0, 3), (0.0, 0)])
def test_calls_under_way_may_land_when_the_caller_closes(
    tmp_path: Path, land: float, stored: int
) -> None:
    transport = Scripted(lambda _: Reply("a"), latency=0.2)
    settings = CallSettings(consent=_consenting)

    async def test(store: Store) -> None:
        caller = Caller(store, run_seed=1, handed={"atkc": lambda: transport}, settings=settings)
        spec = replace(SPEC, endpoint=replace(SPEC.endpoint, provider="atkc", concurrency=3))
        await caller.ask(spec, user("probe"), accept=text_of)
        tasks = [asyncio.create_task(caller.ask(spec, user(n), accept=text_of)) for n in range(9)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await caller.close(land=land)

    store = open_store(tmp_path)
    try:
        asyncio.run(test(store))
        assert store.stats()["entries"] == 1 + stored
    finally:
        store.close()
    assert len(transport.asked) == 1 + 3


async def _consenting(_endpoint: EndpointSpec) -> None:
    """Let every call pass."""


def test_a_cancelled_follower_leaves_the_others_alone(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a")), latency=0.3)

    async def test(caller: Caller) -> None:
        tasks = [asyncio.create_task(caller.ask(SPEC, user("?"), accept=text_of)) for _ in range(3)]
        await asyncio.sleep(0.02)
        tasks[1].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [getattr(outcome, "value", None) for outcome in outcomes] == ["a", None, "a"]

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1


# --- failures ------------------------------------------------------------------------------


def test_transport_failures_are_retried_and_counted_apart(tmp_path: Path) -> None:
    failures = (Transient("a"), Transient("b", status=500), Transient("c", status=429))
    transport = Scripted(in_turn(*failures, Reply("5")))

    async def test(caller: Caller) -> None:
        outcome = await caller.ask(SPEC, user("?"), accept=number_of, attempts=1)
        assert (outcome.value, outcome.calls) == (5, 1)
        assert (caller.stats.total.retried, caller.stats.total.failed) == (3, 0)

    with_caller(tmp_path, transport, test)
    assert len({str(request) for request in transport.asked}) == 1


def test_a_transport_failure_is_not_stored(tmp_path: Path) -> None:
    transport = Scripted(in_turn(*[Transient("x")] * 5, Reply("5")))

    async def test(caller: Caller) -> None:
        outcome = await caller.ask(SPEC, user("?"), accept=number_of, attempts=3)
        assert outcome.failure is not None
        assert (outcome.failure.kind, outcome.calls, outcome.reply) == ("transport", 0, None)
        assert caller.stats.total.failed == 1
        assert (await caller.ask(SPEC, user("?"), accept=number_of)).value == 5

    with_caller(tmp_path, transport, test)


def test_a_refused_request_is_never_retried(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Permanent("too long", status=400)))

    async def test(caller: Caller) -> None:
        outcome = await caller.ask(SPEC, user("?"), accept=number_of, attempts=3)
        assert outcome.failure is not None
        assert (outcome.failure.kind, outcome.failure.message) == ("refused", "too long")
        assert outcome.request.messages == user("?")

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1


@pytest.mark.parametrize("fatal", ["ATK701", "ATK702"])
def test_a_fatal_answer_fails_all_after_the_probes(tmp_path: Path, fatal: str) -> None:
    transport = Scripted(in_turn(Permanent("no", status=401, fatal=fatal)), latency=0.01)

    async def test(caller: Caller) -> None:
        asks = [caller.ask(SPEC, user(n), accept=text_of) for n in range(200)]
        results = await asyncio.gather(*asks, return_exceptions=True)
        assert {getattr(result, "fatal", None) for result in results} == {fatal}

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 4


def test_an_endpoint_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Unreachable("refused")))

    async def test(caller: Caller) -> None:
        asks = [caller.ask(SPEC, user(n), accept=text_of) for n in range(50)]
        results = await asyncio.gather(*asks, return_exceptions=True)
        assert {getattr(result, "fatal", None) for result in results} == {"ATK700"}

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) <= 11  # four probes, then what the circuit breaker lets through


def test_retry_after_is_obeyed(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Transient("busy", status=429, retry_after=0.3), Reply("a")))

    async def test(caller: Caller) -> None:
        begin = time.monotonic()
        await caller.ask(SPEC, user("?"), accept=text_of)
        assert time.monotonic() - begin >= 0.29

    with_caller(tmp_path, transport, test)


# --- fallbacks -----------------------------------------------------------------------------

SECOND = ModelSpec("second", "m2", EndpointSpec("test", concurrency=4))
WITH_FALLBACK = replace(SPEC, fallback=(SECOND,))


@pytest.mark.parametrize(
    ("primary", "model", "kind", "calls"),
    [
        (Reply("1"), "writer", None, 1),
        (Reply("x"), "second", None, 3),
        (Permanent("no", status=400), "second", None, 1),
        (Transient("gone"), "writer", "transport", 0),
    ],
)
def test_a_fallback_answers_where_the_primary_cannot(
    tmp_path: Path, primary: Reply | CallError, model: str, kind: str | None, calls: int
) -> None:
    transport = Scripted(lambda request: primary if request.model == "m" else Reply("2"))

    async def test(caller: Caller) -> None:
        outcome = await caller.ask(WITH_FALLBACK, user("?"), accept=number_of, attempts=2)
        assert (outcome.model, outcome.calls) == (model, calls)
        assert (outcome.failure and outcome.failure.kind) == kind
        second = [request for request in transport.asked if request.model == "m2"]
        assert all(request.messages == user("?") for request in second)

    with_caller(tmp_path, transport, test)


# --- order and limits ----------------------------------------------------------------------


def test_some_probes_go_first_then_all_slots_fill(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a")), latency=0.02)
    wide = replace(SPEC, endpoint=EndpointSpec("test", concurrency=20))

    async def test(caller: Caller) -> None:
        tasks = [asyncio.create_task(caller.ask(wide, user(n), accept=text_of)) for n in range(50)]
        await asyncio.sleep(0.01)
        assert transport.in_flight == 8
        await asyncio.gather(*tasks)
        assert transport.most == 20

    with_caller(tmp_path, transport, test)


@pytest.mark.parametrize("far", [False, True])
def test_deeper_calls_go_first_until_no_record_is_left(tmp_path: Path, far: bool) -> None:
    transport = Scripted(in_turn(Reply("a")), latency=0.001)
    spec = replace(SPEC, endpoint=EndpointSpec("test", concurrency=1))

    async def test(caller: Caller) -> None:
        if far:
            caller.prefer_far()
        places = [(0, 0), (1, 1), (2, 1), (1, 0), (2, 0)]
        asks = [
            caller.ask(spec, user(f"{depth}.{n}"), accept=text_of, depth=depth, ordinal=(n,))
            for depth, n in places
        ]
        await asyncio.gather(*asks)

    with_caller(tmp_path, transport, test)
    order = [request.messages[0]["content"] for request in transport.asked]
    expected = ["1.0", "1.1", "2.0", "2.1"] if far else ["2.0", "2.1", "1.0", "1.1"]
    assert order == ["0.0", *expected]


def test_models_of_one_endpoint_share_its_slots(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a")), latency=0.01)

    async def test(caller: Caller) -> None:
        specs = (SPEC, SECOND)
        asks = [caller.ask(specs[n % 2], user(n), accept=text_of) for n in range(20)]
        await asyncio.gather(*asks)

    with_caller(tmp_path, transport, test)
    assert transport.most == 4


# --- budget --------------------------------------------------------------------------------

PRICED = replace(
    SPEC,
    endpoint=EndpointSpec("test", concurrency=300),
    sampling={"max_tokens": 100},
    price_in=1.0,
    price_out=10.0,
)
WORST = (256 + 16 + 8 + 100 * 10) / 1e6  # the format, "user" and "1000" as bytes, the longest reply


def ask_many(count: int) -> Callable[[Caller], Coroutine[Any, Any, list[Any]]]:
    async def test(caller: Caller) -> list[Any]:
        await caller.ask(PRICED, user(999), accept=text_of)
        asks = [caller.ask(PRICED, user(1000 + n), accept=text_of) for n in range(count)]
        return await asyncio.gather(*asks, return_exceptions=True)

    return test


def test_the_cap_of_calls_is_never_crossed(tmp_path: Path) -> None:
    transport = Scripted(_sometimes, latency=0.01)
    budget = Budget(max_calls=250)
    results = with_caller(tmp_path, transport, ask_many(400), budget=budget)
    assert len(transport.asked) == 250
    stopped = [result for result in results if isinstance(result, StopRun)]
    assert len(stopped) >= 400 - 249
    assert {stop.diagnostic.code for stop in stopped} == {"ATK704"}


def _sometimes(request: Request) -> Reply | CallError:
    fails = request.seed % 5 == 0
    return Transient("broken", status=500) if fails else Reply("a", "stop", "", 10, 20)


def test_the_cap_of_money_is_never_crossed_with_300_in_flight(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a", "stop", "", 10, 100)), latency=0.02)
    cap = 150.5 * WORST
    budget = Budget(max_usd=cap)
    results = with_caller(tmp_path, transport, ask_many(300), budget=budget)
    answered = [result for result in results if not isinstance(result, StopRun)]
    # it goes on until the next call, with none in flight, could cross the cap
    assert len(answered) + 1 == math.ceil((cap - WORST) / (1010 / 1e6))
    assert budget.spent == pytest.approx((len(answered) + 1) * 1010 / 1e6)
    assert budget.spent <= cap
    assert {type(result) for result in results} == {type(answered[0]), StopRun}


def test_a_stopped_run_goes_on_later(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("a", "stop", "", 10, 20)))
    with_caller(tmp_path, transport, ask_many(50), budget=Budget(max_calls=20))
    results = with_caller(tmp_path, transport, ask_many(50))
    assert all(result.ok for result in results)
    assert len(transport.asked) == 51


@pytest.mark.parametrize(
    ("answer", "spent", "calls"),
    [
        (Reply("a", "stop", "", 10, 20), 210 / 1e6, 1),
        (Reply("a"), WORST, 1),  # no usage came back
        (Transient("time-out"), WORST, 1),
        (Transient("html", status=200), WORST, 1),
        (Transient("broken", status=500), 0, 1),
        (Permanent("bad", status=400), 0, 1),
        (Unreachable("refused"), 0, 0),
    ],
)
def test_what_a_call_counts_for(
    tmp_path: Path, answer: Reply | CallError, spent: float, calls: int
) -> None:
    budget = Budget(max_usd=1, max_calls=5)

    async def test(caller: Caller) -> None:
        await asyncio.gather(caller.ask(PRICED, user(1000), accept=text_of), return_exceptions=True)

    settings = CallSettings(retries=0)
    with_caller(tmp_path, Scripted(in_turn(answer)), test, budget=budget, settings=settings)
    assert (budget.spent, budget.calls) == (pytest.approx(spent), calls)


def test_a_cancelled_call_counts_at_its_worst_case(tmp_path: Path) -> None:
    budget = Budget(max_usd=1)

    async def test(caller: Caller) -> None:
        call = asyncio.create_task(caller.ask(PRICED, user(1000), accept=text_of))
        await asyncio.sleep(0.02)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    with_caller(tmp_path, Scripted(in_turn(Reply("a")), latency=5), test, budget=budget)
    assert budget.spent == pytest.approx(WORST)


@pytest.mark.parametrize(
    ("changes", "stops"),
    [
        ({}, False),
        ({"price_in": None}, True),
        ({"price_out": None}, True),
        ({"sampling": {}}, True),
        ({"sampling": {"max_completion_tokens": 5}}, False),
        ({"sampling": {}, "price_in": 0.0, "price_out": 0.0}, False),
    ],
)
def test_what_has_no_bound_is_refused_under_a_cap(
    tmp_path: Path, changes: dict[str, Any], stops: bool
) -> None:
    spec = replace(PRICED, **changes)
    transport = Scripted(in_turn(Reply("a", "stop", "", 1, 1)))

    async def test(caller: Caller) -> Any:
        return await asyncio.gather(
            caller.ask(spec, user("?"), accept=text_of), return_exceptions=True
        )

    (result,) = with_caller(tmp_path, transport, test, budget=Budget(max_usd=1))
    assert isinstance(result, StopRun) is stops
    assert len(transport.asked) == (0 if stops else 1)


# --- models of a plan ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "base", "provider", "sent", "address", "key", "slots"),
    [
        ("atkc/extractive", "", "atkc", "extractive", "", None, 16),
        ("atkc/extractive", "http://127.0.0.1:1/v1", "atkc", "extractive", "", None, 16),
        (
            "openai/gpt-4o",
            "",
            "openai",
            "gpt-4o",
            "https://api.openai.com/v1",
            "OPENAI_API_KEY",
            16,
        ),
        ("gpt-4o", "", "openai", "gpt-4o", "https://api.openai.com/v1", "OPENAI_API_KEY", 16),
        (
            "openai/org/m",
            "https://x.example/v1",
            "openai",
            "org/m",
            "https://x.example/v1",
            None,
            16,
        ),
        ("org/m", "http://127.0.0.1:1/v1", "openai", "org/m", "http://127.0.0.1:1/v1", None, 4),
        ("anthropic/claude", "", "anthropic", "claude", "", None, 16),
    ],
)
def test_a_name_says_where_a_model_is(
    model: str, base: str, provider: str, sent: str, address: str, key: str | None, slots: int
) -> None:
    spec = resolve("w", {"w": Model(model=model, endpoint=Endpoint(api_base=base))})
    endpoint = spec.endpoint
    assert (endpoint.provider, spec.model) == (provider, sent)
    assert (endpoint.base_url, endpoint.api_key_env, endpoint.slots) == (address, key, slots)


def test_fallbacks_and_prices_come_with_a_model() -> None:
    known = {"openai/a": (1.0, 2.0)}
    local = Endpoint(api_base="http://127.0.0.1:1/v1")
    models = {
        "a": Model(model="openai/a", fallback=["b", "c", "d"]),
        "b": Model(model="openai/a", price_out=5, fallback=["a"]),
        "c": Model(model="openai/a", endpoint=local),
        "d": Model(model="atkc/extractive"),
    }
    spec = resolve("a", models, known.get)
    prices = [(each.price_in, each.price_out) for each in (spec, *spec.fallback)]
    assert prices == [(1.0, 2.0), (1.0, 5.0), (None, None), (0.0, 0.0)]
    assert [each.name for each in spec.fallback] == ["b", "c", "d"]
    assert spec.fallback[0].fallback == ()


def test_operators_bring_their_questions_to_the_desk(tmp_path: Path) -> None:
    transport = Scripted(in_turn(Reply("x"), Reply("yes")))

    def accept(text: str) -> bool:
        if text != "yes":
            raise ReplyError("no-verdict", "there is no verdict")
        return True

    async def test(caller: Caller) -> None:
        desk = Desk(caller, {"judge": SPEC})
        ask = asking.Ask("judge", user("?"), accept, attempts=2)

        async def answer(ask: asking.Ask) -> asking.Outcome:
            later = desk.begin(ask)
            assert not isinstance(later, asking.Outcome)  # the first attempt is never accepted
            return await later()

        outcome = await answer(ask)
        assert (outcome.value, outcome.calls, outcome.cached) == (True, 2, False)
        again = await answer(ask)
        assert (again.value, again.calls, again.cached) == (True, 0, True)
        failed = await answer(msgspec.structs.replace(ask, attempts=1))
        assert failed.failure == ("no-verdict", "there is no verdict")
        assert failed.reply == "x"
        assert failed.request == {"messages": list(user("?"))}  # no file names a model
        desk.prefer_far()

    with_caller(tmp_path, transport, test)


# --- through the real transport ------------------------------------------------------------


def through_http(
    folder: Path,
    faults: Faults,
    test: Callable[[Caller, ModelSpec], Coroutine[Any, Any, None]],
    *,
    timeout: float = 5.0,
    **options: Any,
) -> dict[str, Any]:
    """Run a test against a model server that misbehaves; return the server's counts."""

    def complete(messages: Any, _form: Any, seed: int) -> Reply:
        return Reply(str(len(messages[0]["content"]) + seed % 1000))

    async def go() -> dict[str, Any]:
        app = make_app(complete, faults)
        async with running(app) as url:
            store = open_store(folder)
            settings = CallSettings(retries=12, delay=0.001, longest_delay=0.01, pause=0.001)
            caller = Caller(store, run_seed=1, settings=settings, **options)
            spec = ModelSpec("w", "m", EndpointSpec("openai", url, timeout=timeout), revision="1")
            try:
                await test(caller, spec)
            finally:
                await caller.close()
                store.close()
            return await counts(app, url)

    result: dict[str, Any] = run(go())
    return result


async def counts(_app: web.Application, url: str) -> dict[str, Any]:
    import aiohttp

    address = url.replace("/v1", "/stats")
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        body: dict[str, Any] = await response.json()
        return body


RECOVERED = [
    Faults(rate429=0.3, retry_after=0.01),
    Faults(rate500=0.3),
    Faults(drop=0.3),
    Faults(hang=0.1),
    Faults(cutoff=0.3),
    Faults(nonsense=0.3),
    Faults(rate429=0.1, rate500=0.05, drop=0.05, cutoff=0.05, nonsense=0.05, retry_after=0.01),
]


@pytest.mark.parametrize("faults", RECOVERED, ids=lambda f: "+".join(n for n, _ in f.rates()))
def test_every_fault_is_recovered_from_and_a_replay_is_free(tmp_path: Path, faults: Faults) -> None:
    values: list[list[int | None]] = []

    async def test(caller: Caller, spec: ModelSpec) -> None:
        asks = [caller.ask(spec, user(n), accept=number_of, attempts=8) for n in range(60)]
        outcomes = await asyncio.gather(*asks)
        assert all(outcome.ok for outcome in outcomes)
        values.append([outcome.value for outcome in outcomes])

    first = through_http(tmp_path, faults, test, timeout=0.3)
    assert first["requests"] > 60
    assert sum(first["faults"].values()) > 0
    again = through_http(tmp_path, faults, test, timeout=0.3)
    assert again["requests"] == 0
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("faults", "kind"),
    [(Faults(cutoff=1), "truncated"), (Faults(nonsense=1), "no-number")],
)
def test_a_fault_that_stays_is_a_content_failure(tmp_path: Path, faults: Faults, kind: str) -> None:
    async def test(caller: Caller, spec: ModelSpec) -> None:
        outcome = await caller.ask(spec, user("?"), accept=number_of, attempts=3)
        assert outcome.failure is not None
        assert (outcome.failure.kind, outcome.calls) == (kind, 3)

    through_http(tmp_path, faults, test)


@pytest.mark.parametrize("faults", [Faults(rate500=1), Faults(drop=1), Faults(hang=1)])
def test_an_endpoint_that_never_answers_shuts(tmp_path: Path, faults: Faults) -> None:
    async def test(caller: Caller, spec: ModelSpec) -> None:
        asks = [caller.ask(spec, user(n), accept=text_of) for n in range(20)]
        results = await asyncio.gather(*asks, return_exceptions=True)
        assert {getattr(result, "fatal", None) for result in results} == {"ATK700"}

    assert through_http(tmp_path, faults, test, timeout=0.2)["requests"] == 11  # four at first


def test_a_busy_endpoint_that_stays_busy_fails_the_record_not_the_run(tmp_path: Path) -> None:
    async def test(caller: Caller, spec: ModelSpec) -> None:
        outcome = await caller.ask(spec, user("?"), accept=text_of)
        assert outcome.failure is not None
        assert outcome.failure.kind == "transport"

    faults = Faults(rate429=1, retry_after=0.001)
    # 12 retries, and some more while it was told to wait but for a moment
    assert 13 <= through_http(tmp_path, faults, test)["requests"] <= 20


def test_the_endpoint_sees_no_more_calls_than_it_has_slots(tmp_path: Path) -> None:
    async def test(caller: Caller, spec: ModelSpec) -> None:
        asks = [caller.ask(spec, user(n), accept=text_of) for n in range(40)]
        await asyncio.gather(*asks)

    told = through_http(tmp_path, Faults(latency=0.02), test)
    assert told["max_in_flight"] == 4  # the default on this machine


def test_the_endpoint_sees_no_more_requests_than_the_cap(tmp_path: Path) -> None:
    async def test(caller: Caller, spec: ModelSpec) -> None:
        wide = replace(spec, endpoint=replace(spec.endpoint, concurrency=300))
        asks = [caller.ask(wide, user(n), accept=text_of) for n in range(500)]
        await asyncio.gather(*asks, return_exceptions=True)

    faults = Faults(latency=0.05, rate500=0.1)
    told = through_http(tmp_path, faults, test, timeout=30, budget=Budget(max_calls=200))
    assert told["requests"] == 200
