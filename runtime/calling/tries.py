"""How often one question may be put: attempts, transport retries and fallbacks under one cap."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from atkc.runtime.calling.outcome import Failure, Outcome

T = TypeVar("T")


class Tries(Struct):
    """What one question took so far. An attempt counts also where its reply lies in the store.

    So a replay ends where the first run did, unless that one lost requests to the network.
    """

    most: int
    attempts: int = 0
    retries: int = 0  # sent again after a transport failure
    models: int = 1

    @property
    def used_up(self) -> bool:
        """Return whether no further request may be sent."""
        return self.attempts + self.retries >= self.most

    def told(self, outcome: Outcome[T]) -> Outcome[T]:
        """Return the outcome of a question, its failure with what was tried, if more than once.

        Where retries took what attempts were left, it is the network's failure: asked again later.
        """
        failure = outcome.failure
        if failure is None or self.attempts + self.retries < 2:
            return outcome
        if failure.kind != "transport" and not (self.used_up and self.retries):
            return replace(outcome, failure=Failure(failure.kind, self._attempted(failure)))
        return replace(outcome, failure=Failure("transport", self._requested(failure)))

    def _attempted(self, failure: Failure) -> str:
        """Return the message with the counts that are the same in every run on one cache."""
        by = f" by {self.models} models" if self.models > 1 else ""
        often = f"{self.attempts} attempts" if self.attempts > 1 else "1 attempt"
        return f"{failure.message} ({often}{by}{self._end()})"

    def _requested(self, failure: Failure) -> str:
        sent = self.attempts + self.retries
        parts = f"{self.attempts} for attempts, {self.retries} after failures of the network"
        return f"{failure.message} ({sent} requests: {parts}{self._end()})"

    def _end(self) -> str:
        return ", as many as `max_requests` allows" if self.used_up else ""
