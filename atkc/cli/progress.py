"""Live progress: a table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from atkc.cli.remaining import left
from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import Plan
from atkc.runtime.events import Event, RunStarted, SourcesDone, StepDone, Warned
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.outcome import CallStats

_FIRST, _EVERY = 2.0, 10.0  # seconds before the first plain line, and between plain lines
_FRAMES = 4  # pictures a second on a terminal


class Progress:
    """Shows what each step has taken in, let out and lost, and what the calls cost."""

    def __init__(self, plan: Plan, stats: CallStats, options: RunOptions) -> None:
        self._plan = plan
        self._stats = stats
        self._verbose = options.verbose
        self._live = not options.plain and sys.stderr.isatty()
        self._snapshot: Callable[[], tuple[LedgerRow, ...]] = tuple
        self._began = time.monotonic()
        self._shown: Any = None
        self._task: asyncio.Task[None] | None = None
        self._read = False  # all sources: only then is it known what is to come
        self._done = 0

    def __enter__(self) -> Self:
        if self._live:
            from rich.console import Console
            from rich.live import Live

            self._shown = Live(
                get_renderable=self._table,
                console=Console(stderr=True),
                refresh_per_second=_FRAMES,
                transient=True,
            )
            self._shown.__enter__()
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
        self.pause()

    def pause(self) -> None:
        """Take the table away, for a question or the end."""
        if self._shown is not None:
            self._shown.__exit__(None, None, None)
            self._shown = None

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
            case StepDone():
                self._done += 1
                for row in event.ledger if self._verbose else ():
                    self._line(f"done {row.step}: {_counts(row)}")
            case Warned() if self._verbose or event.kind == "yield-so-far":
                self._line(f"warning: {told(event)}")

    def _line(self, text: str) -> None:
        if self._shown is not None:
            self._shown.console.print(text, highlight=False, markup=False)
        else:
            sys.stderr.write(text + "\n")

    async def _tick(self) -> None:
        wait = _FIRST
        while True:
            await asyncio.sleep(wait)
            wait = _EVERY
            if self._shown is None:
                self._line(self._summary())

    def _summary(self) -> str:
        total = self._stats.total
        seconds = max(time.monotonic() - self._began, 1e-9)
        rest = left(self._plan, self._snapshot(), total.calls, seconds) if self._read else ""
        money = f", ${total.money:.2f}" if total.money else ""
        return (
            f"{seconds:5.0f} s: {total.calls} calls ({total.calls / seconds:.0f}/s), "
            f"{total.cached + total.shared} from cache, "
            f"{total.prompt_tokens + total.completion_tokens} tokens{money}, "
            f"{self._done} of {len(self._plan.nodes)} steps done{', ' if rest else ''}{rest}"
        )

    def _table(self) -> Any:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, title=self._summary(), title_justify="left")
        for name in ("step", "in", "out", "filtered", "failed", "calls", "cached"):
            table.add_column(name, justify="left" if name == "step" else "right")
        for name, sums in self._steps().items():
            table.add_row(name, *(str(v) if v else "" for v in sums))
        return table

    def _steps(self) -> Mapping[str, list[int]]:
        """Return the sums by written step: instances and module steps are told together."""
        out: dict[str, list[int]] = {}
        for row in self._snapshot():
            name = row.step.partition("/")[0].partition(".")[0]
            sums = out.setdefault(name, [0] * 6)
            lost = row.filtered + row.duplicate + row.not_drawn
            told = (row.came, row.out, lost, row.failed, row.calls, row.cached)
            for i, value in enumerate(told):
                sums[i] += value
        return {name: sums for name, sums in out.items() if any(sums)}


def told(warning: Warned) -> str:
    """Return a warning with the step that it is about, once."""
    if f"`{warning.step}`" in warning.message:
        return warning.message
    return f"{warning.step}: {warning.message}"


def _counts(row: LedgerRow) -> str:
    lost = row.filtered + row.duplicate + row.not_drawn
    return f"{row.came} in, {row.out} out, {lost} filtered, {row.failed} failed"
