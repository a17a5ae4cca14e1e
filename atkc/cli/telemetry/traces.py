"""A run's spans: one for the run, one for each node of the plan, one for each call beneath it."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from atkc import __version__
from atkc.cli.telemetry.calls import Calls
from atkc.cli.telemetry.counters import Counters
from atkc.compiler.plan import Plan
from atkc.runtime.calling.outcome import CallStats
from atkc.runtime.events import Event, RunStarted, SourceRead, StepDone, StepStarted
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.transport.watched import Sent

_PATIENCE = 10.0  # seconds at the end for what has not been sent
_EVERY = 5.0  # seconds between two notes of the counters


class Telemetry:
    """Hears the events and calls of a run; sends what it has when it is left.

    `stats` are the counts of calls. `TRACEPARENT` names the span that the run is part of.
    """

    def __init__(self, plan: Plan, traces: TracerProvider, metrics: MeterProvider) -> None:
        self.stats = CallStats()
        self._plan = plan
        self._providers = (traces, metrics)
        self._tracer = traces.get_tracer("atkc", __version__)
        meter = metrics.get_meter("atkc", __version__)
        self._calls = Calls(self._tracer, meter)
        self._counters = Counters(meter)
        self._snapshot: Callable[[], tuple[LedgerRow, ...]] = tuple
        self._run: Span | None = None
        self._within: Context | None = None
        self._steps: dict[str, tuple[Span, Context]] = {}
        self._types = {node.id: node.type for node in plan.nodes}
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        named = {k: os.environ[k.upper()] for k in _CARRIED if k.upper() in os.environ}
        self._run = self._tracer.start_span(
            f"invoke_workflow {self._plan.name}",
            TraceContextTextMapPropagator().extract(named),
            attributes={
                "gen_ai.operation.name": "invoke_workflow",
                "gen_ai.workflow.name": self._plan.name,
            },
        )
        self._within = set_span_in_context(self._run)
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
        for span, _ in self._steps.values():  # what has not come to its end
            _fail(span, kind)
        assert self._run is not None
        _fail(self._run, kind)
        self._note()
        _shut(self._providers)

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RunStarted():
                self._snapshot = event.snapshot
            case StepStarted() | SourceRead():
                self._begin(event.step)
            case StepDone():
                self._done(event)

    def observe(self, sent: Sent) -> None:
        """Take note of a call."""
        _, within = self._steps.get(sent.step, (None, self._within))
        self._calls.told(sent, within)

    def _begin(self, step: str) -> Context | None:
        if step not in self._steps:
            attributes = {"atkc.step": step, "atkc.step.type": self._types.get(step, "")}
            span = self._tracer.start_span(f"step {step}", self._within, attributes=attributes)
            self._steps[step] = (span, set_span_in_context(span, self._within))
        return self._steps[step][1]

    def _done(self, event: StepDone) -> None:
        self._begin(event.step)  # one that was given nothing has not begun
        span, _ = self._steps.pop(event.step)
        for name in ("came", "out", "filtered", "failed", "calls", "cached"):
            number = sum(getattr(row, name) for row in event.ledger)
            span.set_attribute(f"atkc.step.{name}", number)
        span.end()

    def _note(self) -> None:
        self._counters.note(self._snapshot(), self.stats.models)

    async def _tick(self) -> None:
        """Note the counters on the run's own thread, where they stand still."""
        while True:
            await asyncio.sleep(_EVERY)
            self._note()


def _shut(providers: Iterable[TracerProvider | MeterProvider]) -> None:
    """Send what is left, side by side; a collector that is not there may not hold the run long."""
    ends = [threading.Thread(target=p.shutdown, daemon=True) for p in providers]
    for end in ends:
        end.start()
    until = time.monotonic() + _PATIENCE
    for end in ends:
        end.join(max(0.0, until - time.monotonic()))


_CARRIED = ("traceparent", "tracestate")


def _fail(span: Span, kind: type[BaseException] | None) -> None:
    """End a span, as failed if an error ended the run."""
    if kind is not None:
        span.set_attribute("error.type", kind.__name__)
        span.set_status(Status(StatusCode.ERROR))
    span.end()
