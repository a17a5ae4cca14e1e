"""An endpoint in use: whose fault it is when calls keep failing."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from atkc.runtime.api import Reply, Request
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.errors import Permanent, Transient
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import open_store

SPEC = ModelSpec("writer", "m", EndpointSpec("test", concurrency=4))
SETTINGS = CallSettings(retries=3, delay=0.002, longest_delay=0.01, pause=0.001, breaker=4)


class Picky:
    """A transport that never answers what begins with `bad`."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    async def complete(self, request: Request) -> Reply:
        text = str(request.messages[0]["content"])
        self.asked[text] += 1
        if text.startswith("bad"):
            raise Transient("broken", status=500)
        return Reply(text)

    async def close(self) -> None:
        """Nothing is open."""


async def asked(caller: Caller, *texts: str) -> list[str | None]:
    """Return for each text what its question failed with; `fatal` where the run would end."""

    async def ask(text: str) -> str | None:
        message = {"role": "user", "content": text}
        try:
            outcome = await caller.ask(SPEC, [message], accept=lambda reply: reply.text)
        except Permanent as error:
            return "fatal" if error.fatal else error.message
        return outcome.failure and outcome.failure.kind

    return list(await asyncio.gather(*map(ask, texts)))


@pytest.mark.parametrize("again", [False, True])
def test_questions_that_an_endpoint_never_answers_fail_alone(tmp_path: Path, again: bool) -> None:
    """In the run that answers the others, and in any later one, where these alone are asked."""
    good = [f"good {n}" for n in range(8)]
    bad = ["bad 1", "bad 2", "bad 3"]

    async def run(transport: Picky) -> list[str | None]:
        store = open_store(tmp_path / "cache")
        handed = {"test": lambda: transport}
        caller = Caller(store, run_seed=1, handed=handed, settings=SETTINGS)
        caller.prefer_far()
        outcomes = await asked(caller, *bad, *good)
        await caller.close()
        store.close()
        return outcomes

    transport = Picky()
    for _ in range(1 + again):
        assert asyncio.run(run(transport)) == ["transport"] * 3 + [None] * 8
    assert transport.asked == dict.fromkeys(good, 1) | dict.fromkeys(bad, 4 * (1 + again))


@pytest.mark.parametrize(
    ("far", "good", "bad"), [(False, 8, 3), (True, 2, 3), (True, 0, 3), (True, 8, 60)]
)
def test_an_endpoint_that_fails_what_is_asked_ends_the_run(
    tmp_path: Path, far: bool, good: int, bad: int
) -> None:
    """While more may come, where less was answered than fails, and before all were tried."""

    async def run() -> list[str | None]:
        store = open_store(tmp_path / "cache")
        handed = {"test": Picky}
        caller = Caller(store, run_seed=1, handed=handed, settings=SETTINGS)
        if far:
            caller.prefer_far()
        assert await asked(caller, *(f"good {n}" for n in range(good))) == [None] * good
        outcomes = await asked(caller, *(f"bad {n}" for n in range(bad)))
        await caller.close()
        store.close()
        return outcomes

    assert asyncio.run(run()) == ["fatal"] * bad
