"""Time limits that follow from what a call asks for, and from what the endpoint was seen to do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from atkc.runtime.api import EmbeddingRequest, Request
from atkc.runtime.calling.expected import longest_reply, prompt_tokens
from atkc.runtime.calling.patience import Patience, seconds_for
from atkc.runtime.errors import Transient


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


@pytest.mark.parametrize(
    ("prompt", "reply", "retries", "seconds"),
    [
        (0, 0, 0, 60),
        (0, 50, 0, 72.5),
        (1000, 50, 0, 92.5),
        (1000, 1024, 0, 336),
        (8000, 4096, 0, 1244),
        (0, None, 0, 600),
        (5000, None, 0, 700),
        (0, 0, 1, 120),
        (0, 0, 3, 480),
        (0, 0, 4, 960),
        (0, 0, 9, 960),
    ],
)
def test_the_limit_grows_with_prompt_reply_and_retries(
    prompt: int, reply: int | None, retries: int, seconds: float
) -> None:
    assert seconds_for(prompt, reply, retries) == seconds


SAID = ({"role": "user", "content": "x" * 400},)


@pytest.mark.parametrize(
    ("asked", "prompt", "reply"),
    [
        (Request("m", SAID), 100, None),
        (Request("m", SAID, {"max_tokens": 50}), 100, 50),
        (Request("m", SAID, {"max_completion_tokens": 7, "max_tokens": 50}), 100, 7),
        (Request("m", SAID, {"max_tokens": "many"}), 100, None),
        (EmbeddingRequest("m", ("x" * 400, "y" * 40)), 110, 0),
    ],
)
def test_what_a_call_asks_for(
    asked: Request | EmbeddingRequest, prompt: int, reply: int | None
) -> None:
    assert (prompt_tokens(asked), longest_reply(asked)) == (prompt, reply)


def _short(_prompt: int, _reply: int | None, _retries: int) -> float:
    return 0.05


def test_a_call_that_hangs_is_cancelled_and_transient() -> None:
    ended: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def test() -> None:
        with pytest.raises(Transient, match=r"no reply of `e` within 0\.05 s"):
            await Patience("e", _short).within(hang, 0, 0, 0)
        assert ended == ["cancelled"]

    run(test())


def test_a_queue_that_moves_is_waited_for() -> None:
    """A server that answers one call after the other loses none, though the last waits long."""

    async def test() -> None:
        patience, server = Patience("e", _short), asyncio.Lock()

        async def queued() -> str:
            async with server:
                await asyncio.sleep(0.02)
            return "a"

        answers = await asyncio.gather(*[patience.within(queued, 0, 0, 0) for _ in range(12)])
        assert answers == ["a"] * 12

    run(test())


def test_what_the_transport_raises_comes_through() -> None:
    async def broken() -> None:
        raise Transient("broken", status=500)

    async def test() -> None:
        with pytest.raises(Transient, match="broken"):
            await Patience("e").within(broken, 0, 0, 0)

    run(test())


def test_being_cancelled_is_no_time_limit() -> None:
    async def test() -> None:
        call = asyncio.ensure_future(Patience("e").within(asyncio.Event().wait, 0, 0, 0))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    run(test())
