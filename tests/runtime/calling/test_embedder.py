"""Vectors through the call layer: what is sent, stored, shared, refused, and what it costs."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from atkc.runtime.api import EmbeddingRequest, Embeddings
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.embedder import Embedded
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.calling.outcome import Failure
from atkc.runtime.errors import CallError, Permanent, StopRun, StoreError, Transient
from atkc.runtime.keys import embedding_key
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import open_store

QUICK = CallSettings(retries=4, delay=0.001, longest_delay=0.01, pause=0.001)
SPEC = ModelSpec("near", "m", EndpointSpec("test", concurrency=4), {"temperature": 0.5})
TOO_LONG = Permanent("the text is too long", status=400)


def vector(text: str) -> tuple[float, ...]:
    return (float(len(text)), 0.5)


def stored(text: str) -> bytes:
    return array("f", vector(text)).tobytes()


class Transport:
    """Answers with vectors by length; `fails` says which requests do not come through."""

    def __init__(self, fails: Callable[[EmbeddingRequest], CallError | None] | None = None) -> None:
        self.fails = fails or (lambda _request: None)
        self.asked: list[EmbeddingRequest] = []
        self.begun = asyncio.Event()

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        self.asked.append(request)
        self.begun.set()
        await asyncio.sleep(0)
        if error := self.fails(request):
            raise error
        return Embeddings(tuple(map(vector, request.texts)), "m1", 10 * len(request.texts))

    async def close(self) -> None:
        pass

    @property
    def sent(self) -> list[tuple[str, ...]]:
        return [request.texts for request in self.asked]


def with_caller(
    folder: Path,
    transport: Transport,
    test: Callable[[Caller], Coroutine[Any, Any, Any]],
    **options: Any,
) -> Any:
    async def go() -> Any:
        store = open_store(folder / "cache")
        given = {"settings": QUICK, "handed": {"test": lambda: transport}, **options}
        caller = Caller(store, run_seed=1, **given)
        try:
            return await test(caller)
        finally:
            await caller.close()
            store.close()

    return asyncio.run(asyncio.wait_for(go(), 60))


def embed(
    folder: Path, transport: Transport, *texts: str, spec: ModelSpec = SPEC, **options: Any
) -> Embedded:
    async def test(caller: Caller) -> Embedded:
        return await caller.embed(spec, texts)

    found: Embedded = with_caller(folder, transport, test, **options)
    return found


def test_texts_travel_together_and_each_is_stored(tmp_path: Path) -> None:
    transport = Transport()
    first = embed(tmp_path, transport, "a", "bb", "a")
    assert first == Embedded((stored("a"), stored("bb"), stored("a")), 1, 0)
    second = embed(tmp_path, transport, "bb", "ccc")
    assert second == Embedded((stored("bb"), stored("ccc")), 1, 0)
    assert embed(tmp_path, transport, "ccc", "a").hits == 1
    assert transport.sent == [("a", "bb"), ("ccc",)]


def test_usage_and_money_are_counted(tmp_path: Path) -> None:
    spec = replace(SPEC, price_in=2.0)

    async def test(caller: Caller) -> None:
        await caller.embed(spec, ["a", "b"])
        await caller.embed(spec, ["b", "a"])
        total = caller.stats.total
        assert (total.calls, total.cached, total.prompt_tokens) == (1, 1, 20)
        assert total.money == pytest.approx(40e-6)
        assert caller.budget.spent == pytest.approx(40e-6)

    with_caller(tmp_path, Transport(), test)


def test_equal_texts_in_flight_are_sent_once(tmp_path: Path) -> None:
    transport = Transport()

    async def test(caller: Caller) -> None:
        groups = (["a", "b"], ["b", "c"], ["c", "a"])
        first, second, third = await asyncio.gather(*[caller.embed(SPEC, g) for g in groups])
        assert third == Embedded((stored("c"), stored("a")), 0, 1)
        assert (first.calls, second.calls) == (1, 1)
        assert second.vectors == (stored("b"), stored("c"))
        assert caller.stats.total.shared == 1

    with_caller(tmp_path, transport, test)
    assert transport.sent == [("a", "b"), ("c",)]


def test_of_sampling_the_dimensions_alone_are_sent_and_tell_vectors_apart(tmp_path: Path) -> None:
    transport = Transport()
    small = replace(SPEC, sampling={"temperature": 1, "dimensions": 2})
    for spec in (SPEC, small, replace(SPEC, sampling={"temperature": 9})):
        embed(tmp_path, transport, "a", spec=spec)
    assert [request.dimensions for request in transport.asked] == [None, 2]


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"text": "b"}, False),
        ({"model": "n"}, False),
        ({"provider": "openai"}, False),
        ({"revision": "2"}, False),
        ({"dimensions": 2}, False),
        ({"generation": 1}, False),
        ({"base_url": "http://127.0.0.1:1/v1"}, False),
        ({"base_url": "https://api.example.com/v1"}, True),
    ],
)
def test_the_key_of_a_vector(changed: dict[str, Any], same: bool) -> None:
    given: dict[str, Any] = {"provider": "test", "model": "m", "text": "a"}
    assert (embedding_key(**given) == embedding_key(**{**given, **changed})) is same


def test_a_text_that_is_refused_spoils_no_other(tmp_path: Path) -> None:
    transport = Transport(lambda request: TOO_LONG if "long" in request.texts else None)
    found = embed(tmp_path, transport, "a", "b", "long", "c", "d")
    assert found.vectors[2] == Failure("refused", "the text is too long")
    assert [v for v in found.vectors if isinstance(v, bytes)] == [stored(t) for t in "abcd"]
    again = embed(tmp_path, transport, "a", "b", "c", "d")
    assert again.calls == 0


def test_failures_of_the_network_are_retried_then_told_and_not_stored(tmp_path: Path) -> None:
    left = [Transient("busy", status=503)] * 5
    transport = Transport(lambda _request: left.pop() if left else None)
    failed = embed(tmp_path, transport, "a", "b")
    assert failed == Embedded((Failure("transport", "busy"),) * 2, 0, 0)
    assert len(transport.asked) == 5
    assert embed(tmp_path, transport, "a", "b").calls == 1


def test_what_ends_a_run_is_raised(tmp_path: Path) -> None:
    fatal = Permanent("the key was refused", status=401, fatal="ATK701")
    with pytest.raises(Permanent, match="the key was refused"):
        embed(tmp_path, Transport(lambda _request: fatal), "a", "b")
    with pytest.raises(StopRun):
        embed(tmp_path, Transport(), "a", budget=Budget(max_calls=0))
    with pytest.raises(StopRun, match="price"):
        embed(tmp_path, Transport(), "a", budget=Budget(max_usd=1.0))

    async def broken(caller: Caller) -> None:
        caller._store._writer.error = "the disk is full"
        await caller.embed(SPEC, ["a"])

    with pytest.raises(StoreError):
        with_caller(tmp_path, Transport(), broken)


def test_the_worst_case_of_vectors_has_no_reply_in_it(tmp_path: Path) -> None:
    spec = replace(SPEC, price_in=1.0)
    budget = Budget(max_usd=(len("four") + 16) / 1e6)
    assert embed(tmp_path, Transport(), "four", spec=spec, budget=budget).calls == 1
    with pytest.raises(StopRun, match="cross the cap"):
        embed(tmp_path, Transport(), "fours", spec=spec, budget=Budget(max_usd=20 / 1e6))


def test_a_call_outlives_who_waits_for_it(tmp_path: Path) -> None:
    transport = Transport()

    async def test(caller: Caller) -> None:
        task = asyncio.create_task(caller.embed(SPEC, ["a"]))
        await transport.begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await caller.embed(SPEC, ["a"])).vectors == (stored("a"),)

    with_caller(tmp_path, transport, test)
    assert transport.sent == [("a",)]
