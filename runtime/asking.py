"""What an operator wants of a model, and what it gets: the border between engine and calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from atkc.runtime.api import Message
from atkc.runtime.tokens import Ordinal


class Ask(Struct, frozen=True):
    """One question. `model` is the plan's name of it, whose own sampling `sampling` overrides.

    `accept` turns the reply's text into the value of the outcome, or raises ReplyError: then it is
    asked again, `attempts` times in all. `depth` counts the steps from the source.
    """

    model: str
    messages: tuple[Message, ...]
    accept: Callable[[str], Any]
    response_format: Mapping[str, Any] | None = None
    sampling: Mapping[str, Any] = {}
    sample: int = 0
    draw: str = ""
    attempts: int = 1
    depth: int = 0
    ordinal: Ordinal = ()
    accept_cut: Callable[[str], Any] | None = None  # for a reply that ended at its greatest length


class Outcome(Struct, frozen=True):
    """An answer. `failure` is (kind, message) or None; `reply` is None where no reply came."""

    value: Any = None
    failure: tuple[str, str] | None = None
    request: Any = None
    reply: str | None = None
    model: str = ""
    calls: int = 0
    cached: bool = False
    hits: int = 0  # replies from the store
    keys: tuple[bytes, ...] = ()  # the store's, of the replies of all attempts
    prompt_tokens: int = 0  # tokens and money are those of `calls`
    completion_tokens: int = 0
    money: float = 0.0


Later = Callable[[], Awaitable[Outcome]]  # asks, when called


EMBEDDED_AT_ONCE = 64  # texts of one request


class Embed(Struct, frozen=True):
    """Texts to embed, at most EMBEDDED_AT_ONCE; the rest as in Ask."""

    model: str
    texts: tuple[str, ...]
    depth: int = 0
    ordinal: Ordinal = ()


Vector = bytes | tuple[str, str]  # little-endian 32-bit floats, or a failure as in Outcome


class Vectors(Struct, frozen=True):
    """What texts came to, in their order; `hits` is 1 where no reply had to be paid for."""

    vectors: tuple[Vector, ...]
    calls: int = 0
    hits: int = 0


# Kinds of failures that are the call's; all others are a reply's that could not be accepted.
CALL_FAILURES = frozenset({"refused", "transport"})


def replied(outcome: Outcome) -> bool:
    """Return whether the last attempt brought a reply, accepted or not."""
    failed = outcome.failure is not None and outcome.failure[0] in CALL_FAILURES
    return outcome.reply is not None and not failed


class Caller(Protocol):
    """Who answers. May also have `prefer_far()`: no new source record will come."""

    def begin(self, ask: Ask) -> Outcome | Later:
        """Return the outcome if its first attempt is stored and accepted; else what asks for it.

        That raises only what ends the run.
        """
        ...

    def known(self, ask: Ask) -> tuple[bytes, bool]:
        """Return the key of the first attempt, and whether a first reply to it is stored."""
        ...

    async def embed(self, ask: Embed) -> Vectors:
        """Return the vectors; raises only what ends the run."""
        ...
