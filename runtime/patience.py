"""How long a call may take where the user has not said: by what it asks for, and what was seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from atkc.runtime.errors import Transient

A = TypeVar("A")

_LEAST = 60.0  # seconds, for whatever is asked
_UNBOUNDED = 600.0  # seconds, where no greatest length of the reply is set
_READ, _WRITTEN = 50.0, 4.0  # tokens a second of a slow server: of a prompt, of a reply
_OF_LONGEST = 2.0  # a call is not given up before so often the longest that was answered
_DOUBLINGS = 4  # each retry may take twice as long, so often


def seconds_for(prompt_tokens: int, reply_tokens: int | None, retries: int = 0) -> float:
    """Return how many seconds a call for so many tokens may take, after so many retries."""
    writing = _UNBOUNDED if reply_tokens is None else _LEAST + reply_tokens / _WRITTEN
    longest: float = (writing + prompt_tokens / _READ) * 2 ** min(retries, _DOUBLINGS)
    return longest


class Patience:
    """The time limits of an endpoint's calls. For one event loop.

    An answer that took long lets all calls take twice as long, also those under way: where calls
    queue up at a slow server, none is given up as long as others are answered.
    """

    def __init__(self, name: str, seconds: Callable[..., float] = seconds_for) -> None:
        self._name = name
        self._seconds = seconds
        self._longest = 0.0
        self._open: dict[asyncio.Timeout, float] = {}  # when each began

    async def within(
        self,
        go: Callable[[], Awaitable[A]],
        prompt_tokens: int,
        reply_tokens: int | None,
        retries: int,
    ) -> A:
        """Return what a call brings in its time; cancels it and raises Transient after that."""
        began = asyncio.get_running_loop().time()
        least = self._seconds(prompt_tokens, reply_tokens, retries)
        scope = asyncio.timeout(max(least, _OF_LONGEST * self._longest))
        self._open[scope] = began
        try:
            async with scope:
                answer = await go()
        except TimeoutError:
            when = scope.when() or began
            text = f"no reply of `{self._name}` within {when - began:.3g} s"
            raise Transient(text) from None
        finally:
            del self._open[scope]
        took = asyncio.get_running_loop().time() - began
        if took > self._longest:
            self._widen(took)
        return answer

    def _widen(self, took: float) -> None:
        self._longest = took
        for scope, began in self._open.items():
            until = began + _OF_LONGEST * took
            when = scope.when()
            if when is not None and until > when and not scope.expired():
                scope.reschedule(until)
