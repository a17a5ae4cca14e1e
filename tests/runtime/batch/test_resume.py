"""Runs that end while batches go on: nothing is submitted twice, nothing that came is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from msgspec.structs import replace

from atkc.runtime.api import Request
from atkc.runtime.batch.collecting import Collection
from atkc.runtime.batch.direct import DirectBatches
from atkc.runtime.batch.lines import request_line
from atkc.runtime.batch.records import Record, Records
from atkc.runtime.calling.calls import Caller
from atkc.runtime.keys import call_seed, call_text, text_key
from tests.runtime.batch.kit import Provider, ask, until, user, with_provider

TEXTS = tuple(range(12))


def records(provider: Provider) -> list[Record]:
    endpoint = tuple(part or "" for part in provider.model().endpoint.key)
    return Records(provider.cache / "batches").of(endpoint)


async def stopped(provider: Provider, texts: Any = TEXTS) -> None:
    """A run that ends while its batch is under way."""

    async def test(caller: Caller) -> None:
        asking = asyncio.ensure_future(ask(caller, provider.model(), texts))
        await until(lambda: any(r.id for r in records(provider)))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    await provider.run(test)


def stored(provider: Provider) -> int:
    with sqlite3.connect(provider.cache / "store.sqlite") as connection:
        (count,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    connection.close()
    return int(count)


def test_a_stopped_run_says_what_goes_on_and_the_next_picks_it_up(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await stopped(provider)
        last = provider.told[-1]
        assert "batches go on there, with 12 calls (batch_1)" in last
        assert "a later run with `--batch` picks them up" in last
        assert stored(provider) == 0
        found = await provider.answers(TEXTS)
        assert [o.calls for o in found] == [1] * 12
        stats = await provider.stats()
        assert (stats["batches"], stats["batched"]) == (1, 12)
        assert not provider.records()

    with_provider(tmp_path, test, batch_delay=0.2)


def test_the_next_run_waits_where_the_batch_is_not_done_yet(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await stopped(provider)
        await stopped(provider)
        await provider.answers([*TEXTS, 99])
        stats = await provider.stats()
        assert (stats["batches"], stats["batched"]) == (2, 13)

    with_provider(tmp_path, test, batch_delay=0.3)


def test_replies_that_nobody_asks_for_any_more_are_stored(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await stopped(provider)

        async def other(caller: Caller) -> None:  # another spec now, on the same cache
            await ask(caller, provider.model(), [50])
            await until(lambda: any("batch_1: completed" in text for text in provider.told))

        await provider.run(other)
        assert stored(provider) == 13
        assert not provider.records()
        await provider.answers(TEXTS)
        assert (await provider.stats())["batched"] == 13

    with_provider(tmp_path, test)


async def _killed_while_submitting(provider: Provider, *, taken: bool) -> None:
    """What a run leaves that was killed after its batch was taken, or before."""
    noted = Records(provider.cache / "batches")
    name = noted.new_name()
    model, lines = provider.model(), {}
    for text in TEXTS:
        seed = call_seed(1, user(text), 0)
        key = text_key(
            call_text(
                provider="openai",
                model="m",
                messages=user(text),
                sampling={},
                response_format=None,
                seed=seed,
                attempt=0,
                base_url=provider.url,
            )
        ).hex()
        lines[key] = request_line(key, Request("m", user(text), seed=seed), "")
    noted.requests(name).write_bytes(b"".join(lines.values()))
    endpoint = tuple(part or "" for part in model.endpoint.key)
    noted.save(Record(name, endpoint, "m", "chat", tuple(lines)))
    if taken:
        api = DirectBatches(provider.url)
        await api.create(await api.upload(noted.requests(name)), "chat", "m", name)
        await api.close()


@pytest.mark.parametrize("taken", [True, False])
def test_a_run_killed_while_it_submits_is_never_paid_twice(tmp_path: Path, taken: bool) -> None:
    async def test(provider: Provider) -> None:
        await _killed_while_submitting(provider, taken=taken)
        found = await provider.answers(TEXTS)
        assert all(outcome.failure is None for outcome in found)
        stats = await provider.stats()
        assert (stats["batches"], stats["batched"]) == (1, 12)
        assert not provider.records()

    with_provider(tmp_path, test)


def test_a_submission_whose_answer_is_lost_is_found_again(tmp_path: Path) -> None:
    lost: list[str] = []

    async def losing(request: web.Request, handler: Any) -> web.StreamResponse:
        response = await handler(request)
        if (request.method, request.path) == ("POST", "/v1/batches") and not lost:
            lost.append(request.path)
            assert request.transport is not None
            request.transport.abort()
        return response  # type: ignore[no-any-return]

    async def test(provider: Provider) -> None:
        await provider.answers(TEXTS)
        stats = await provider.stats()
        assert (len(lost), stats["batches"], stats["batched"]) == (1, 1, 12)

    with_provider(tmp_path, test, middleware=losing)


@pytest.mark.parametrize("path", ["/v1/files", "/v1/batches/batch_1", "/v1/files/file-2/content"])
def test_trouble_on_the_way_is_gone_through(tmp_path: Path, path: str) -> None:
    met: list[str] = []

    async def troubled(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == path and len(met) < 2:
            met.append(path)
            return web.json_response({"error": {"message": "busy"}}, status=503)
        return await handler(request)  # type: ignore[no-any-return]

    async def test(provider: Provider) -> None:
        found = await provider.answers(TEXTS)
        assert all(outcome.failure is None for outcome in found)
        assert len(met) == 2
        assert (await provider.stats())["batches"] == 1

    with_provider(tmp_path, test, middleware=troubled)


def test_a_batch_that_the_provider_forgot_is_asked_again(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await stopped(provider)
        (record,) = records(provider)
        noted = Records(provider.cache / "batches")
        noted.save(replace(record, id="batch_77"))
        await provider.answers(TEXTS)
        assert (await provider.stats())["batches"] == 2
        assert not provider.records()

    with_provider(tmp_path, test, batch_delay=0.1)


def test_two_runs_at_once_submit_a_call_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        here, there = await asyncio.gather(provider.answers(TEXTS), provider.answers(TEXTS))
        assert [o.value for o in here] == [o.value for o in there]
        stats = await provider.stats()
        assert (stats["batches"], stats["batched"]) == (1, 12)

    with_provider(tmp_path, test, batch_delay=0.1)


def test_a_record_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    noted = Records(tmp_path)
    name = noted.new_name()
    path = tmp_path / f"{name}.json"
    path.write_bytes(orjson.dumps({"form": 2, "name": name}))
    with pytest.raises(Exception, match="newer version of atkc"):
        noted.of(())
    assert path.exists()


def test_calls_that_a_killed_run_had_only_collected_are_tidied_away(tmp_path: Path) -> None:
    noted = Records(tmp_path)
    left, held = noted.requests(noted.new_name()), noted.requests(noted.new_name())
    left.write_bytes(b"{}")
    collection = Collection(held.stem, held, "m", "chat")
    noted.tidy()
    assert (left.exists(), held.exists()) == (False, True)  # the other one is at work
    collection.drop()
