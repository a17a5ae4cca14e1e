"""The model server: the protocol as OpenAI speaks it, faults on demand, a clean end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from atkc.runtime.api import Message, Reply
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import NONSENSE_TEXT, Draw, Faults
from atkc.stdlib.model_server.habits import THOUGHT, Habits
from atkc.stdlib.model_server.journal import Journal
from atkc.stdlib.model_server.serving import running

ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "What is a keel?"}]}

Post = Callable[..., Coroutine[Any, Any, tuple[int, Any]]]


def echo(
    messages: Sequence[Message], response_format: Mapping[str, Any] | None, seed: int
) -> Reply:
    return Reply(f"{seed} {response_format} {messages[-1]['content']}")


def serve(test: Callable[[Post, str], Coroutine[Any, Any, None]], **options: Any) -> None:
    """Run a test against a server on a free port."""

    async def go() -> None:
        app = make_app(options.pop("complete", echo), **options)
        async with running(app) as url, aiohttp.ClientSession() as session:

            async def post(body: Any, **headers: str) -> tuple[int, Any]:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                address = f"{url}/chat/completions"
                async with session.post(address, data=data, headers=headers) as response:
                    return response.status, await response.json()

            await test(post, url)

    asyncio.run(asyncio.wait_for(go(), 20))


async def get(url: str, **headers: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.json()


def test_a_completion_has_text_reason_and_usage() -> None:
    async def test(post: Post, _url: str) -> None:
        asked = {**ASKED, "seed": 7, "response_format": {"type": "json_object"}}
        status, body = await post(asked)
        assert (status, body["object"], body["model"]) == (200, "chat.completion", "m")
        text = "7 {'type': 'json_object'} What is a keel?"
        assert body["choices"] == [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ]
        assert body["usage"] == {"prompt_tokens": 4, "completion_tokens": 11, "total_tokens": 15}

    serve(test)


def test_parts_of_text_are_joined() -> None:
    async def test(post: Post, _url: str) -> None:
        parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
        _, body = await post({**ASKED, "messages": [{"role": "user", "content": parts}]})
        assert body["choices"][0]["message"]["content"] == "0 None ab"

    serve(test)


@pytest.mark.parametrize("with_usage", [False, True])
def test_a_stream_ends_with_done(with_usage: bool) -> None:
    async def test(_post: Post, url: str) -> None:
        asked = {**ASKED, "stream": True, "stream_options": {"include_usage": with_usage}}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/chat/completions", json=asked) as response,
        ):
            assert response.content_type == "text/event-stream"
            lines = (await response.text()).split("\n\n")
        assert lines[-2:] == ["data: [DONE]", ""]
        chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
        choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
        text = "".join(choice["delta"].get("content", "") for choice in choices)
        assert text == "0 None " + "long " * 100
        assert choices[0]["delta"]["role"] == "assistant"
        assert [choice["finish_reason"] for choice in choices[-2:]] == [None, "stop"]
        assert ("usage" in chunks[-1]) is with_usage

    serve(test, complete=lambda *_: Reply("0 None " + "long " * 100))


BAD: list[tuple[Any, str]] = [
    (b"{", "body"),
    (b"[]", "body"),
    ({}, "model"),
    ({**ASKED, "model": 3}, "model"),
    ({"model": "m"}, "messages"),
    ({**ASKED, "messages": []}, "messages"),
    ({**ASKED, "messages": "hello"}, "messages"),
    ({**ASKED, "messages": [{"content": "x"}]}, "messages[0].role"),
    ({**ASKED, "messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
    ({**ASKED, "messages": [{"role": "user"}]}, "messages[0].content"),
    ({**ASKED, "messages": [{"role": "user", "content": [{}]}]}, "messages[0].content"),
    ({**ASKED, "temperature": 3}, "temperature"),
    ({**ASKED, "temperature": "1"}, "temperature"),
    ({**ASKED, "top_p": True}, "top_p"),
    ({**ASKED, "presence_penalty": -3}, "presence_penalty"),
    ({**ASKED, "frequency_penalty": 3}, "frequency_penalty"),
    ({**ASKED, "max_tokens": 0}, "max_tokens"),
    ({**ASKED, "max_completion_tokens": 1.5}, "max_completion_tokens"),
    ({**ASKED, "n": 2}, "n"),
    ({**ASKED, "seed": "7"}, "seed"),
    ({**ASKED, "stream": 1}, "stream"),
    ({**ASKED, "stream_options": 1}, "stream_options"),
    ({**ASKED, "response_format": {"type": "xml"}}, "response_format"),
]


@pytest.mark.parametrize(("body", "param"), BAD, ids=[f"{n}-{p}" for n, (_, p) in enumerate(BAD)])
def test_what_the_protocol_forbids_is_a_400_at_its_key(body: Any, param: str) -> None:
    async def test(post: Post, url: str) -> None:
        status, answer = await post(body)
        assert (status, answer["error"]["param"]) == (400, param)
        assert answer["error"]["type"] == "invalid_request_error"
        _, stats = await get(url.replace("/v1", "/stats"))
        assert stats["refused"] == {"400": 1}

    serve(test)


def test_null_is_as_good_as_absent() -> None:
    async def test(post: Post, _url: str) -> None:
        nulls = dict.fromkeys(("temperature", "seed", "stream", "response_format"))
        assert (await post({**ASKED, **nulls}))[0] == 200

    serve(test)


def test_an_unknown_model_is_a_404() -> None:
    async def test(post: Post, url: str) -> None:
        assert (await post(ASKED))[0] == 200
        status, body = await post({**ASKED, "model": "x"})
        assert (status, body["error"]["code"]) == (404, "model_not_found")
        _, listed = await get(f"{url}/models")
        assert [row["id"] for row in listed["data"]] == ["m", "n"]

    serve(test, models=("m", "n"))


def test_a_wrong_key_is_a_401() -> None:
    async def test(post: Post, url: str) -> None:
        good = {"Authorization": "Bearer right"}
        assert (await post(ASKED, **good))[0] == 200
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "right"}):
            status, body = await post(ASKED, **headers)
            assert (status, body["error"]["code"]) == (401, "invalid_api_key")
            assert (await get(f"{url}/models", **headers))[0] == 401
        assert (await get(f"{url}/models", **good))[0] == 200

    serve(test, required_key="right")


def test_a_body_that_is_too_large_is_a_413() -> None:
    async def test(post: Post, _url: str) -> None:
        large = [{"role": "user", "content": "x" * 1000}]
        assert (await post({**ASKED, "messages": large}))[0] == 413
        assert (await post(ASKED))[0] == 200

    serve(test, largest_body=500)


def test_health_and_stats_are_served() -> None:
    async def test(post: Post, url: str) -> None:
        await asyncio.gather(*[post(ASKED) for _ in range(5)])
        root = url.removesuffix("/v1")
        assert await get(f"{root}/health") == (200, {"status": "ok"})
        _, stats = await get(f"{root}/stats")
        assert (stats["requests"], stats["completions"], stats["in_flight"]) == (5, 5, 0)
        assert stats["max_in_flight"] == 5

    serve(test, faults=Faults(latency=0.1))


def test_latency_delays_every_reply() -> None:
    async def test(post: Post, _url: str) -> None:
        begin = time.monotonic()
        await post(ASKED)
        assert time.monotonic() - begin >= 0.2

    serve(test, faults=Faults(latency=0.2))


@pytest.mark.parametrize(
    ("faults", "status", "seen"),
    [
        (Faults(rate429=1, retry_after=2.5), 429, "rate429"),
        (Faults(rate500=1), 500, "rate500"),
        (Faults(cutoff=1), 200, "cutoff"),
        (Faults(nonsense=1), 200, "nonsense"),
    ],
)
def test_faults_that_answer(faults: Faults, status: int, seen: str) -> None:
    async def test(post: Post, url: str) -> None:
        got, body = await post(ASKED)
        assert got == status
        text = "0 None What is a keel?"
        expected = {
            "cutoff": ("length", text[: len(text) // 2]),
            "nonsense": ("stop", NONSENSE_TEXT),
        }
        if seen in expected:
            choice = body["choices"][0]
            assert (choice["finish_reason"], choice["message"]["content"]) == expected[seen]
        _, stats = await get(url.replace("/v1", "/stats"))
        assert stats["faults"] == {seen: 1}

    serve(test, faults=faults)


def test_a_429_says_how_long_to_wait() -> None:
    async def test(_post: Post, url: str) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/chat/completions", json=ASKED) as response,
        ):
            assert response.headers["Retry-After"] == "2.5"

    serve(test, faults=Faults(rate429=1, retry_after=2.5))


def test_a_dropped_connection_brings_nothing() -> None:
    async def test(post: Post, _url: str) -> None:
        with pytest.raises(aiohttp.ClientConnectionError):
            await post(ASKED)

    serve(test, faults=Faults(drop=1))


def test_a_hanging_request_ends_with_its_client() -> None:
    async def test(post: Post, url: str) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(post(ASKED), 0.2)
        for _ in range(100):
            _, stats = await get(url.replace("/v1", "/stats"))
            if stats["in_flight"] == 0:
                return
            await asyncio.sleep(0.02)
        pytest.fail("the request is still there")

    serve(test, faults=Faults(hang=1))


def test_faults_come_in_their_shares_and_depend_on_seed_content_and_attempt() -> None:
    faults = Faults(rate429=0.2, rate500=0.1, drop=0.05, cutoff=0.05, nonsense=0.1, hang=0.01)

    def drawn(seed: int) -> list[str | None]:
        draw = Draw(Faults(**{**vars_of(faults), "seed": seed}))
        return [draw.next(b"%d" % (n % 500)) for n in range(5000)]

    met = drawn(1)
    assert met == drawn(1)
    assert met != drawn(2)
    for name, share in faults.rates():
        assert met.count(name) / 5000 == pytest.approx(share, abs=0.02)
    again = [met[n * 500] for n in range(10)]
    assert len(set(again)) > 1  # another attempt at the same content meets another fault


def test_what_is_spoilt_steadily_is_so_each_time_and_what_passes_is_not() -> None:
    draw = Draw(Faults(nonsense=0.3, cutoff=0.2, rate500=0.2, steady=True))
    met = [[draw.next(b"%d" % n) for n in range(200)] for _ in range(8)]
    lasting = [{one for one in each if one != "rate500"} for each in zip(*met, strict=True)]
    assert all(len(each) <= 1 for each in lasting)
    assert {one for each in lasting for one in each} == {None, "nonsense", "cutoff"}
    assert 0.15 < sum(row.count("rate500") for row in met) / 1600 < 0.25


def test_the_journal_tells_what_was_asked_again() -> None:
    async def test(post: Post, url: str) -> None:
        for seed in (1, 2, 1):
            await post({**ASKED, "seed": seed})
        _, stats = await get(url.removesuffix("/v1") + "/stats")
        told = {"asked": 3, "distinct": 2, "open": 0, "recent": 3, "abandoned": 0}
        assert stats["asked"]["calls"] == told
        assert set(stats["asked"]["texts"].values()) == {0}

    serve(test, journal=Journal())


def test_the_journal_leaves_out_what_faults_keep_from_an_answer() -> None:
    async def test(post: Post, url: str) -> None:
        await post(ASKED)
        _, stats = await get(url.removesuffix("/v1") + "/stats")
        assert stats["asked"]["calls"]["asked"] == 0

    serve(test, journal=Journal(), faults=Faults(rate500=1))


def vars_of(faults: Faults) -> dict[str, Any]:
    return {name: getattr(faults, name) for name in faults.__struct_fields__}


SERVER = """
from atkc.runtime.api import Reply
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.serving import serve

serve(make_app(lambda *_: Reply("yes"), Faults(hang=1)))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_a_call_in_flight(number: int) -> None:
    root = Path(__file__).resolve().parents[2]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert server.stdout is not None
    url = server.stdout.readline().strip()

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            call = asyncio.create_task(session.post(f"{url}/chat/completions", json=ASKED))
            await asyncio.sleep(0.3)
            server.send_signal(number)
            await asyncio.gather(call, return_exceptions=True)

    asyncio.run(asyncio.wait_for(ask(), 20))
    _, errors = server.communicate(timeout=20)
    assert url.startswith("http://127.0.0.1:")
    assert (server.returncode, errors) == (0, "")


def counted(*_: object) -> Reply:
    return Reply("one two three four", prompt_tokens=5, completion_tokens=4)


@pytest.mark.parametrize(
    ("habits", "more", "text", "reason"),
    [
        (Habits(), {"max_tokens": 2}, "one two t", "length"),
        (Habits(), {"max_completion_tokens": 2}, "one two t", "length"),
        (Habits(), {"max_tokens": 4}, "one two three four", "stop"),
        (Habits(hide_length=True), {"max_tokens": 2}, "one two t", "stop"),
        (Habits(ignore_length=True), {"max_tokens": 2}, "one two three four", "stop"),
        (Habits(), {"stop": "three"}, "one two ", "stop"),
        (Habits(), {"stop": ["four", "two"]}, "one ", "stop"),
        (Habits(ignore_stop=True), {"stop": "three"}, "one two three four", "stop"),
        (
            Habits(reasoning="text"),
            {},
            f"<think>{THOUGHT}</think>\none two three four",
            "stop",
        ),
    ],
)
def test_a_reply_is_bounded_as_the_habits_say(
    habits: Habits, more: dict[str, Any], text: str, reason: str
) -> None:
    async def test(post: Post, _url: str) -> None:
        _, body = await post({**ASKED, **more})
        choice = body["choices"][0]
        assert (choice["message"]["content"], choice["finish_reason"]) == (text, reason)

    serve(test, complete=counted, habits=habits)


@pytest.mark.parametrize(
    ("habits", "param"),
    [(Habits(refuse_format=True), "response_format"), (Habits(refuse_seed=True), "seed")],
)
def test_what_the_habits_refuse_is_a_400_at_its_key(habits: Habits, param: str) -> None:
    async def test(post: Post, _url: str) -> None:
        asked = {**ASKED, "seed": 1, "response_format": {"type": "json_object"}}
        status, body = await post(asked)
        assert (status, body["error"]["param"]) == (400, param)
        assert (await post(ASKED))[0] == 200

    serve(test, habits=habits)


def test_a_reply_that_was_cut_counts_the_tokens_kept() -> None:
    async def test(post: Post, _url: str) -> None:
        _, body = await post({**ASKED, "max_tokens": 3})
        assert body["usage"]["completion_tokens"] == 3

    serve(test, complete=counted)


def test_an_ignored_format_does_not_reach_the_model() -> None:
    async def test(post: Post, _url: str) -> None:
        _, body = await post({**ASKED, "response_format": {"type": "json_object"}})
        assert body["choices"][0]["message"]["content"] == "0 None What is a keel?"

    serve(test, habits=Habits(ignore_format=True))


def test_thoughts_and_counts_are_told_or_not() -> None:
    async def test(post: Post, _url: str) -> None:
        _, body = await post(ASKED)
        assert body["choices"][0]["message"]["reasoning_content"] == THOUGHT
        assert "usage" not in body

    serve(test, habits=Habits(reasoning="field", no_usage=True))


@pytest.mark.parametrize(
    ("habits", "status"),
    [(Habits(), 401), (Habits(open_models=True), 200), (Habits(no_models=True), 404)],
)
def test_the_list_of_models_is_locked_open_or_missing(habits: Habits, status: int) -> None:
    async def test(_post: Post, url: str) -> None:
        assert (await get(f"{url}/models"))[0] == status

    serve(test, habits=habits, required_key="k", models=("m",))


def test_the_context_is_told_in_the_list_of_models() -> None:
    async def test(_post: Post, url: str) -> None:
        _, listed = await get(f"{url}/models")
        assert [row["max_model_len"] for row in listed["data"]] == [800]

    serve(test, habits=Habits(context=800), models=("m",))
