"""Asking a model: from rendered messages to an accepted reply that is durable.

Attempt by attempt: the store, an equal call in flight, or the endpoint; then what the caller makes
of the reply, always as read back from the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, TypeVar

from atkc.runtime.api import Message, Reply, Request
from atkc.runtime.budget import Budget
from atkc.runtime.embedder import Embedded, Embedder
from atkc.runtime.errors import Permanent, ReplyError, Transient
from atkc.runtime.flights import Flights
from atkc.runtime.keys import call_seed, call_text, text_key
from atkc.runtime.lanes import CallSettings, Lane
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.outcome import CallStats, Failure, Outcome
from atkc.runtime.replies import ask_again, decode, encode
from atkc.runtime.store import CALL, Store
from atkc.runtime.transport import Handed, open_transport

T = TypeVar("T")

_NO_SAMPLING: Mapping[str, Any] = {}


@dataclass(slots=True)
class _Question(Generic[T]):
    """What is asked, the same for every attempt and model."""

    messages: tuple[Message, ...]
    response_format: Mapping[str, Any] | None
    sampling: Mapping[str, Any]
    sample: int
    draw: str
    accept: Callable[[Reply], T]
    accepts_cut: bool
    attempts: int = 1
    depth: int = 0
    ordinal: Any = ()


class _Sent(NamedTuple):
    """A request, the text of all that can change its reply, and the key made of that."""

    request: Request
    text: bytes
    key: bytes


class Caller:
    """The call layer of a run: one store, one budget, one limiter per endpoint, for one loop.

    `handed` are transports from outside, by provider.
    """

    def __init__(
        self,
        store: Store,
        *,
        run_seed: int,
        handed: Handed | None = None,
        budget: Budget | None = None,
        settings: CallSettings | None = None,
    ) -> None:
        self.stats = CallStats()
        self.budget = budget or Budget()
        self._store = store
        self._run_seed = run_seed
        self._handed = handed or {}
        self._settings = settings or CallSettings()
        self._lanes: dict[tuple[str, str, str | None], Lane] = {}
        self._flights = Flights()
        self._far = False
        self._air: set[asyncio.Task[Any]] = set()
        self._embedder = Embedder(store, self.stats, self._lane, self._started)

    def cached(
        self,
        model: ModelSpec,
        messages: Sequence[Message],
        response_format: Mapping[str, Any] | None = None,
        *,
        accept: Callable[[Reply], T],
        sample: int = 0,
        draw: str = "",
        sampling: Mapping[str, Any] = _NO_SAMPLING,
        accepts_cut: bool = False,
    ) -> Outcome[T] | None:
        """Return the outcome if the first attempt is stored and accepted; else None, use `ask`."""
        question = _Question(
            tuple(messages), response_format, sampling, sample, draw, accept, accepts_cut
        )
        request, _, key = self._sent(model, question, question.messages, 0)
        stored = self._store.get(key)
        if stored is None:
            return None
        reply = decode(stored)
        try:
            value = _accepted(question, reply)
        except ReplyError:
            return None
        self.stats.of(model.name).cached += 1
        tokens = (reply.prompt_tokens, reply.completion_tokens)
        return Outcome(value, None, request, reply, model.name, 0, 1, *tokens, 0.0, (key,))

    async def ask(
        self,
        model: ModelSpec,
        messages: Sequence[Message],
        response_format: Mapping[str, Any] | None = None,
        *,
        accept: Callable[[Reply], T],
        sample: int = 0,
        draw: str = "",
        attempts: int = 1,
        depth: int = 0,
        ordinal: Any = (),
        sampling: Mapping[str, Any] = _NO_SAMPLING,
        accepts_cut: bool = False,
    ) -> Outcome[T]:
        """Return what the model, or else a fallback of its, came to.

        `accept` makes a value of a reply or raises ReplyError; replies cut off at their length
        reach it only if it `accepts_cut`. `sampling` overrides the model's own. Raises Permanent
        with `fatal`, StopRun and StoreError, all of which end the run.
        """
        question = _Question(
            tuple(messages),
            response_format,
            sampling,
            sample,
            draw,
            accept,
            accepts_cut,
            max(1, attempts),
            depth,
            ordinal,
        )
        outcome = await self._ask_one(model, question)
        for other in model.fallback:
            # A transport failure may pass: a later run must ask the same model again.
            if outcome.failure is None or outcome.failure.kind == "transport":
                break
            outcome = _with_costs_of(await self._ask_one(other, question), outcome)
        return outcome

    async def embed(
        self, model: ModelSpec, texts: Sequence[str], *, depth: int = 0, ordinal: Any = ()
    ) -> Embedded:
        """Return the vectors of as many texts as one request may hold, by that model alone.

        Raises what `ask` raises.
        """
        return await self._embedder.embed(model, texts, depth=depth, ordinal=ordinal)

    def prefer_far(self) -> None:
        """Let calls with most steps to go come first: no new source record will enter the run."""
        self._far = True
        for lane in self._lanes.values():
            lane.limiter.prefer_far()

    @property
    def in_flight(self) -> int:
        """Return how many calls have been sent and not been answered."""
        return sum(lane.limiter.in_flight for lane in self._lanes.values())

    def cut(self) -> None:
        """Give up the calls that are under way."""
        for task in self._air:
            task.cancel()

    async def close(self, land: float | None = 0.0) -> None:
        """Close all connections; the store stays open.

        Nothing more is sent. Calls under way get `land` seconds to come in and be stored; None:
        as long as each may take.
        """
        self.budget.shut()
        for lane in self._lanes.values():
            lane.shut()
        if self._air and land != 0:
            await asyncio.wait(self._air, timeout=land)
        left = list(self._air)
        self.cut()
        await asyncio.gather(*left, return_exceptions=True)
        for lane in self._lanes.values():
            await lane.close()
        self._lanes.clear()

    async def _ask_one(self, model: ModelSpec, question: _Question[T]) -> Outcome[T]:
        """Return what one model came to in all its attempts."""
        total: Outcome[T] | None = None
        messages = question.messages
        for attempt in range(question.attempts):
            outcome, error = await self._attempt(model, question, messages, attempt)
            total = outcome if total is None else _with_costs_of(outcome, total)
            if error is None or outcome.reply is None:
                break
            messages = ask_again(question.messages, outcome.reply, error)
        assert total is not None
        return total

    async def _attempt(
        self,
        model: ModelSpec,
        question: _Question[T],
        messages: tuple[Message, ...],
        attempt: int,
    ) -> tuple[Outcome[T], ReplyError | None]:
        sent = self._sent(model, question, messages, attempt)
        blank: Outcome[T] = Outcome(None, None, sent.request, None, model.name)
        try:
            stored, money = await self._stored(model, sent, question)
        except Permanent as error:
            if error.fatal:
                raise
            return replace(blank, failure=Failure("refused", error.message)), None
        except Transient as error:
            return replace(blank, failure=Failure("transport", error.message)), None
        reply = decode(stored)
        value, failure, refusal = None, None, None
        try:
            value = _accepted(question, reply)
        except ReplyError as error:
            refusal = error
            failure = Failure(error.kind, error.message)
        paid = money is not None
        outcome = Outcome(
            value,
            failure,
            sent.request,
            reply,
            model.name,
            int(paid),
            int(not paid),
            reply.prompt_tokens,
            reply.completion_tokens,
            money or 0.0,
            (sent.key,),
        )
        return outcome, refusal

    def _sent(
        self,
        model: ModelSpec,
        question: _Question[T],
        messages: tuple[Message, ...],
        attempt: int,
    ) -> _Sent:
        sampling = {**model.sampling, **question.sampling}
        response_format = model.response_format(question.response_format)
        seed = call_seed(self._run_seed, messages, question.sample, question.draw)
        text = call_text(
            provider=model.endpoint.provider,
            model=model.model,
            messages=messages,
            sampling=sampling,
            response_format=response_format,
            seed=seed,
            attempt=attempt,
            revision=model.revision,
            base_url=model.endpoint.base_url,
            generation=self._store.generation,
            mode=model.mode,
        )
        request = Request(model.model, messages, sampling, response_format, seed, model.mode)
        return _Sent(request, text, text_key(text))

    async def _stored(
        self, model: ModelSpec, sent: _Sent, question: _Question[T]
    ) -> tuple[bytes, float | None]:
        """Return the stored reply and what it cost now: None if nobody was asked for it."""
        key = sent.key
        counters = self.stats.of(model.name)
        while True:
            stored = self._store.get(key)
            if stored is not None:
                counters.cached += 1
                return stored, None
            if self._flights.lead(key):
                return await self._airborne(self._fly(model, sent, question))
            stored = await self._flights.follow(key)
            if stored is not None:
                counters.shared += 1
                return stored, None

    async def _airborne(
        self, flight: Coroutine[Any, Any, tuple[bytes, float]]
    ) -> tuple[bytes, float]:
        """Return what a call brings; it goes on if who waits for it is cancelled: it is paid."""
        return await asyncio.shield(self._started(flight))

    def _started(self, flight: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.ensure_future(flight)
        self._air.add(task)
        task.add_done_callback(self._landed)
        return task

    def _landed(self, task: asyncio.Task[Any]) -> None:
        self._air.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; where nobody does, nobody can use it

    async def _fly(
        self, model: ModelSpec, sent: _Sent, question: _Question[T]
    ) -> tuple[bytes, float]:
        counters, key = self.stats.of(model.name), sent.key
        try:
            reply, money = await self._lane(model).send(
                model,
                sent.request,
                counters,
                key=key,
                depth=question.depth,
                ordinal=question.ordinal,
            )
            stored = await self._store.put(key, CALL, encode(reply), sent.text)
        except BaseException as error:
            counters.failed += isinstance(error, Permanent | Transient)
            self._flights.fail(key, error)
            raise
        self._flights.land(key, stored)
        counters.calls += 1
        counters.prompt_tokens += reply.prompt_tokens
        counters.completion_tokens += reply.completion_tokens
        counters.money += money
        return stored, money

    def _lane(self, model: ModelSpec) -> Lane:
        endpoint = model.endpoint
        lane = self._lanes.get(endpoint.key)
        if lane is None:
            transport = open_transport(endpoint, self._handed)
            lane = Lane(endpoint, transport, self.budget, self._settings)
            self._lanes[endpoint.key] = lane
            if self._far:
                lane.limiter.prefer_far()
        return lane


def _accepted(question: _Question[T], reply: Reply) -> T:
    if reply.finish_reason == "length" and not question.accepts_cut:
        raise ReplyError("truncated", "the reply was cut off at its greatest length")
    return question.accept(reply)


def _with_costs_of(outcome: Outcome[T], before: Outcome[T]) -> Outcome[T]:
    """Return the outcome with what came before it added to its counts."""
    return replace(
        outcome,
        calls=outcome.calls + before.calls,
        hits=outcome.hits + before.hits,
        prompt_tokens=outcome.prompt_tokens + before.prompt_tokens,
        completion_tokens=outcome.completion_tokens + before.completion_tokens,
        money=outcome.money + before.money,
        keys=before.keys + outcome.keys,
    )
