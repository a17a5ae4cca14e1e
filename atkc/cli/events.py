"""`events.jsonl` and the log file: what happened when, one JSON object a line."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from atkc.runtime.events import Event, RunStarted, SourcesDone, StepDone, StepStarted, Warned


class EventLog:
    """Writes each event to the output folder, and as a plain line to a log file if asked."""

    def __init__(self, path: Path, log_file: str | None) -> None:
        self._path = path
        self._log_path = log_file
        self._file: IO[bytes] | None = None
        self._log: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("wb", buffering=0)
        if self._log_path:
            self._log = Path(self._log_path).open("a", encoding="utf-8", newline="\n", buffering=1)
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
                self._write("run-started", steps=list(event.steps))
            case StepStarted():
                self._write("step-started", step=event.step)
            case StepDone():
                for row in event.ledger:
                    self._write(
                        "step-done", step=row.step, records_in=row.came, out=row.out,
                        filtered=row.filtered, failed=row.failed,
                    )  # fmt: skip
            case SourcesDone():
                self._write("sources-done")
            case Warned():
                self._write("warning", step=event.step, kind=event.kind, message=event.message)

    def books(self, told: dict[str, Any]) -> None:
        """Write what the run noted: the graph, the whole ledger, times, documents."""
        self._write("books", **told)

    def ended(self, how: str, calls: dict[str, Any]) -> None:
        """Write how the run ended."""
        self._write("run-ended", how=how, **calls)

    def _write(self, event: str, **told: Any) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if self._file is not None:
            line = {"time": now, "event": event, **told}
            self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        if self._log is not None:
            words = " ".join(f"{k}={v}" for k, v in told.items() if not isinstance(v, dict | list))
            self._log.write(f"{now} {event} {words}\n")
