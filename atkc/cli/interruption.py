"""Signals that end a run: the first lets in what is in flight, the second stops at once.

SIGINT is Ctrl-C, SIGTERM comes from supervisors, SIGHUP from a terminal that was closed. A signal
that is ignored already (`nohup`, a background job) stays so.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interruption:
    """Catches the signals while it is entered; only the main thread can."""

    def __init__(self, grace: float) -> None:
        self.grace = grace  # seconds that calls in flight get to come in
        self.count = 0
        self._before: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._soften: Callable[[], None] = _nothing
        self._cut: Callable[[], None] = _nothing
        self._heard = 0
        self._saving = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def hurried(self) -> bool:
        """Return whether nothing is to be waited for any more."""
        return self.count > 1

    @contextmanager
    def during(self, soften: Callable[[], None], cut: Callable[[], None]) -> Iterator[None]:
        """While the event loop runs: call `soften` at the first signal and `cut` at the second.

        `cut` is called `grace` seconds after the first one too. Signals that come later, while
        what was done is saved, have no effect.
        """
        self._soften, self._cut = soften, cut
        self._loop = asyncio.get_running_loop()
        try:
            yield
        finally:
            self._saving, self._loop = True, None

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if number == getattr(signal, "SIGHUP", None):
            _leave_terminal()
        if self._saving:
            return
        # A loop that has not heard the last one is busy, and would not hear this one either.
        if self._loop is None or self.count > 2 or self._heard < self.count - 1:
            raise KeyboardInterrupt
        self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        self._heard += 1
        if self._loop is None:
            return
        if self._heard == 1:
            self._loop.call_later(self.grace, self._cut)
            self._soften()
        else:
            self._cut()


def _leave_terminal() -> None:
    """Write to nowhere what would go to a terminal that is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream.isatty():
                os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):
            continue  # it is none of the system's
    os.close(nowhere)


def _nothing() -> None:
    """Do nothing."""
