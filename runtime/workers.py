"""Threads that a run waits for only a while: nobody can end a thread, and a reader may hang."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_PATIENCE = 2.0  # seconds


class Workers(ThreadPoolExecutor):
    """The threads of a run, which know what they are at."""

    def __init__(self, most: int) -> None:
        super().__init__(most, "atkc")
        self._busy: set[Future[Any]] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a thread do something."""
        future = super().submit(fn, *args, **kwargs)
        self._busy.add(future)
        future.add_done_callback(self._busy.discard)
        return future

    async def over(self, patience: float = _PATIENCE) -> None:
        """Begin nothing more; wait for what is being done, so many seconds at most."""
        self.shutdown(wait=False, cancel_futures=True)
        ends = [asyncio.wrap_future(future) for future in list(self._busy)]
        if ends:
            _, late = await asyncio.wait(ends, timeout=patience)
            for end in ends:
                end.cancel() if end in late else end.cancelled() or end.exception()
        if not self._busy:
            self.shutdown(wait=True)


class Unattended(ThreadPoolExecutor):
    """An event loop's own threads; the loop does not wait for them when it closes."""

    def shutdown(
        self,
        wait: bool = True,  # noqa: ARG002 (the name is the base's)
        *,
        cancel_futures: bool = False,
    ) -> None:
        """Begin nothing more. `wait` has no effect: a name that is looked up may take minutes."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)
