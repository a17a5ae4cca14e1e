"""Endpoints that are held back: in words for a display, and at changes as events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import ceil
from types import TracebackType
from typing import Self

from atkc.runtime.calling.holding import Held, Why
from atkc.runtime.events import EndpointFree, EndpointHeld, Event

_EVERY = 1.0  # seconds between two looks: what is over by then is not worth a line

_WORDS: dict[Why, str] = {
    "busy": "it is busy",
    "quota": "its quota is used up",
    "failures": "its calls fail",
}


def told(held: Held) -> str:
    """Return which endpoint is held back, why, until when, and how many calls it gets."""
    few = held.at_once < held.slots
    some = f"{held.at_once} of {held.slots} slots" if few else ""
    wait = f"no call for {ceil(held.seconds)} s" if held.seconds else ""
    parts = ", then ".join(filter(None, (wait, some)))
    return f"{held.endpoint} is held back: {_WORDS[held.why]}; {parts}"


class Watch:
    """Tells when an endpoint begins or ceases to be held back, or is so for another reason.

    It looks once a second while it is entered; to be entered within an event loop.
    """

    def __init__(self, held: Callable[[], Sequence[Held]], listen: Callable[[Event], None]) -> None:
        self._held = held
        self._listen = listen
        self._before: dict[str, Why] = {}
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._task = asyncio.get_running_loop().create_task(self._tick())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    def look(self) -> None:
        """Tell what has changed since the last look."""
        held = self._held()
        for one in held:
            if self._before.get(one.endpoint) != one.why:
                self._listen(EndpointHeld(one))
        now = {one.endpoint: one.why for one in held}
        for endpoint in sorted(self._before.keys() - now.keys()):
            self._listen(EndpointFree(endpoint))
        self._before = now

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            self.look()
