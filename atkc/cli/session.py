"""One run of a plan: its calls, its display, its events, and the files that it publishes."""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict, replace

from atkc.cli import codes
from atkc.cli.batching import batched_models, lanes, window
from atkc.cli.consent import Gate
from atkc.cli.ending import Unfinished, command_line, leave_mark, sums, unfinished
from atkc.cli.events import EventLog
from atkc.cli.holding import Watch
from atkc.cli.interruption import Interruption
from atkc.cli.landing import ended
from atkc.cli.progress import Progress
from atkc.cli.report.books import Books
from atkc.cli.run_options import RunOptions
from atkc.cli.summary import summarise
from atkc.compiler.plan import Plan
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.caps import Caps
from atkc.runtime.calling.desk import Desk
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.engine import execute
from atkc.runtime.events import Event
from atkc.runtime.incomplete import Mark, Spent, spent_before
from atkc.runtime.manifest import (
    call_report,
    failure_kinds,
    manifest,
    price_report,
    source_report,
    write_failures,
)
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.publish import EVENTS, publish
from atkc.runtime.settings import Result, Settings
from atkc.runtime.storage.store import Store
from atkc.runtime.transport.watched import Watched
from atkc.stdlib.library import bodies, count_tokens, library

if TYPE_CHECKING:
    from atkc.cli.telemetry.traces import Telemetry


class Began(NamedTuple):
    """When a run began: by the clock, which may be set meanwhile, and by one that only counts."""

    at: float
    ticks: float


class Session(Struct):
    """What one run needs."""

    options: RunOptions
    plan: Plan
    models: Mapping[str, ModelSpec]
    limits: dict[str, int]
    target: Path
    staging: Path
    store: Store
    caps: Caps
    interruption: Interruption
    unfinished: Unfinished | None = None  # how far it came, once it has ended early

    async def run(self) -> int:
        """Run the plan, publish its files, print the summary; return the exit code."""
        began = Began(time.time(), time.monotonic())
        models = batched_models(self.models, self.plan, self.options)
        gate = Gate(self.plan, models, self.options, self.limits)
        telemetry = self._telemetry()
        caller = self._caller(gate, models, telemetry)
        progress = Progress(self.plan, caller.stats, self.options, caller.held)
        gate.progress = progress
        _settle_garbage()
        wanted = self.options.report
        with (
            Books(self.plan, self.target, self.staging, wanted=wanted) as books,
            EventLog(self.target / EVENTS, self.options.log_file) as log,
            Watch(caller.held, log.hear),
            telemetry or nullcontext(),
            progress,
        ):

            def hear(event: Event) -> None:
                books.hear(event)
                progress.hear(event)
                log.hear(event)
                if telemetry is not None:
                    telemetry.hear(event)

            mark = Mark(self.target, self.staging, command_line(), spent_before(self.target))
            mark.begin()
            desk = Desk(caller, models)
            work = execute(self.plan, library(), bodies(), desk, self._settings(models), hear)
            try:
                result = await ended(work, caller, gate, progress, self.interruption)
            except BaseException as error:
                log.books(books.told())
                log.ended(type(error).__name__, call_report(caller.stats), error)
                self.unfinished = unfinished(
                    self.plan, caller.stats, progress.ledger(), mark, read=progress.has_read
                )
                leave_mark(mark, self.unfinished, error)
                raise
            in_all = mark.before.with_run(caller.stats.total)
            failed = self._publish(result, caller, models, began, in_all)
            log.books(books.told())
            log.ended("complete", call_report(caller.stats))
        if self.options.retry is not None:
            sys.stdout.write(self.options.retry.told())
        told, quiet = sums(in_all), self.options.quiet
        sys.stdout.write(f"{told}\n" if told and not quiet else "")
        partial = bool(self.limits)
        summarise(result, caller.stats, failed, self.target, partial=partial, quiet=quiet)
        return codes.FAILED_RECORDS if failed else codes.COMPLETE

    def _telemetry(self) -> Telemetry | None:
        if not self.options.otel:
            return None
        from atkc.cli.telemetry.opening import open_telemetry

        return open_telemetry(self.plan, quiet=self.options.quiet)

    def _caller(
        self, gate: Gate, models: Mapping[str, ModelSpec], telemetry: Telemetry | None
    ) -> Caller:
        handed = bodies().transports
        caller = Caller(
            self.store,
            run_seed=self.plan.seed,
            handed=handed if telemetry is None else Watched(handed, telemetry.observe),
            budget=Budget(caps=self.caps),
            settings=replace(
                CallSettings(), consent=gate.ask, lane=lanes(models, self.options, self.store)
            ),
        )
        if telemetry is not None:
            telemetry.stats = caller.stats
        return caller

    def _settings(self, models: Mapping[str, ModelSpec]) -> Settings:
        spool = Path(self.options.cache) / "spool"
        spool.mkdir(parents=True, exist_ok=True)
        return Settings(
            staging=self.staging,
            spool=spool,
            tokens=count_tokens(self.plan.tokenizer),
            run_seed=self.plan.seed,
            window=window(models, self.options),
            limits=self.limits,
            values=self.store,
            provenance=self.options.provenance,
            retry=self.options.retry,
            max_failures=self.options.max_failures,
        )

    def _publish(
        self,
        result: Result,
        caller: Caller,
        models: Mapping[str, ModelSpec],
        began: Began,
        in_all: Spent,
    ) -> dict[str, Counter[str]]:
        """Move the files into place; return the kinds of failed records by step."""
        try:
            failed_files = write_failures(result, self.staging, traces=self.options.provenance)
            files = [*result.files, *failed_files, *result.sidecars]
            failed = failure_kinds(result)
        finally:
            result.failures.close()
        run = {
            **_run_facts(began),
            "in_all": asdict(in_all),
            "failed": sum(kinds.total() for kinds in failed.values()),
            "sources": source_report(self.plan),
            "prices": price_report(models.values()),
            **call_report(caller.stats),
        }
        report = manifest(self.plan, result, files, self.staging, self.limits, run)
        publish(self.staging, self.target, report)
        return failed


def _settle_garbage() -> None:
    """Leave what is imported and compiled out of all later collections: 8 to 24 % of the CPU."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _run_facts(began: Began) -> dict[str, Any]:
    import platform

    from atkc import __version__

    return {
        "atkc": __version__,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began.at)),
        "seconds": round(time.monotonic() - began.ticks, 3),
        "machine": f"{platform.system()} {platform.machine()} Python {platform.python_version()}",
    }
