"""What only a run knows, noted while it runs and written to `events.jsonl` at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from msgspec.structs import asdict

from atkc.compiler.plan import Plan
from atkc.runtime.events import Event, RunStarted, SourceRead, StepDone, StepStarted
from atkc.runtime.ledger import LedgerRow


class Books:
    """Hears the events of a run. When it is left, the report is written, unless not `wanted`.

    Nothing is kept by record or by call: only times by step, and the documents that were read.
    """

    def __init__(self, plan: Plan, target: Path, staging: Path, *, wanted: bool) -> None:
        self._plan = plan
        self._target = target
        self._staging = staging
        self._wanted = wanted
        self._began = time.monotonic()
        self._snapshot: Callable[[], tuple[LedgerRow, ...]] = tuple
        self._spans: dict[str, list[float]] = {}
        self._documents: dict[str, Mapping[str, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from atkc.cli.report.writing import leave_report

        leave_report(self._target, self._staging, wanted=self._wanted)

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RunStarted():
                self._snapshot = event.snapshot
            case StepStarted():
                self._spans[event.step] = [self._now()]
            case StepDone():
                self._spans.setdefault(event.step, [self._now()]).append(self._now())
            case SourceRead():
                self._documents[event.step] = event.documents
                self._spans.setdefault(event.step, [0.0])  # it takes in nothing: no StepStarted

    def told(self) -> dict[str, Any]:
        """Return the graph, the ledger with its costs, times by step, and documents by source."""
        from atkc.cli.report.graph import told

        return {
            "graph": told(self._plan),
            "rows": [_row(row) for row in self._snapshot()],
            "spans": self._spans,
            "documents": {step: dict(named) for step, named in self._documents.items()},
        }

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 3)


def _row(row: LedgerRow) -> dict[str, Any]:
    told = {name: value for name, value in asdict(row).items() if value}
    return {**told, "ports": dict(row.ports)}
