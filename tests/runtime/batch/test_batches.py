"""Calls in batches: how they are collected, what their ends mean, what they cost."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from atkc.runtime.batch.lane import BatchLane
from atkc.runtime.batch.pacing import Pacing
from atkc.runtime.batch.prices import at_batch_prices
from atkc.runtime.batch.records import Records
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.calls import Caller
from atkc.runtime.errors import Permanent, StopRun, StoreError
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.stdlib.model_server.faults import Faults
from tests.runtime.batch.kit import Provider, ask, until, with_provider

TEXTS = tuple(range(20))


def values(outcomes: Any) -> list[Any]:
    return [outcome.value for outcome in outcomes]


def test_a_batch_brings_the_replies_of_live_calls_under_the_same_keys(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        batched = await provider.answers(TEXTS)
        stats = await provider.stats()
        assert (stats["requests"], stats["batches"], stats["batched"]) == (0, 1, 20)
        again = await provider.answers(TEXTS, batch=False)
        assert (await provider.stats())["requests"] == 0  # all of them are in the store
        assert [o.hits for o in again] == [1] * 20
        elsewhere = Provider(provider.url, tmp_path / "other")
        live = await elsewhere.answers(TEXTS, batch=False)
        for other in (again, live):
            assert values(other) == values(batched)
            assert [o.keys for o in other] == [o.keys for o in batched]
        assert [o.calls for o in batched] == [1] * 20
        assert not provider.records()

    with_provider(tmp_path, test)


def test_calls_go_by_model_and_in_batches_of_a_size(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async def both(caller: Caller) -> None:
            await asyncio.gather(
                ask(caller, provider.model("a"), TEXTS), ask(caller, provider.model("b"), TEXTS[:3])
            )

        await provider.run(both, pacing=Pacing(poll=0.02, size=8))
        stats = await provider.stats()
        assert (stats["batches"], stats["batched"]) == (3 + 1, 23)  # 8 + 8 + 4, and 3

    with_provider(tmp_path, test)


def test_equal_calls_go_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        found = await provider.answers([1, 1, 1])
        assert len(set(values(found))) == 1
        assert (await provider.stats())["batched"] == 1

    with_provider(tmp_path, test)


@pytest.mark.parametrize(
    ("faults", "batches"),
    [
        pytest.param(Faults(rate500=0.4, seed=3), 2, id="500"),
        pytest.param(Faults(rate429=0.4, seed=3), 2, id="429"),
        pytest.param(Faults(hang=0.4, seed=3), 2, id="expired"),
    ],
)
def test_what_was_not_answered_goes_in_a_further_batch(
    tmp_path: Path, faults: Faults, batches: int
) -> None:
    async def test(provider: Provider) -> None:
        found = await provider.answers(TEXTS)
        assert all(outcome.failure is None for outcome in found)
        stats = await provider.stats()
        assert stats["batched"] == 20  # each was answered with a reply once
        assert stats["batches"] >= batches
        assert sum(stats["faults"].values()) > 0

    with_provider(tmp_path, test, faults=faults)


def test_what_is_never_answered_fails_as_a_transport_failure(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        found = await provider.answers(TEXTS[:3], retries=1)
        assert [o.failure.kind for o in found if o.failure] == ["transport"] * 3
        assert (await provider.stats())["batches"] == 2

    with_provider(tmp_path, test, faults=Faults(hang=1.0))


def test_a_refused_line_fails_alone_and_is_asked_again_by_a_later_run(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        hot = provider.model("hot", sampling={"temperature": 5})

        async def both(caller: Caller) -> Any:
            return await asyncio.gather(
                ask(caller, hot, [1]), ask(caller, provider.model(), [2, 3])
            )

        (bad,), good = await provider.run(both)
        assert bad.failure.kind == "refused"
        assert "temperature" in bad.failure.message
        assert all(o.failure is None for o in good)
        assert (await provider.stats())["batches"] == 2
        (bad,) = await provider.answers([1], model=hot)
        assert bad.failure is not None
        assert (await provider.stats())["batches"] == 3
        assert not provider.records()

    with_provider(tmp_path, test)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        pytest.param({"models": ("other",)}, "ATK702", id="unknown model"),
        pytest.param({"required_key": "secret"}, "ATK701", id="wrong key"),
    ],
)
def test_what_every_call_would_meet_ends_the_run(
    tmp_path: Path, options: dict[str, Any], code: str
) -> None:
    async def test(provider: Provider) -> None:
        with pytest.raises(Permanent) as caught:
            await provider.answers(TEXTS)
        assert caught.value.fatal == code
        assert not provider.records()

    with_provider(tmp_path, test, **options)


def test_an_endpoint_without_batches_says_so(tmp_path: Path) -> None:
    async def none(request: web.Request, handler: Any) -> web.StreamResponse:
        return web.json_response({}, status=404)

    async def test(provider: Provider) -> None:
        with pytest.raises(Permanent, match="no batch API") as caught:
            await provider.answers(TEXTS)
        assert caught.value.fatal == "ATK731"

    with_provider(tmp_path, test, middleware=none)


def test_an_endpoint_that_nobody_serves_ends_the_run(tmp_path: Path) -> None:
    provider = Provider("http://127.0.0.1:9/v1", tmp_path / "cache")
    pacing = Pacing(poll=0.01, retries=1, delay=0.001)
    with pytest.raises(Permanent) as caught:
        asyncio.run(provider.answers(TEXTS, pacing=pacing))
    assert caught.value.fatal == "ATK700"


def test_a_batch_refused_as_a_whole_says_why(tmp_path: Path) -> None:
    async def refusing(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == "/v1/batches":
            return web.json_response({"error": {"message": "no batches today"}}, status=400)
        return await handler(request)  # type: ignore[no-any-return]

    async def test(provider: Provider) -> None:
        with pytest.raises(Permanent, match="no batches today") as caught:
            await provider.answers(TEXTS)
        assert caught.value.fatal == "ATK732"

    with_provider(tmp_path, test, middleware=refusing)


def test_a_full_queue_makes_smaller_batches(tmp_path: Path) -> None:
    sizes: list[int] = []

    async def full(request: web.Request, handler: Any) -> web.StreamResponse:
        response = await handler(request)
        if request.path.startswith("/v1/batches/"):
            told = json.loads(response.body)
            if told["request_counts"]["total"] > 6:
                sizes.append(told["request_counts"]["total"])
                said = {"code": "token_limit_exceeded", "message": "too much", "line": None}
                told |= {"status": "failed", "errors": {"data": [said]}}
                told |= {"output_file_id": None, "error_file_id": None}
                return web.json_response(told)
        return response  # type: ignore[no-any-return]

    async def test(provider: Provider) -> None:
        found = await provider.answers(TEXTS)
        assert all(outcome.failure is None for outcome in found)
        assert sizes == [20, 10, 10]

    with_provider(tmp_path, test, middleware=full)


def test_a_cap_on_calls_sends_what_it_allows_and_then_ends_the_run(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        with pytest.raises(StopRun):
            await provider.answers(TEXTS, budget=Budget(max_calls=7))
        assert (await provider.stats())["batched"] == 7
        found = await provider.answers(TEXTS)
        assert sum(o.hits for o in found) == 7
        assert (await provider.stats())["batched"] == 20

    with_provider(tmp_path, test)


def test_a_cap_on_money_is_used_up_and_never_crossed(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        priced = provider.model(price_in=100.0, price_out=100.0, sampling={"max_tokens": 1000})
        budget = Budget(max_usd=0.3)  # a call costs 0.0015, and 0.1 at worst
        found = await provider.answers(TEXTS, model=priced, budget=budget)
        assert all(outcome.failure is None for outcome in found)
        assert budget.spent == pytest.approx(20 * 0.0015)
        small = Budget(max_usd=0.104)
        with pytest.raises(StopRun):
            await provider.answers(range(100, 110), model=priced, budget=small)
        assert small.spent <= 0.104

    with_provider(tmp_path, test)


def test_models_cost_what_their_batches_cost() -> None:
    def spec(provider: str, url: str = "", **options: Any) -> ModelSpec:
        endpoint = EndpointSpec(provider, url, **options)
        return ModelSpec("m", "m", endpoint, price_in=2.0, price_out=8.0)

    openai = "https://api.openai.com/v1"
    models = {
        "half": spec("openai", openai),
        "unknown": spec("openai", "https://models.example/v1"),
        "told": spec("openai", "https://models.example/v1", batch_price=0.25),
        "live": spec("openai", openai, batch=False),
        "embedding": spec("openai", openai),
        "mistral": spec("mistral"),
    }
    priced = at_batch_prices(models, True, {"embedding"})
    assert {name: (m.price_in, m.price_out) for name, m in priced.items()} == {
        "half": (1.0, 4.0),
        "unknown": (2.0, 8.0),
        "told": (0.5, 2.0),
        "live": (2.0, 8.0),
        "embedding": (2.0, 8.0),
        "mistral": (1.0, 4.0),
    }
    assert at_batch_prices(models, False, ()) == models


def test_a_batch_that_cannot_be_written_down_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_records: Records, _record: object) -> None:
        raise StoreError("no space left")

    async def test(provider: Provider) -> None:
        monkeypatch.setattr(Records, "save", full)
        with pytest.raises(StoreError, match="no space left"):
            await provider.answers(TEXTS)
        assert (await provider.stats())["batches"] == 0

    with_provider(tmp_path, test)


def test_a_call_that_waits_is_small_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    many, text = 2000, "word " * 400

    async def test(provider: Provider) -> None:
        async def asked(caller: Caller) -> None:
            tracemalloc.start()
            asking = asyncio.ensure_future(
                ask(caller, provider.model(), [f"{n} {text}" for n in range(many)])
            )
            await until(lambda: provider.told)  # submitted, and all of them wait
            waiting, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            await asking
            assert waiting / many < 30_000
            (lane,) = caller._lanes.values()
            assert isinstance(lane, BatchLane)
            assert not lane._office._holders

        await provider.run(asked)
        assert (await provider.stats())["batched"] == many
        assert not provider.records()

    with_provider(tmp_path, test, batch_delay=0.5)
