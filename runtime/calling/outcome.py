"""What a call came to, and the counts of all calls of a run."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct, field

from atkc.runtime.api import Reply, Request

T = TypeVar("T")


class Failure(Struct, frozen=True):
    """Why there is no value: a ReplyError's kind, `refused` (400 and its like) or `transport`."""

    kind: str
    message: str


class Outcome(Struct, Generic[T], frozen=True):
    """A value, or why there is none, with the last request and reply; counts are over attempts.

    Tokens and money are those of `calls`, not of replies from the store.
    """

    value: T | None
    failure: Failure | None
    request: Request
    reply: Reply | None
    model: str  # the name of the model that answered last
    calls: int = 0  # replies paid for
    hits: int = 0  # replies from the store
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0
    keys: tuple[bytes, ...] = ()  # of the replies used: what `retry` has the store forget

    @property
    def ok(self) -> bool:
        """Return whether there is a value."""
        return self.failure is None


class Counters(Struct):
    """Counts of one model. Tokens and money are those of `calls`, not of cached replies."""

    calls: int = 0
    cached: int = 0
    shared: int = 0  # waited for an equal call in flight
    retried: int = 0  # sent again after a transport failure
    hedged: int = 0  # second requests, beside the calls
    failed: int = 0  # ended without a reply
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0

    def add(self, other: Counters) -> None:
        """Add the counts of another."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class CallStats(Struct):
    """Counts by model name."""

    models: dict[str, Counters] = field(default_factory=dict)

    def of(self, name: str) -> Counters:
        """Return the counts of a model, which begin at nothing."""
        counters = self.models.get(name)
        if counters is None:
            counters = self.models[name] = Counters()
        return counters

    @property
    def total(self) -> Counters:
        """Return the sums over all models."""
        total = Counters()
        for counters in self.models.values():
            total.add(counters)
        return total
