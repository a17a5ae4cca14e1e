"""A lane whose calls go in batches; to the call layer it is a lane like any other.

Vectors are asked for live. The slots, the rates and the first call as a probe of a lane do not
hold: creating the first batch is the probe.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from atkc.runtime.api import Reply, Request, Transport
from atkc.runtime.batch.office import Office
from atkc.runtime.batch.pacing import Pacing
from atkc.runtime.batch.providers import is_batched
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.lanes import CallSettings, Lane
from atkc.runtime.calling.outcome import Counters
from atkc.runtime.calling.tries import Tries
from atkc.runtime.calling.worst_case import Reserved
from atkc.runtime.errors import Transient
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import Store


class BatchLane(Lane):
    """What all models of one endpoint share. Prices of models are those of batches."""

    def __init__(
        self,
        endpoint: EndpointSpec,
        transport: Transport,
        budget: Budget,
        settings: CallSettings,
        open_office: Callable[[EndpointSpec, Callable[[], bool]], Office],
    ) -> None:
        super().__init__(endpoint, transport, budget, settings)
        self._office = open_office(endpoint, lambda: self.limiter.far)

    async def send(
        self,
        spec: ModelSpec,
        request: Request,
        counters: Counters,
        *,
        key: bytes,
        depth: int,  # noqa: ARG002  # a batch knows no order
        ordinal: Any,  # noqa: ARG002
        tries: Tries | None = None,
    ) -> tuple[Reply, float]:
        """Return the reply and its cost, after as many batches as it takes.

        Raises Permanent; Transient when all retries, or `tries`, are used up; StopRun once nothing
        is under way.
        """
        if self._settings.consent is not None:
            await self._settings.consent(self._endpoint)
        tries = tries or Tries(spec.max_requests, attempts=1)
        retries = 0
        while True:
            try:
                return await self._answered(spec, request, key)
            except Transient:
                if retries >= self._retries or tries.used_up:
                    raise
            retries += 1
            tries.retries += 1
            counters.retried += 1

    def shut(self) -> None:
        """Send nothing more, and wait for no batch."""
        super().shut()
        self._office.let_go()

    async def close(self) -> None:
        """Close the office, transport and limiter; batches go on at the provider."""
        await self._office.close()
        await super().close()

    async def _answered(self, spec: ModelSpec, request: Request, key: bytes) -> tuple[Reply, float]:
        reserved = await self._reserved(spec, request, key)
        try:
            reply = await self._office.ask(request, key)
        except BaseException as error:
            self._settle(reserved, spec, None, error)
            raise
        return reply, self._settle(reserved, spec, reply)

    async def _reserved(self, spec: ModelSpec, request: Request, key: bytes) -> Reserved | None:
        """Return what is set aside; None for a call of an earlier run that finds no room.

        Where a cap is met, what is under way is waited for first: it mostly costs less than its
        worst case, and what was collected is sent. Raises StopRun.
        """
        if self._office.holds(key):
            return self._budget.spare(spec, request)
        reserved = self._budget.reserve(spec, request)
        if reserved is None:
            self._office.hurry()
            reserved = await self._budget.turn(spec, request)
        return reserved

    def _settle(
        self,
        reserved: Reserved | None,
        spec: ModelSpec,
        reply: Reply | None,
        error: BaseException | None = None,
    ) -> float:
        if reserved is not None:
            return self._budget.settle(reserved, spec, reply, error)
        return 0.0 if reply is None else self._money(spec, reply)

    def _money(self, spec: ModelSpec, reply: Reply) -> float:
        return spec.money(reply.prompt_tokens, reply.completion_tokens) or 0.0


class Lanes:
    """Makes the lanes of a run: of batches where `asked` or an endpoint says so."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        pacing: Pacing,
        *,
        asked: bool,
        tell: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._store = store
        self._pacing = pacing
        self._asked = asked
        self._tell = tell

    def __call__(
        self,
        endpoint: EndpointSpec,
        transport: Transport,
        budget: Budget,
        settings: CallSettings,
    ) -> Lane:
        """Return the lane of an endpoint."""
        if not is_batched(endpoint, self._asked):
            return Lane(endpoint, transport, budget, settings)
        return BatchLane(endpoint, transport, budget, settings, self._office)

    def _office(self, endpoint: EndpointSpec, far: Callable[[], bool]) -> Office:
        return Office(endpoint, self._folder, self._store, self._pacing, far=far, tell=self._tell)
