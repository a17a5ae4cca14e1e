"""Asking a model: from rendered messages to an accepted reply that is durable.

Attempt by attempt: the store, an equal call in flight, or the endpoint; then what the caller makes
of the reply, always as read back from the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from atkc.runtime import endings
from atkc.runtime.api import Message, Reply, Request
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.embedder import Embedded, Embedder
from atkc.runtime.calling.flights import Flights
from atkc.runtime.calling.holding import Held
from atkc.runtime.calling.lanes import CallSettings, Lane
from atkc.runtime.calling.outcome import CallStats, Failure, Outcome
from atkc.runtime.calling.replies import ask_again, decode, encode
from atkc.runtime.calling.tries import Tries
from atkc.runtime.errors import Permanent, ReplyError, Transient
from atkc.runtime.keys import call_seed, call_text, canonical, text_key
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.storage.store import CALL, Store
from atkc.runtime.transport import Handed, open_transport

T = TypeVar("T")


class Question(Struct, Generic[T]):
    """What is asked, the same for every attempt and model.

    `accept` makes a value of a reply or raises ReplyError; replies cut off at their length reach it
    only if the question `accepts_cut`. `sampling` overrides the model's own.
    """

    messages: tuple[Message, ...]
    response_format: Mapping[str, Any] | None
    accept: Callable[[Reply], T]
    sample: int = 0
    draw: str = ""
    attempts: int = 1
    depth: int = 0
    ordinal: Any = ()
    sampling: Mapping[str, Any] = {}
    accepts_cut: bool = False


Later = Callable[[], Awaitable[Outcome[T]]]


class _Sent(NamedTuple):
    """A request, the text of all that can change its reply, and the key made of that."""

    request: Request
    text: bytes
    key: bytes
    missed_at: int | None = None  # how many calls had landed when the store did not have it


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

    def begin(self, model: ModelSpec, question: Question[T]) -> Outcome[T] | Later[T]:
        """Return the outcome if the first attempt is stored and accepted; else what asks for it."""
        sent = self._sent(model, question, question.messages, 0)
        stored = self._store.get(sent.key)
        if stored is None:
            sent = sent._replace(missed_at=self._flights.landed)
            return partial(self.answer, model, question, sent)
        reply = decode(stored)
        try:
            value = _accepted(question, reply)
        except ReplyError:
            return partial(self.answer, model, question)
        self.stats.of(model.name).cached += 1
        return _outcome(model, sent, reply, value, None, None)

    def known(self, model: ModelSpec, question: Question[Any]) -> tuple[bytes, bool]:
        """Return the key of the first attempt, and whether a first reply to it is stored.

        The reply may be a fallback's: of a model that refused the request nothing is stored.
        """
        models = (model, *model.fallback)
        keys = [self._sent(each, question, question.messages, 0).key for each in models]
        return keys[0], any(self._store.get(key) is not None for key in keys)

    async def ask(
        self,
        model: ModelSpec,
        messages: Sequence[Message],
        response_format: Mapping[str, Any] | None = None,
        *,
        accept: Callable[[Reply], T],
        **more: Any,
    ) -> Outcome[T]:
        """Return what `answer` does to a `Question` of these."""
        question = Question(tuple(messages), response_format, accept, **more)
        return await self.answer(model, question)

    async def answer(
        self, model: ModelSpec, question: Question[T], sent: _Sent | None = None
    ) -> Outcome[T]:
        """Return what the model, or else a fallback of its, came to.

        Raises Permanent with `fatal`, StopRun and StoreError, all of which end the run.
        """
        tries = Tries(model.max_requests)
        outcome = await self._ask_one(model, question, tries, sent)
        for other in model.fallback:
            # A transport failure may pass: a later run must ask the same model again.
            if outcome.failure is None or outcome.failure.kind == "transport":
                break
            if tries.used_up:
                break
            tries.models += 1
            outcome = _with_costs_of(await self._ask_one(other, question, tries), outcome)
        return tries.told(outcome)

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

    def held(self) -> tuple[Held, ...]:
        """Return which endpoints hold calls back at present, and why."""
        found = (lane.limiter.held for lane in self._lanes.values())
        return tuple(held for held in found if held is not None)

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

    async def _ask_one(
        self, model: ModelSpec, question: Question[T], tries: Tries, sent: _Sent | None = None
    ) -> Outcome[T]:
        """Return what one model came to in all its attempts."""
        total: Outcome[T] | None = None
        messages = question.messages
        for attempt in range(question.attempts):
            sent = sent or self._sent(model, question, messages, attempt)
            outcome, error = await self._attempt(model, question, tries, sent)
            total = outcome if total is None else _with_costs_of(outcome, total)
            if error is None or outcome.reply is None or tries.used_up:
                break
            messages = ask_again(question.messages, outcome.reply, error)
            sent = None
        assert total is not None
        return total

    async def _attempt(
        self, model: ModelSpec, question: Question[T], tries: Tries, sent: _Sent
    ) -> tuple[Outcome[T], ReplyError | None]:
        tries.attempts += 1
        try:
            stored, money = await self._stored(model, sent, question, tries)
        except Permanent as error:
            if error.fatal:
                raise
            failure = Failure("refused", error.message)
            return Outcome(None, failure, sent.request, None, model.name), None
        except Transient as error:
            failure = Failure("transport", error.message)
            return Outcome(None, failure, sent.request, None, model.name), None
        reply = decode(stored)
        try:
            value = _accepted(question, reply)
        except ReplyError as error:
            failure = Failure(error.kind, error.message)
            return _outcome(model, sent, reply, None, failure, money), error
        return _outcome(model, sent, reply, value, None, money), None

    def _sent(
        self,
        model: ModelSpec,
        question: Question[T],
        messages: tuple[Message, ...],
        attempt: int,
    ) -> _Sent:
        sampling: Mapping[str, Any] = {**model.sampling, **question.sampling}
        if None in sampling.values():  # a step's null takes the model's parameter away
            sampling = {name: value for name, value in sampling.items() if value is not None}
        sampling = model.family.sent(sampling)
        response_format = model.response_format(question.response_format)
        said = canonical(messages)
        seed = call_seed(self._run_seed, said, question.sample, question.draw)
        text = call_text(
            provider=model.endpoint.provider,
            model=model.model,
            messages=said,
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
        self, model: ModelSpec, sent: _Sent, question: Question[T], tries: Tries
    ) -> tuple[bytes, float | None]:
        """Return the stored reply and what it cost now: None if nobody was asked for it."""
        key, missed_at = sent.key, sent.missed_at
        counters = self.stats.of(model.name)
        while True:
            if missed_at is None or self._flights.landed_since(missed_at, key):
                stored = self._store.get(key)
                if stored is not None:
                    counters.cached += 1
                    return stored, None
            missed_at = None
            if self._flights.lead(key):
                return await self._airborne(self._fly(model, sent, question, tries))
            stored = await self._flights.follow(key)
            if stored is not None:
                counters.shared += 1
                return stored, None

    async def _airborne(
        self, flight: Coroutine[Any, Any, tuple[bytes, float]]
    ) -> tuple[bytes, float]:
        """Return what a call brings; it goes on if who waits for it is cancelled: it is paid."""
        landed: asyncio.Future[tuple[bytes, float]] = asyncio.get_running_loop().create_future()
        self._started(flight).add_done_callback(partial(_pass_on, landed))
        return await landed

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
        self, model: ModelSpec, sent: _Sent, question: Question[T], tries: Tries
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
                tries=tries,
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
            make = self._settings.lane or Lane
            lane = make(endpoint, transport, self.budget, self._settings)
            self._lanes[endpoint.key] = lane
            if self._far:
                lane.limiter.prefer_far()
        return lane


def _pass_on(landed: asyncio.Future[T], task: asyncio.Task[T]) -> None:
    """Give what a task has come to to who still waits for it."""
    if landed.done():
        return
    if task.cancelled():
        landed.cancel()
    elif (error := task.exception()) is not None:
        landed.set_exception(error)
    else:
        landed.set_result(task.result())


def _accepted(question: Question[T], reply: Reply) -> T:
    if reply.finish_reason != endings.STOP:
        endings.check(reply, accepts_cut=question.accepts_cut)
    return question.accept(reply)


def _outcome(
    model: ModelSpec,
    sent: _Sent,
    reply: Reply,
    value: T | None,
    failure: Failure | None,
    money: float | None,
) -> Outcome[T]:
    """Return what a reply came to; `money` is None where nobody was asked for it now."""
    paid = money is not None
    return Outcome(
        value,
        failure,
        sent.request,
        reply,
        model.name,
        int(paid),
        int(not paid),
        reply.prompt_tokens if paid else 0,
        reply.completion_tokens if paid else 0,
        money or 0.0,
        (sent.key,),
    )


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
