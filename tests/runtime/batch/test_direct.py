"""What an endpoint with batches says when it does not answer, and how long it asks to wait."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from atkc.runtime.batch.api import BatchApi
from atkc.runtime.batch.direct import DirectBatches
from atkc.runtime.batch.pacing import Pacing
from atkc.runtime.batch.records import Record, Records
from atkc.runtime.batch.submitting import Submitter
from atkc.runtime.errors import Permanent, Transient
from tests.runtime.batch.kit import Provider, with_provider

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "7", "retry-after-ms": "1250"}, 1.25),
        (
            {
                "Retry-After": format_datetime(NOON + timedelta(seconds=9), usegmt=True),
                "Date": format_datetime(NOON, usegmt=True),  # the clock of the endpoint counts
            },
            9,
        ),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s"}, 90),
    ],
)
def test_a_refusal_tells_how_long_to_wait(
    tmp_path: Path, headers: dict[str, str], wait: float | None
) -> None:
    async def busy(request: web.Request, handler: Any) -> web.StreamResponse:  # aiohttp names them
        return web.json_response({"error": {"message": "busy"}}, status=429, headers=headers)

    async def test(provider: Provider) -> None:
        batches = DirectBatches(provider.url)
        try:
            with pytest.raises(Transient) as refusal:
                await batches.retrieve("batch_1")
        finally:
            await batches.close()
        assert (refusal.value.status, refusal.value.retry_after) == (429, wait)

    with_provider(tmp_path, test, middleware=busy)


def test_no_endpoint_is_waited_for_longer_than_ten_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def slept(delay: float) -> None:
        waits.append(delay)

    class Busy:
        async def upload(self, path: Path) -> str:
            raise Transient("busy", status=429, retry_after=86_400)

    monkeypatch.setattr(asyncio, "sleep", slept)
    api = cast("BatchApi", Busy())
    submitter = Submitter("e", api, Records(tmp_path), Pacing(retries=2))
    with pytest.raises(Permanent) as ended:
        asyncio.run(submitter.submit(Record("atkc-1", ("e",), "m", "chat", ())))
    assert (ended.value.fatal, waits) == ("ATK700", [600.0, 600.0])
