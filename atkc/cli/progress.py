"""Live progress: a table on a terminal, plain lines elsewhere, nothing where nothing is wanted."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from atkc.cli.figures import plain
from atkc.cli.holding import told as told_held
from atkc.cli.picture import Painter, Picture
from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import Plan
from atkc.runtime.calling.holding import Held
from atkc.runtime.calling.outcome import CallStats
from atkc.runtime.events import Event, RecordFailed, RunStarted, SourcesDone, StepDone, Warned
from atkc.runtime.ledger import LedgerRow

if TYPE_CHECKING:
    from atkc.cli.screen import Screen

_FIRST, _EVERY = 2.0, 10.0  # seconds before the first plain line, and between plain lines
FRAME = 0.5  # seconds between two pictures on a terminal, at least
SHARE = 0.005  # of the time may go into pictures
_FAILURES = 3  # shown: the latest


class Progress:
    """Shows what each step has taken in, let out and lost, and what the calls cost."""

    def __init__(
        self,
        plan: Plan,
        stats: CallStats,
        options: RunOptions,
        held: Callable[[], Sequence[Held]] = tuple,
    ) -> None:
        self._stats = stats
        self._held = held
        self._verbose = options.verbose
        self._quiet = options.quiet
        self._live = not (options.plain or options.quiet) and _on_terminal()
        self._snapshot: Callable[[], tuple[LedgerRow, ...]] = tuple
        self._painter = Painter(plan)
        self._began = time.monotonic()
        self._screen: Screen | None = None
        self._task: asyncio.Task[None] | None = None
        self._read = False  # all sources: only then is it known what is to come
        self._done = 0
        self._failures: deque[RecordFailed] = deque(maxlen=_FAILURES)

    def __enter__(self) -> Self:
        if not self._quiet:
            self._task = asyncio.get_running_loop().create_task(self._tick())
        self.resume()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
        self.pause()

    def pause(self) -> None:
        """Take the table away, for a question or the end."""
        if self._screen is not None:
            self._screen.close()
            self._screen = None

    def resume(self) -> None:
        """Show the table, if there is one, again."""
        if self._live and self._screen is None:
            from atkc.cli.screen import Screen

            self._screen = Screen()

    def say(self, text: str) -> None:
        """Print a line, above the table if there is one."""
        self._line(text)

    @property
    def has_read(self) -> bool:
        """Return whether all records have been read from the sources."""
        return self._read

    def ledger(self) -> tuple[LedgerRow, ...]:
        """Return the books of all steps as they stand."""
        return self._snapshot()

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RunStarted():
                self._snapshot = event.snapshot
            case SourcesDone():
                self._read = True
            case RecordFailed():
                self._failures.append(event)
            case StepDone():
                self._done += 1
                for row in event.ledger if self._verbose else ():
                    self._line(f"done {row.step}: {_counts(row)}")
            case Warned() if self._verbose or event.kind == "yield-so-far":
                self._line(f"warning: {told(event)}")

    def picture(self) -> Picture:
        """Return how the run stands."""
        return self._painter.paint(
            time.monotonic() - self._began,
            self._snapshot(),
            self._stats.total,
            self._done,
            foreseeable=self._read,
            failures=[f"{f.step}: {f.kind}: {f.message}" for f in self._failures],
            held=[told_held(held) for held in self._held()],
        )

    def _line(self, text: str) -> None:
        if self._screen is not None:
            self._screen.line(text)
        else:
            sys.stderr.write(text + "\n")

    async def _tick(self) -> None:
        """Draw from time to time: on the loop's own thread, where the counters stand still."""
        wait = FRAME if self._live else _FIRST
        while True:
            await asyncio.sleep(wait)
            if not self._live:
                self._line(plain(self.picture()))
                wait = _EVERY
            elif self._screen is not None:
                before = time.thread_time()
                self._screen.show(self.picture())
                spent = time.thread_time() - before + self._screen.spent
                wait = max(FRAME, spent / SHARE)


def _on_terminal() -> bool:
    """Return whether there is a terminal that can go back over what it shows."""
    dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
    return sys.stderr.isatty() and not dumb


def told(warning: Warned) -> str:
    """Return a warning with the step that it is about, once."""
    if f"`{warning.step}`" in warning.message:
        return warning.message
    return f"{warning.step}: {warning.message}"


def _counts(row: LedgerRow) -> str:
    lost = row.filtered + row.duplicate + row.not_drawn
    return f"{row.came} in, {row.out} out, {lost} filtered, {row.failed} failed"
