"""`events.jsonl` and the log file: one line for each thing that happens, times in UTC."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.events import EventLog
from atkc.runtime.events import Event, RunStarted, SourcesDone, StepDone, StepStarted, Warned
from atkc.runtime.ledger import LedgerRow

ROW = LedgerRow("ask", "", 5, 3, 1, 0, 1, 0, 0, 0, 0, ())

TOLD: list[tuple[Event, dict[str, Any]]] = [
    (RunStarted(("a", "b"), tuple), {"event": "run-started", "steps": ["a", "b"]}),
    (StepStarted("a"), {"event": "step-started", "step": "a"}),
    (
        StepDone("ask", (ROW,)),
        {
            "event": "step-done",
            "step": "ask",
            "records_in": 5,
            "out": 3,
            "filtered": 1,
            "failed": 1,
        },
    ),
    (SourcesDone(), {"event": "sources-done"}),
    (
        Warned("ask", "empty", 'no "row" — none'),
        {"event": "warning", "step": "ask", "kind": "empty", "message": 'no "row" — none'},
    ),
]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("event", "told"), TOLD, ids=[t["event"] for _, t in TOLD])
def test_each_event_is_a_line(tmp_path: Path, event: Event, told: dict[str, Any]) -> None:
    with EventLog(tmp_path / "events.jsonl", None) as log:
        log.hear(event)
        (line,) = lines(tmp_path / "events.jsonl")  # at once, not at the end
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line.pop("time"))
    assert line == told


def test_the_end_is_told_with_its_calls(tmp_path: Path) -> None:
    with EventLog(tmp_path / "events.jsonl", str(tmp_path / "log")) as log:
        log.ended("complete", {"calls": 3, "models": {}})
    (line,) = lines(tmp_path / "events.jsonl")
    assert (line["how"], line["calls"], line["models"]) == ("complete", 3, {})
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert text.endswith(" run-ended how=complete calls=3\n")


def test_events_begin_anew_and_a_log_is_added_to(tmp_path: Path) -> None:
    for _ in range(2):
        with EventLog(tmp_path / "events.jsonl", str(tmp_path / "log")) as log:
            log.hear(SourcesDone())
    assert len(lines(tmp_path / "events.jsonl")) == 1
    assert (tmp_path / "log").read_text(encoding="utf-8").count("sources-done") == 2
