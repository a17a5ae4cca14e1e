"""How long a call may take where the user has not said: by what it asks for, and what was seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from msgspec import Struct

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


class _Call(Struct, eq=False):
    """A call under way, in loop time."""

    task: asyncio.Task[Any]
    began: float
    until: float
    late: bool = False


class Patience:
    """The time limits of an endpoint's calls. For one event loop.

    An answer that took long lets all calls take twice as long, also those under way: where calls
    queue up at a slow server, none is given up as long as others are answered.
    """

    def __init__(self, name: str, seconds: Callable[..., float] = seconds_for) -> None:
        self._name = name
        self._seconds = seconds
        self._longest = 0.0
        self._open: set[_Call] = set()
        # One timer for all calls, which rings when the first of them may be late: a timer for each
        # would be the dearest part of a short call.
        self._timer: asyncio.TimerHandle | None = None

    async def within(
        self,
        go: Callable[[], Awaitable[A]],
        prompt_tokens: int,
        reply_tokens: int | None,
        retries: int,
    ) -> A:
        """Return what a call brings in its time; cancels it and raises Transient after that."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        began, wishes = loop.time(), task.cancelling()
        least = self._seconds(prompt_tokens, reply_tokens, retries)
        call = _Call(task, began, began + max(least, _OF_LONGEST * self._longest))
        self._open.add(call)
        if self._timer is None or call.until < self._timer.when():
            self._watch(call.until)
        try:
            answer = await go()
        except asyncio.CancelledError:
            if not call.late or task.uncancel() > wishes:
                raise  # somebody else has cancelled it
            text = f"no reply of `{self._name}` within {call.until - began:.3g} s"
            raise Transient(text) from None
        finally:
            self._open.discard(call)
        took = loop.time() - began
        if took > self._longest:
            self._widen(took)
        return answer

    def close(self) -> None:
        """End the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _watch(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        """Cancel who is late; wait for the next who may be."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        for call in self._open:
            if call.until <= now and not call.late:
                call.late = True
                call.task.cancel()
        left = [call.until for call in self._open if not call.late]
        if left:
            self._watch(min(left))

    def _widen(self, took: float) -> None:
        self._longest = took
        for call in self._open:
            call.until = max(call.until, call.began + _OF_LONGEST * took)
