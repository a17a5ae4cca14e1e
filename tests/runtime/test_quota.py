"""What endpoints say of their limits in headers, and how calls are held back by it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from atkc.runtime.api import Reply
from atkc.runtime.calling.allowance import Allowance
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.calling.limits import Limiter
from atkc.runtime.errors import Transient
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import open_store
from atkc.runtime.transport.quota import Left, Quota, duration, read_quota, wait_of
from atkc.stdlib.model_server.serving import running

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("250ms", 0.25),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("1d", 86400.0),
        ("20", 20.0),
        ("0.5", 0.5),
        ("2026-11-20T12:00:30Z", 30.0),
        ("2026-11-20T12:00:30+00:00", 30.0),
        ("2026-11-20T11:00:00Z", 0.0),
        ("soon", None),
        ("6m soon", None),
        ("-3", None),
        ("nan", None),
        ("", None),
    ],
)
def test_a_reset_is_a_duration_or_a_date(text: str, seconds: float | None) -> None:
    assert duration(text, NOON) == seconds


OPENAI = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-remaining-tokens": "1000",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-reset-tokens": "6m0s",
}
ANTHROPIC = {
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-11-20T12:00:04Z",
    "Date": "Fri, 20 Nov 2026 12:00:00 GMT",  # the clock of the endpoint counts
}


@pytest.mark.parametrize(
    ("headers", "prefix", "quota"),
    [
        ({}, "", None),
        ({"Content-Type": "application/json"}, "", None),
        (OPENAI, "", Quota(Left(59, 60, 1.0), Left(1000, 150000, 360.0))),
        (ANTHROPIC, "", Quota(Left(49, 50, 4.0))),
        ({**ANTHROPIC, "Date": "Fri, 20 Nov 2026 12:00:01 -0000"}, "", Quota(Left(49, 50, 3.0))),
        ({f"llm_provider-{k.lower()}": v for k, v in ANTHROPIC.items()}, "llm_provider-", 4.0),
        ({"x-ratelimit-remaining-requests": "3"}, "", None),  # until when is not said
        ({"x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "1s"}, "", None),
    ],
)
def test_headers_say_what_is_left(headers: dict[str, str], prefix: str, quota: Any) -> None:
    found = read_quota(headers, prefix)
    if isinstance(quota, float):
        assert found is not None
        assert found.requests == Left(49, 50, quota)
    else:
        assert found == quota


@pytest.mark.parametrize(
    ("tokens", "left"),
    [(0.0, 59), (10.0, 59), (100.0, 10), (2000.0, 0)],
)
def test_the_scarcer_of_requests_and_tokens_counts(tokens: float, left: int) -> None:
    quota = read_quota(OPENAI)
    assert quota is not None
    found = quota.calls(tokens)
    assert found is not None
    assert found.count == left


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "3", "retry-after-ms": "1250"}, 1.25),
        ({**OPENAI, "x-ratelimit-remaining-requests": "0"}, 1.0),
        ({**OPENAI, "x-ratelimit-remaining-tokens": "0"}, 360.0),
        (OPENAI, None),
    ],
)
def test_how_long_an_answer_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_of(headers) == seconds


def test_calls_in_flight_keep_to_what_is_left() -> None:
    async def test() -> None:
        limiter = Limiter("e", 10)
        limiter.release(await limiter.acquire())
        tickets = [await limiter.acquire() for _ in range(3)]
        limiter.note_quota(4, 60.0, 100)
        tickets.append(await limiter.acquire())
        waiter = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        assert not waiter.done()
        limiter.note_quota(9, 60.0, 100)  # an older word: it does not count for a moment
        limiter.release(tickets[0])
        await waiter
        assert limiter.in_flight == 4
        await limiter.close()

    asyncio.run(test())


def test_the_endpoints_word_ends_with_its_time() -> None:
    allowance = Allowance()
    allowance.note(2, 60.0, now=0.0)
    assert [allowance.room(n, 1.0) for n in (1, 2)] == [True, False]
    allowance.note(50, 60.0, now=1.0)  # maybe an older word
    assert not allowance.room(2, 1.0)
    allowance.note(50, 60.0, now=6.0)
    assert allowance.room(49, 6.0)
    allowance.note(1, 60.0, now=7.0)
    assert [allowance.room(1, now) for now in (66.0, 67.0)] == [False, True]


@pytest.mark.parametrize("calls", [10, 10_000])
def test_an_endpoint_with_much_left_holds_nothing_back(calls: int) -> None:
    async def test() -> None:
        limiter = Limiter("e", 10)
        limiter.release(await limiter.acquire())
        limiter.note_quota(calls, 60.0, 10_000)
        assert len([await limiter.acquire() for _ in range(10)]) == 10

    asyncio.run(test())


def test_nothing_begins_where_nothing_is_left() -> None:
    async def test() -> None:
        limiter = Limiter("e", 10)
        limiter.release(await limiter.acquire())
        begin = time.monotonic()
        limiter.note_quota(0, 0.1, 2)
        await limiter.acquire()
        assert time.monotonic() - begin > 0.09
        await limiter.acquire()
        third = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        assert not third.done()  # the whole limit is two
        third.cancel()
        await limiter.close()

    asyncio.run(test())


class Windows:
    """A server that takes so many requests in each window of time, and says what is left."""

    def __init__(self, most: int, seconds: float, *, tells: bool) -> None:
        self._most, self._seconds, self._tells = most, seconds, tells
        self._ends = 0.0
        self._left = 0
        self.refused = 0

    async def handle(self, _request: web.Request) -> web.Response:
        now = time.monotonic()
        if now >= self._ends:
            self._ends, self._left = now + self._seconds, self._most
        told = {}
        if self._tells:
            left = max(0, self._left - 1)
            told = {
                "x-ratelimit-limit-requests": str(self._most),
                "x-ratelimit-remaining-requests": str(left),
                "x-ratelimit-reset-requests": f"{int(1000 * (self._ends - now)) + 20}ms",
            }
        if not self._left:
            self.refused += 1
            return web.json_response({"error": {"message": "slow"}}, status=429, headers=told)
        self._left -= 1
        await asyncio.sleep(0.01)
        choice = {"message": {"content": "a"}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice]}, headers=told)


@pytest.mark.parametrize("tells", [True, False])
def test_no_call_is_refused_where_the_endpoint_says_what_is_left(
    tmp_path: Path, tells: bool
) -> None:
    server = Windows(8, 0.3, tells=tells)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.handle)

    async def go() -> None:
        async with running(app) as url:
            store = open_store(tmp_path)
            settings = CallSettings(delay=0.05, pause=0.001)
            caller = Caller(store, run_seed=1, settings=settings)
            spec = ModelSpec("w", "m", EndpointSpec("openai", url, concurrency=6), revision="1")
            asks = [
                caller.ask(spec, ({"role": "user", "content": str(n)},), accept=_text)
                for n in range(30)
            ]
            try:
                assert all(outcome.ok for outcome in await asyncio.gather(*asks))
            finally:
                await caller.close()
                store.close()

    asyncio.run(asyncio.wait_for(go(), 30))
    assert (server.refused == 0) is tells


def _text(reply: Reply) -> str:
    return reply.text


def test_a_refusal_that_says_milliseconds_is_obeyed() -> None:
    from tests.runtime.test_transport import answering, ask

    answer = ask(answering({"error": {"message": "slow"}}, 429, **{"retry-after-ms": "1250"}))
    assert isinstance(answer, Transient)
    assert answer.retry_after == 1.25
