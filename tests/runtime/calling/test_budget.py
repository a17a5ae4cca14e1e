"""Caps on calls, money and tokens: what is reserved, who waits, when a run ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from atkc.compiler.plan import Budget as Written
from atkc.compiler.plan import CombineOp, Edge, Node, OnFailure, Place, Plan, PromptOp, Variant
from atkc.compiler.plan import Prompt as PlanPrompt
from atkc.runtime.api import EmbeddingRequest, Reply, Request
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.caps import Caps, longest_reply, tighter, unbounded
from atkc.runtime.errors import Permanent, StopRun, Transient, Unreachable
from atkc.runtime.modelspec import EndpointSpec, ModelSpec

SPEC = ModelSpec("writer", "m", EndpointSpec("test"), price_in=0.0, price_out=1e6)
REQUEST = Request("m", ({"role": "user", "content": "é"},), {"max_tokens": 10})
TOKENS = 256 + 16 + len("user") + len("é".encode()) + 10


def used(prompt: int, completion: int) -> Reply:
    return Reply("a", "stop", "", prompt, completion)


@pytest.mark.parametrize(
    ("sampling", "longest"),
    [
        ({"max_tokens": 5}, 5),
        ({"max_tokens": 5, "max_completion_tokens": 9}, 9),
        ({"max_tokens": 5, "n": 3}, 15),
        ({"max_tokens": 5, "n": 2, "best_of": 4}, 20),
        ({"max_tokens": 5, "n": None}, 5),
        ({}, None),
        ({"max_tokens": None}, None),
        ({"max_tokens": -1}, None),
        ({"max_tokens": 0}, None),
        ({"max_tokens": "5"}, None),
        ({"max_tokens": True}, None),
        ({"max_tokens": 5, "max_completion_tokens": -1}, None),
        ({"max_tokens": 5, "n": "all"}, None),
    ],
)
def test_how_long_replies_may_be(sampling: Mapping[str, Any], longest: int | None) -> None:
    assert longest_reply(sampling) == longest


@pytest.mark.parametrize(
    ("option", "spec", "cap", "origin"),
    [
        (None, None, None, "`--max-usd`"),
        (2.0, None, 2.0, "`--max-usd`"),
        (None, 3.0, 3.0, "`budget: {max_usd}` of the spec"),
        (2.0, 3.0, 2.0, "`--max-usd`"),
        (3.0, 2.0, 2.0, "`budget: {max_usd}` of the spec"),
        (2.0, 2.0, 2.0, "`--max-usd`"),
        (5.0, 0.0, 0.0, "`budget: {max_usd}` of the spec"),
    ],
)
def test_the_tighter_of_option_and_spec_holds(
    option: float | None, spec: float | None, cap: float | None, origin: str
) -> None:
    caps = tighter(Caps(max_usd=option, max_calls=7), Written(max_usd=spec, max_tokens=9))
    assert (caps.max_usd, caps.max_calls, caps.max_tokens) == (cap, 7, 9)
    assert caps.origin("max_usd") == origin


@pytest.mark.parametrize(
    ("answer", "tokens", "calls"),
    [
        (used(3, 4), 7, 1),
        (Reply("a"), TOKENS, 1),  # no usage came back
        (Transient("time-out"), TOKENS, 1),
        (asyncio.CancelledError(), TOKENS, 1),
        (Transient("broken", status=500), 0, 1),
        (Permanent("bad", status=400), 0, 1),
        (Unreachable("refused"), 0, 0),
    ],
)
def test_how_many_tokens_a_call_counts_for(
    answer: Reply | BaseException, tokens: int, calls: int
) -> None:
    budget = Budget(max_tokens=1000)
    reserved = budget.reserve(SPEC, REQUEST)
    assert reserved is not None
    assert (reserved.tokens, reserved.money) == (TOKENS, None)
    reply = answer if isinstance(answer, Reply) else None
    error = None if isinstance(answer, Reply) else answer
    budget.settle(reserved, SPEC, reply, error)
    assert (budget.tokens, budget.calls) == (tokens, calls)


def test_vectors_count_their_texts() -> None:
    budget = Budget(max_tokens=50)
    reserved = budget.reserve(SPEC, EmbeddingRequest("m", ("four", "é")))
    assert reserved is not None
    assert reserved.tokens == 4 + 2 + 2 * 16


def test_without_a_cap_nothing_is_counted_byte_by_byte() -> None:
    request = Request("m", ({"role": "user"},), {})  # of any length
    assert Budget().reserve(SPEC, request) is Budget(max_calls=1).reserve(SPEC, request)


def test_a_call_waits_for_room_and_the_run_ends_when_none_is_left() -> None:
    async def go() -> None:
        budget = Budget(max_tokens=2 * TOKENS)
        first, second = budget.reserve(SPEC, REQUEST), budget.reserve(SPEC, REQUEST)
        assert first
        assert second
        assert budget.reserve(SPEC, REQUEST) is None
        waiting = [asyncio.ensure_future(budget.turn(SPEC, REQUEST)) for _ in range(3)]
        await asyncio.sleep(0)
        budget.settle(first, SPEC, used(1, 1))
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)  # 2 + TOKENS + TOKENS is too much
        budget.settle(second, SPEC, used(1, 1))
        await asyncio.sleep(0)
        assert [task.done() for task in waiting] == [True, False, False]  # first come
        assert budget.reserve(SPEC, REQUEST) is None
        budget.settle(waiting[0].result(), SPEC, used(TOKENS, 0))
        await asyncio.sleep(0)
        assert [type(task.exception()) for task in waiting[1:]] == [StopRun, StopRun]
        assert (budget.calls, budget.tokens) == (3, TOKENS + 4)
        with pytest.raises(StopRun) as caught:  # and so it stays
            budget.reserve(SPEC, REQUEST)
        assert f"cap of {2 * TOKENS} tokens: {TOKENS + 4} used" in str(caught.value)

    asyncio.run(go())


def test_who_gives_up_waiting_leaves_the_room_to_others() -> None:
    async def go() -> None:
        budget = Budget(max_calls=1)
        first = budget.reserve(SPEC, REQUEST)
        assert first
        gone, kept = (asyncio.ensure_future(budget.turn(SPEC, REQUEST)) for _ in range(2))
        await asyncio.sleep(0)
        budget.settle(first, SPEC, None, Unreachable("refused"))  # which lets `gone` in
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert await kept
        assert budget.calls == 1

    asyncio.run(go())


def test_once_shut_nobody_is_let_in() -> None:
    async def go() -> None:
        budget = Budget(max_calls=1)
        first = budget.reserve(SPEC, REQUEST)
        assert first
        waiting = asyncio.ensure_future(budget.turn(SPEC, REQUEST))
        await asyncio.sleep(0)
        budget.shut()
        budget.settle(first, SPEC, None, Unreachable("refused"))
        with pytest.raises(Permanent):
            await waiting
        with pytest.raises(Permanent):
            budget.reserve(SPEC, REQUEST)

    asyncio.run(go())


# --- caps that could not hold --------------------------------------------------------------


def asking(step: str, line: int, **sampling: Any) -> Node:
    prompt = PlanPrompt(name="p", messages=[], sampling=sampling)
    op = PromptOp(model="writer", variants=[Variant(prompt=prompt)], on_failure=OnFailure())
    place = Place(path="spec.yaml", line=line, col=3)
    return Node(id=step, type="prompt", op=op, cardinality="1:1", place=place)


def embedding() -> Node:
    inputs = {"query": [Edge(node="a")], "pool": [Edge(node="a")]}
    op = CombineOp(operator="neighbours", model="writer")
    return Node(id="near", type="combine", op=op, inputs=inputs, cardinality="n:n")


def spec(
    price_in: float | None, price_out: float | None, *fallback: ModelSpec, **sampling: Any
) -> ModelSpec:
    return ModelSpec(
        "writer", "m", SPEC.endpoint, sampling,
        price_in=price_in, price_out=price_out, fallback=fallback,
    )  # fmt: skip


USD, TOKENS_CAP = Caps(max_usd=1.0), Caps(max_tokens=9)
SPARE = ModelSpec("spare", "s", SPEC.endpoint, {"max_tokens": 5})


@pytest.mark.parametrize(
    ("model", "nodes", "caps", "found"),
    [
        (spec(None, None), [asking("a", 5)], Caps(max_calls=3), []),
        (spec(1, 1, max_tokens=5), [asking("a", 5)], USD, []),
        (spec(1, 1), [asking("a", 5, max_tokens=5)], USD, []),
        (spec(1, 1), [asking("a", 5)], USD, [("ATK721", 5)]),
        (spec(1, 0), [asking("a", 5)], USD, []),
        (spec(1, 0), [asking("a", 5)], TOKENS_CAP, [("ATK721", 5)]),
        (spec(None, 1, max_tokens=5), [asking("a", 5)], USD, [("ATK720", 5)]),
        (spec(1, None, max_tokens=5), [asking("a", 5)], USD, [("ATK720", 5)]),
        (spec(None, None, max_tokens=5), [asking("a", 5)], TOKENS_CAP, []),
        (spec(None, None), [asking("a", 5), asking("b", 9)], USD, [("ATK720", 5), ("ATK721", 5)]),
        (spec(1, 1), [asking("a", 5, max_tokens=5), asking("b", 9)], USD, [("ATK721", 9)]),
        (spec(1, 1, SPARE, max_tokens=5), [asking("a", 5)], USD, [("ATK720", 5)]),
        (spec(1, None), [embedding()], USD, []),
        (spec(None, None), [embedding()], USD, [("ATK720", None)]),
        (spec(None, None), [embedding()], TOKENS_CAP, []),
    ],
)
def test_a_cap_that_cannot_hold_is_told_at_its_step(
    model: ModelSpec, nodes: list[Node], caps: Caps, found: list[tuple[str, int | None]]
) -> None:
    told = unbounded(Plan(name="p", nodes=nodes), {"writer": model}, caps)
    assert [(d.code, d.span.line if d.span else None) for d in told] == found
