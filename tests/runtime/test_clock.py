"""The clock of the machine may be set while a run is on: nothing hangs, and no time is negative."""

from __future__ import annotations

import asyncio
import json
import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from atkc.cli.entry import run
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import open_store
from atkc.runtime.transport.statuses import seconds
from atkc.stdlib.model_server.serving import running
from tests.e2e.kit import files, make_project, manifest
from tests.runtime.calling.test_calls import text_of, user

DAY = 86_400.0
SERVED = datetime(2031, 5, 1, 12, tzinfo=UTC)  # by the server's clock, whatever ours says


@pytest.fixture
def _jumping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each look at the clock find it set by up to a year, forwards or back."""
    chance, real = random.Random(5), time.time
    monkeypatch.setattr(time, "time", lambda: real() + 365 * DAY * chance.uniform(-1, 1))


@pytest.mark.parametrize(
    ("retry_after", "sent", "wait"),
    [
        ("7", None, 7),
        ("7", format_datetime(SERVED), 7),
        (format_datetime(SERVED + timedelta(seconds=9)), format_datetime(SERVED), 9),
        (format_datetime(SERVED - timedelta(days=1)), format_datetime(SERVED), 0),
        ("soon", format_datetime(SERVED), None),
    ],
)
def test_a_date_to_wait_for_counts_by_the_clock_of_who_sent_it(
    retry_after: str, sent: str | None, wait: float | None
) -> None:
    assert seconds(retry_after, sent=sent) == wait


def test_a_date_whose_answer_has_none_counts_by_ours() -> None:
    ahead = datetime.now(UTC) + timedelta(seconds=100)
    for sent in (None, "yesterday"):
        wait = seconds(format_datetime(ahead), sent=sent)
        assert wait is not None
        assert 90 < wait <= 100


@pytest.mark.usefixtures("_jumping")
def test_a_server_with_another_clock_is_asked_again_when_it_says(tmp_path: Path) -> None:
    asked = 0

    async def answer(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        date = {"Date": format_datetime(SERVED), "Retry-After": format_datetime(SERVED)}
        if asked == 1:
            return web.Response(status=429, headers=date)
        message = {"role": "assistant", "content": "yes"}
        return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}]})

    async def go() -> str | None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        async with running(app) as url:
            store = open_store(tmp_path)
            settings = CallSettings(delay=0.001, pause=0.001)
            caller = Caller(store, run_seed=1, settings=settings)
            spec = ModelSpec("w", "m", EndpointSpec("openai", url))
            try:
                return (await caller.ask(spec, user("?"), accept=text_of)).value
            finally:
                await caller.close()
                store.close()

    assert asyncio.run(asyncio.wait_for(go(), 10)) == "yes"
    assert asked == 2


@pytest.mark.usefixtures("_jumping")
def test_a_run_while_the_clock_jumps_ends_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path)
    monkeypatch.chdir(project.folder)
    assert run(["run", "spec.yaml", "--max-calls", "5"]) == 5
    told = json.loads((project.output / "INCOMPLETE.json").read_bytes())
    assert told["in_all"]["calls"] == 5
    assert run(["run", "spec.yaml"]) == 0
    assert 0 <= manifest(project.output)["run"]["seconds"] < 60
    monkeypatch.undo()
    monkeypatch.chdir(project.folder)
    first = files(project.output)
    assert run(["run", "spec.yaml", "--fresh"]) == 0
    assert files(project.output) == first
