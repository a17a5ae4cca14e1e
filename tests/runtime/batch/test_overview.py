"""The batches on record: how they stand, and their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from atkc.runtime.batch.by_litellm import LiteLLMBatches
from atkc.runtime.batch.overview import ALL, Standing, standings
from atkc.runtime.batch.records import Record, Records
from atkc.runtime.errors import Permanent
from tests.runtime.batch.kit import Provider, ask, until, with_provider


async def left_out(provider: Provider, number: int = 3, batches: int = 1) -> None:
    """Submit batches and let the runs go while the provider is at work on them."""

    async def asking(texts: list[str]) -> None:
        async def test(caller: Any) -> None:
            task = asyncio.ensure_future(ask(caller, provider.model(), texts))
            before = noted()
            await until(lambda: noted() > before)
            task.cancel()

        await provider.run(test)

    def noted() -> int:
        return sum(bool(record.id) for record in records(provider).every())

    for n in range(batches):
        await asking([f"{n} {m}" for m in range(number)])


def records(provider: Provider) -> Records:
    return Records(provider.cache / "batches")


async def look(provider: Provider, *cancel: str) -> list[Standing]:
    return await standings(provider.cache / "batches", cancel)


def run(
    folder: Path, test: Callable[[Provider], Coroutine[Any, Any, None]], **options: Any
) -> None:
    with_provider(folder, test, **{"batch_delay": 60.0, **options})


def test_nothing_is_out_where_nothing_was_submitted(tmp_path: Path) -> None:
    assert asyncio.run(standings(tmp_path / "none")) == []


def test_what_is_out_is_told_and_stays(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await left_out(provider, batches=2)
        for _ in range(2):
            found = await look(provider)
            assert {one.id for one in found} == {"batch_1", "batch_2"}
            for one in found:
                assert (one.state, one.open, one.problem) == ("in_progress", True, "")
                assert (len(one.record.keys), one.record.model) == (3, "m")
                assert one.endpoint == provider.url
                assert abs(one.since - time.time()) < 60
        assert (await provider.stats())["batches"] == 2

    run(tmp_path, test)


@pytest.mark.parametrize(
    ("cancel", "states"),
    [
        (("batch_1",), {"batch_1": "cancelled", "batch_2": "in_progress"}),
        ((ALL,), {"batch_1": "cancelled", "batch_2": "cancelled"}),
        (("batch_7",), {"batch_1": "in_progress", "batch_2": "in_progress"}),
    ],
)
def test_what_is_named_is_cancelled(
    tmp_path: Path, cancel: tuple[str, ...], states: dict[str, str]
) -> None:
    async def test(provider: Provider) -> None:
        await left_out(provider, batches=2)
        assert {one.id: one.state for one in await look(provider, *cancel)} == states
        assert {one.id: one.state for one in await look(provider)} == states

    run(tmp_path, test)


def test_a_later_run_asks_again_what_a_cancelled_batch_did_not_answer(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await left_out(provider)
        await look(provider, ALL)
        found = await provider.answers([f"0 {m}" for m in range(3)], batch=False)
        assert all(one.ok for one in found)

    run(tmp_path, test)


def test_a_batch_whose_id_was_never_noted_is_found_by_its_name(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await left_out(provider)
        (record,) = records(provider).every()
        records(provider).save(Record(record.name, record.endpoint, "m", "chat", record.keys))
        lost = records(provider).new_name()
        records(provider).save(Record(lost, record.endpoint, "m", "chat", record.keys))
        found = {one.record.name: (one.id, one.state, one.open) for one in await look(provider)}
        assert found[record.name] == ("batch_1", "in_progress", True)
        assert found[lost] == ("", "not submitted", False)
        (told,) = [o for o in await look(provider, "batch_1") if o.id]
        assert told.state == "cancelled"

    run(tmp_path, test)


def test_a_batch_that_its_provider_has_forgotten(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await left_out(provider)
        (record,) = records(provider).every()
        again = Record(record.name, record.endpoint, "m", "chat", record.keys, id="batch_9")
        records(provider).save(again)
        (found,) = await look(provider, ALL)
        assert (found.id, found.state, found.open) == ("batch_9", "not known there", False)

    run(tmp_path, test)


@pytest.mark.parametrize("path", ["/v1/batches/batch_1", "/v1/batches/batch_1/cancel"])
def test_a_provider_that_fails_is_told_and_the_record_stays(tmp_path: Path, path: str) -> None:
    broken = False

    async def middleware(request: web.Request, handler: Any) -> web.StreamResponse:
        if broken and request.path == path:
            return web.json_response({"error": {"message": "out of order"}}, status=500)
        response: web.StreamResponse = await handler(request)
        return response

    async def test(provider: Provider) -> None:
        nonlocal broken
        await left_out(provider)
        broken = True
        (found,) = await look(provider, ALL)
        assert "out of order" in found.problem
        assert found.state == ("in_progress" if path.endswith("cancel") else "unknown")
        assert len(records(provider).every()) == 1

    run(tmp_path, test, middleware=middleware)


def test_what_litellm_cannot_cancel_is_said() -> None:
    with pytest.raises(Permanent, match="at the provider"):
        asyncio.run(LiteLLMBatches("mistral", None).cancel("b"))
