"""`atkc run`: one session from a plan to published files."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from atkc.cli import codes
from atkc.cli.consent import Gate
from atkc.cli.events import EventLog
from atkc.cli.keys import key_warnings
from atkc.cli.loading import Chosen, plan_to_run
from atkc.cli.progress import Progress, told
from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import Plan
from atkc.runtime.budget import Budget
from atkc.runtime.calls import Caller
from atkc.runtime.desk import Desk
from atkc.runtime.engine import execute
from atkc.runtime.errors import StopRun, UsageError
from atkc.runtime.events import Event
from atkc.runtime.lanes import CallSettings
from atkc.runtime.ledger import Taken
from atkc.runtime.manifest import (
    call_report,
    failed_file,
    failure_kinds,
    manifest,
    price_report,
    source_report,
    write_failures,
)
from atkc.runtime.modelspec import ModelSpec, no_prices, resolve
from atkc.runtime.publish import EVENTS, claimed, publish
from atkc.runtime.settings import Result, Settings
from atkc.runtime.store import Store, open_store
from atkc.stdlib.library import bodies, count_tokens, library

_LANDING = 60.0  # seconds that calls under way get when a run is stopped


def run_spec(options: RunOptions) -> int:
    """Compile, run and publish; return the exit code."""
    o = options
    plan = plan_to_run(Chosen(o.spec, o.sets, o.params, o.env_file, o.profile))
    for warning in key_warnings(models_of(plan).values()):
        sys.stderr.write(f"warning: {warning}\n")
    limits = _limits(options.limits, plan)
    target = _target(options, plan, limits)
    store = open_store(Path(options.cache))
    try:
        if store.warning:
            sys.stderr.write(f"warning: {store.warning}\n")
        if options.fresh:
            store.open_generation()
        with claimed(target) as staging:
            return asyncio.run(_Session(options, plan, limits, target, staging, store).run())
    finally:
        store.close()


def _limits(written: tuple[str, ...], plan: Plan) -> dict[str, int]:
    sources = {n.id for n in plan.nodes if n.op.op == "source"}
    out: dict[str, int] = {}
    for item in written:
        step, _, number = item.rpartition("=")
        if not number.isdecimal():
            raise UsageError(f"`--limit {item}` is neither a number nor `STEP=number`")
        # The name of a step stands for all of its instances.
        meant = {s for s in sources if s == step or s.startswith(f"{step}/")} if step else {""}
        if not meant:
            known = ", ".join(sorted(sources))
            raise UsageError(f"`--limit {item}`: there is no source `{step}`; sources: {known}")
        out |= dict.fromkeys(meant, int(number))
    return out


def _target(options: RunOptions, plan: Plan, limits: dict[str, int]) -> Path:
    from atkc.compiler.bindings import slug

    base = options.output or plan.output or f"outputs/{slug(plan.name)}"
    if not limits:
        return Path(base)
    marks = sorted(item.replace("=", "-").replace("/", "-") for item in options.limits)
    return Path(f"{base.rstrip('/')}.limit-{'-'.join(marks)}")


@dataclass(slots=True)
class _Session:
    options: RunOptions
    plan: Plan
    limits: dict[str, int]
    target: Path
    staging: Path
    store: Store

    async def run(self) -> int:
        """Run the plan; publish its files; print the summary."""
        began = time.time()
        models = models_of(self.plan)
        budget = Budget(self.options.max_calls, self.options.max_usd)
        gate = Gate(self.plan, models, self.options, self.limits)
        caller = Caller(
            self.store,
            run_seed=self.plan.seed,
            handed=bodies().transports,
            budget=budget,
            settings=replace(CallSettings(), consent=gate.ask),
        )
        spool = Path(self.options.cache) / "spool"
        spool.mkdir(parents=True, exist_ok=True)
        settings = Settings(
            staging=self.staging,
            spool=spool,
            tokens=count_tokens(self.plan.tokenizer),
            run_seed=self.plan.seed,
            limits=self.limits,
            values=self.store,
            provenance=self.options.provenance,
        )
        progress = Progress(self.plan, caller.stats, self.options)
        gate.progress = progress
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        with EventLog(self.target / EVENTS, self.options.log_file) as log, progress:

            def hear(event: Event) -> None:
                progress.hear(event)
                log.hear(event)

            stopped = False
            try:
                result = await execute(
                    self.plan,
                    library(),
                    bodies(),
                    Desk(caller, models),
                    settings,
                    hear,
                )
            except BaseException as error:
                stopped = isinstance(error, StopRun)
                log.ended(type(error).__name__, call_report(caller.stats))
                raise
            finally:
                # at a budget's end the calls under way are paid for: they are let in
                await caller.close(land=_LANDING if stopped else 0.0)
            code = self._finish(result, caller, began)
            log.ended("complete", call_report(caller.stats))
        self._summary(result, caller)
        return code

    def _finish(self, result: Result, caller: Caller, began: float) -> int:
        try:
            failed_files = write_failures(result, self.staging, traces=self.options.provenance)
            files = [*result.files, *failed_files, *result.sidecars]
            self._failed = failure_kinds(result)
            failed = sum(kinds.total() for kinds in self._failed.values())
        finally:
            result.failures.close()
        report = manifest(
            self.plan, result, files, self.staging, self.limits, self._run(caller, began, failed)
        )
        publish(self.staging, self.target, report)
        return codes.FAILED_RECORDS if failed else codes.COMPLETE

    def _run(self, caller: Caller, began: float, failed: int) -> dict[str, Any]:
        from atkc import __version__

        return {
            "atkc": __version__,
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
            "seconds": round(time.time() - began, 3),
            "machine": _machine(),
            "failed": failed,
            "sources": source_report(self.plan),
            "prices": price_report(models_of(self.plan).values()),
            **call_report(caller.stats),
        }

    def _summary(self, result: Result, caller: Caller) -> None:
        report = call_report(caller.stats)
        out = sys.stdout
        for warning in result.warnings:
            sys.stderr.write(f"warning: {told(warning)}\n")
        out.write(drawn(result.takes))
        records = sum(f.records for f in result.files)
        out.write(f"{len(result.files)} files, {records} records in {self.target}\n")
        if self.limits:
            out.write("partial: made with --limit; its calls serve the full run\n")
        failed = 0
        for step, kinds in self._failed.items():
            failed += kinds.total()
            what = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
            file = self.target / failed_file(step)
            sys.stderr.write(f"failed in {step}: {what}; see {file}\n")
        out.write(
            f"{report['calls']} model calls, {report['from_cache']} from cache, "
            f"{failed} records failed\n"
        )

    _failed: dict[str, Counter[str]] = field(default_factory=dict)


def drawn(takes: Sequence[Taken]) -> str:
    """Return a table of what was drawn by tokens; nothing where no step draws so."""
    told = [taken for taken in takes if taken.unit == "tokens"]
    if not told:
        return ""
    heads = ("drawn by tokens", "target", "drawn", "short", "records")
    rows = [(t.step, *map(str, (t.target, t.actual, t.shortage, t.records))) for t in told]
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    return "".join(_line(row, widths) for row in (heads, *rows))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
    return f"{row[0]:<{widths[0]}}{''.join(numbers)}\n"


def _machine() -> str:
    import platform

    return f"{platform.system()} {platform.machine()} Python {platform.python_version()}"


def models_of(plan: Plan) -> dict[str, ModelSpec]:
    """Return the models of a plan as the call layer wants them."""

    def remote(name: str) -> Any:
        from atkc.runtime.transport.litellm_route import price_per_million

        return price_per_million(name)

    paid = any(not m.model.startswith("atkc/") for m in plan.models.values())
    return {name: resolve(name, plan.models, remote if paid else no_prices) for name in plan.models}
