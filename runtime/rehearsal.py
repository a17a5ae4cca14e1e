"""A run that asks nobody: it goes as far as the store answers, and notes what it would have asked.

Nothing is written. A record whose reply is missing goes no further, as if the call had failed.
"""

from __future__ import annotations

import tempfile
from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast

from msgspec import Struct, field, structs
from msgspec.structs import replace

from atkc.compiler.plan import Plan, asked_model
from atkc.runtime.api import Bodies, EmbeddingRequest, Embeddings, Reply, Request, Transport
from atkc.runtime.calling.calls import Caller, Later, Question
from atkc.runtime.calling.desk import Desk
from atkc.runtime.calling.embedder import Embedded
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.calling.outcome import Failure, Outcome
from atkc.runtime.current import STEP
from atkc.runtime.engine import execute
from atkc.runtime.errors import CallError, Permanent
from atkc.runtime.keys import call_text, text_key
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.part import part_of
from atkc.runtime.settings import Settings
from atkc.runtime.storage.store import Store
from atkc.runtime.tokens import Ordinal
from atkc.spec.signature import Library

_ABSENT = "the reply is not in the cache"


class Inquiry(Struct, frozen=True, order=True):
    """What a step asks for a record: the last request of one question, and whether it is stored."""

    ordinal: Ordinal
    number: int  # among the record's own, in the order they were put
    key: bytes
    text: bytes
    stored: bool


class Step(Struct):
    """The books of a step that asks: how many of its questions the store answers."""

    stored: int = 0
    missing: int = 0
    first_missing: list[Inquiry] = field(default_factory=list)  # in canonical order
    records: list[Ordinal] = field(default_factory=list)  # the first ones, as many as are wanted
    inquiries: list[Inquiry] = field(default_factory=list)  # of those

    def note(self, inquiry: Inquiry, most_missing: int, most_records: int) -> None:
        """Count a question; keep it if it is among the first."""
        self.stored += inquiry.stored
        self.missing += not inquiry.stored
        if not inquiry.stored and most_missing:
            insort(self.first_missing, inquiry)
            del self.first_missing[most_missing:]
        if most_records:
            self._keep(inquiry, most_records)

    def _keep(self, inquiry: Inquiry, most: int) -> None:
        if inquiry.ordinal not in self.records:
            insort(self.records, inquiry.ordinal)
            for gone in self.records[most:]:
                self.inquiries = [other for other in self.inquiries if other.ordinal != gone]
            del self.records[most:]
        if inquiry.ordinal in self.records:
            insort(self.inquiries, inquiry)


class Rehearsal(Struct):
    """What came of it, by step in the plan's order. `values` counts functions that ran anew."""

    steps: dict[str, Step]
    values: int = 0


async def rehearse(
    plan: Plan,
    models: Mapping[str, ModelSpec],
    library: Library,
    bodies: Bodies,
    store: Store,
    tokens: Callable[[str], int],
    *,
    step: str = "",
    record: int = 0,
    missing: int = 0,
) -> Rehearsal:
    """Return what a run would ask; of each step the first `missing` questions without a reply.

    Of `step` also all questions of the first `record` records.
    """
    asked = {n.id: Step() for n in plan.nodes if asked_model(n.op)}
    done = Rehearsal(asked)
    caller = Caller(
        store,
        run_seed=plan.seed,
        handed=_Nowhere(),
        settings=replace(CallSettings(), consent=_refuse),
    )
    listener = _Listener(caller, done, step, record, missing, store.generation)
    desk = Desk(cast(Caller, listener), models)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            staging=Path(folder),
            spool=Path(folder),
            tokens=tokens,
            run_seed=plan.seed,
            values=_Reading(store, done),
        )
        inside = without_files(plan)
        try:
            result = await execute(inside, library, bodies, desk, settings, lambda _event: None)
        finally:
            await caller.close()
        result.failures.close()
    return done


def without_files(plan: Plan) -> Plan:
    """Return a plan less its exports and what reads of files."""
    return part_of(plan, plan.nodes, lambda node: node.op.op != "export")


class _Listener:
    """A call layer that answers from the store, and notes what is asked."""

    def __init__(
        self, caller: Caller, done: Rehearsal, step: str, record: int, missing: int, generation: int
    ) -> None:
        self._caller = caller
        self._done = done
        self._step, self._record, self._missing = step, record, missing
        self._generation = generation
        self._numbers = count()

    def begin(self, model: ModelSpec, question: Question[Any]) -> Later[Any]:
        """Return what finds the stored reply, or that there is none."""
        return partial(self._look, model, question)

    def known(self, model: ModelSpec, question: Question[Any]) -> tuple[bytes, bool]:
        """Return the key of the first attempt, and whether a first reply to it is stored."""
        return self._caller.known(model, question)

    async def _look(self, model: ModelSpec, question: Question[Any]) -> Outcome[Any]:
        """Return what is stored; else a failure of transport, after which nobody else is asked."""
        number = next(self._numbers)
        alone = replace(model, fallback=())  # would be asked only after the model itself
        outcome = await self._caller.answer(alone, question)
        stored = outcome.reply is not None
        text = _text(model, outcome, self._generation)
        found = Inquiry(question.ordinal, number, text_key(text), text, stored)
        step = STEP.get()
        most = self._record if step == self._step else 0
        self._done.steps[step].note(found, self._missing, most)
        if stored:
            return outcome
        return structs.replace(outcome, failure=Failure("transport", _ABSENT))

    async def embed(
        self, model: ModelSpec, texts: Sequence[str], *, depth: int = 0, ordinal: Any = ()
    ) -> Embedded:
        """Return the stored vectors; for what is missing a failure."""
        books = self._done.steps[STEP.get()]
        try:
            found = await self._caller.embed(model, texts, depth=depth, ordinal=ordinal)
        except CallError:
            books.missing += 1
            return Embedded((Failure("transport", _ABSENT),) * len(texts), 0, 0)
        whole = all(isinstance(vector, bytes) for vector in found.vectors)
        books.stored += whole
        books.missing += not whole
        return found

    def prefer_far(self) -> None:
        """Do nothing: nobody waits."""


def _text(model: ModelSpec, outcome: Outcome[Any], generation: int) -> bytes:
    """Return the text of the last request that an outcome is of."""
    request = outcome.request
    # Each attempt has left a key but one that was not answered.
    answered = outcome.reply is not None
    return call_text(
        provider=model.endpoint.provider,
        model=model.model,
        messages=request.messages,
        sampling=request.sampling,
        response_format=request.response_format,
        seed=request.seed,
        attempt=len(outcome.keys) - answered,
        revision=model.revision,
        base_url=model.endpoint.base_url,
        generation=generation,
        mode=request.mode,
    )


async def _refuse(_endpoint: EndpointSpec) -> None:
    raise Permanent(_ABSENT)


class _Nowhere(Mapping[str, Callable[[], Transport]]):
    """Transports of all providers, none of which is ever used: nothing need be imported."""

    def __contains__(self, _provider: object) -> bool:
        return True

    def __getitem__(self, _provider: str) -> Callable[[], Transport]:
        return _Unused

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Unused:
    async def complete(self, _request: Request) -> Reply:
        raise AssertionError(_ABSENT)

    async def embed(self, _request: EmbeddingRequest) -> Embeddings:
        raise AssertionError(_ABSENT)

    async def close(self) -> None:
        """Close nothing."""


class _Reading:
    """The store's values for functions; what they make anew is not kept."""

    def __init__(self, store: Store, done: Rehearsal) -> None:
        self.generation = store.generation
        self.get = store.get
        self._done = done

    async def put(self, key: bytes, kind: str, value: bytes, *, origin: str = "") -> bytes:
        """Return the value as if it were stored."""
        del key, kind, origin
        self._done.values += 1
        return value
