"""`events.jsonl` and the log file: what happened when, one JSON object a line.

`spec/event_model.py` says what each line holds. A line is written whole and at once, so that
`tail -f` may follow; it holds no records, requests, replies or keys.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from atkc.runtime.calling.holding import Held
from atkc.runtime.errors import InputError, Permanent, StopRun
from atkc.runtime.events import (
    EndpointFree,
    EndpointHeld,
    Event,
    RecordFailed,
    RunStarted,
    SourceRead,
    SourcesDone,
    StepDone,
    StepStarted,
    Warned,
)
from atkc.spec.screen import printable

_VERSION = 1  # of `spec/event_model.py`, which a run need not import


class EventLog:
    """Writes each event to the output folder, and as a plain line to a log file if asked."""

    def __init__(self, path: Path, log_file: str | None) -> None:
        self._path = path
        self._log_path = log_file
        self._file: IO[bytes] | None = None
        self._log: IO[str] | None = None
        self._began = time.monotonic()
        self._failures: dict[str, Counter[str]] = {}

    def __enter__(self) -> Self:
        if self._log_path:
            self._log = Path(self._log_path).open("a", encoding="utf-8", newline="\n", buffering=1)
        self._file = self._path.open("wb", buffering=0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in (self._file, self._log):
            if file is not None:
                file.close()

    def hear(self, event: Event) -> None:
        """Write one event."""
        match event:
            case RunStarted():
                self._write("run-started", atkc_events=_VERSION, steps=list(event.steps))
            case StepStarted():
                self._write("step-started", step=event.step)
            case StepDone():
                self._done(event)
            case SourceRead():
                self._write("source-read", step=event.step, documents=len(event.documents))
            case SourcesDone():
                self._write("sources-done")
            case RecordFailed():
                self._failed(event)
            case Warned():
                self._write("warning", step=event.step, kind=event.kind, message=event.message)
            case EndpointHeld():
                self._held(event.held)
            case EndpointFree():
                self._write("endpoint-free", endpoint=event.endpoint)

    def books(self, told: dict[str, Any]) -> None:
        """Write what the run noted: the graph, the whole ledger, times, documents."""
        self._write("books", **told)

    def ended(self, how: str, calls: dict[str, Any], error: BaseException | None = None) -> None:
        """Write how the run ended, and why where the error is one that a user can mend."""
        self._write("run-ended", how=how, **_why(error), **calls)

    def _failed(self, event: RecordFailed) -> None:
        """Write the first failure of its kind; the others are counted when the step is done."""
        kinds = self._failures.setdefault(event.step, Counter())
        kinds[event.kind] += 1
        if kinds[event.kind] == 1:
            self._write("record-failed", step=event.step, kind=event.kind)

    def _done(self, event: StepDone) -> None:
        failures = dict(sorted(self._failures.pop(event.step, {}).items()))
        for row in event.ledger:
            self._write(
                "step-done", step=row.step, records_in=row.came, out=row.out,
                filtered=row.filtered, failed=row.failed, calls=row.calls, cached=row.cached,
                failures=failures,
            )  # fmt: skip

    def _held(self, held: Held) -> None:
        self._write(
            "endpoint-held", endpoint=held.endpoint, why=held.why, wait=round(held.seconds, 3),
            at_once=held.at_once, slots=held.slots,
        )  # fmt: skip

    def _write(self, event: str, **told: Any) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        seconds = round(time.monotonic() - self._began, 3)
        if self._file is not None:
            line = {"time": now, "seconds": seconds, "event": event, **told}
            self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        if self._log is not None and event != "books":
            words = (f"{k}={v}" for k, v in told.items() if not isinstance(v, dict | list))
            self._log.write(printable(" ".join((now, event, *words))) + "\n")


def _why(error: BaseException | None) -> dict[str, str]:
    match error:
        case InputError() | StopRun():
            return {"code": error.diagnostic.code, "message": error.diagnostic.message}
        case Permanent():
            return {"code": error.fatal or "ATK703", "message": error.message}
    return {}
