"""Caps counted where it matters: at the server, with 200 calls in flight, a fifth of which fail."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.errors import StopRun
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import open_store
from atkc.stdlib.model_server.serving import running
from tests.runtime.calling.test_calls import text_of, user

IN_FLIGHT, LONGEST = 200, 400
SETTINGS = CallSettings(retries=6, delay=0.001, longest_delay=0.02, pause=0.001, breaker=1000)


class Bill:
    """A server that keeps the bill: requests, tokens and money of all that it answered."""

    def __init__(self) -> None:
        self.requests = self.tokens = self.in_flight = self.most = 0
        self.money = 0.0
        self.chance = random.Random(7)

    async def answer(self, request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        self.requests += 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(0.02 + 0.05 * self.chance.random())
        self.in_flight -= 1
        if self.chance.random() < 0.2:
            return web.Response(status=500)
        prompt = len(asked["messages"][0]["content"])
        said = self.chance.randrange(1, asked["max_tokens"] + 1)
        self.tokens += prompt + said
        self.money += (prompt + 10 * said) / 1e6
        usage = {"prompt_tokens": prompt, "completion_tokens": said}
        message = {"role": "assistant", "content": "yes"}
        choices = [{"message": message, "finish_reason": "stop"}]
        return web.json_response({"choices": choices, "usage": usage})


def billed(folder: Path, budget: Budget, count: int) -> tuple[Bill, list[Any]]:
    """Ask for so many replies at once; return the bill and what each ask came to."""
    bill = Bill()

    async def go() -> list[Any]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", bill.answer)
        async with running(app) as url:
            store = open_store(folder)
            caller = Caller(store, run_seed=1, settings=SETTINGS, budget=budget)
            endpoint = EndpointSpec("openai", url, concurrency=IN_FLIGHT)
            spec = ModelSpec(
                "w", "m", endpoint, {"max_tokens": LONGEST}, "1", price_in=1, price_out=10
            )
            try:
                asks = [caller.ask(spec, user(n), accept=text_of) for n in range(count)]
                return await asyncio.gather(*asks, return_exceptions=True)
            finally:
                await caller.close()
                store.close()

    return bill, asyncio.run(asyncio.wait_for(go(), 60))


@pytest.mark.parametrize(
    ("cap", "counted"),
    [("max_calls", "requests"), ("max_tokens", "tokens"), ("max_usd", "money")],
)
def test_no_cap_is_crossed_with_200_in_flight_and_most_of_it_is_used(
    tmp_path: Path, cap: str, counted: str
) -> None:
    at_most = {"max_calls": 500, "max_tokens": 150_000, "max_usd": 1.2}[cap]
    worst = {"max_calls": 1, "max_tokens": 680, "max_usd": 0.0043}[cap]  # of one call
    budget = Budget(**{cap: at_most})
    bill, results = billed(tmp_path, budget, 1500)
    assert at_most - worst <= getattr(bill, counted) <= at_most
    assert bill.most > IN_FLIGHT / 2
    stops = [result for result in results if isinstance(result, StopRun)]
    assert stops
    assert {stop.diagnostic.code for stop in stops} == {"ATK704"}
    assert (budget.calls, budget.tokens) == (bill.requests, bill.tokens)


def test_runs_with_small_caps_pay_together_what_one_run_pays(tmp_path: Path) -> None:
    answered, rounds = 0, 0
    while answered < 300:
        before = answered
        _, results = billed(tmp_path / "parts", Budget(max_calls=70), 300)
        done = [r for r in results if not isinstance(r, BaseException) and r.ok]
        assert sum(r.calls for r in done) == len(done) - before  # nothing is paid for twice
        answered, rounds = len(done), rounds + 1
    assert rounds > 4
