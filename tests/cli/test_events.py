"""`events.jsonl` and the log file: one line for each thing that happens, times in UTC."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from atkc.cli.entry import run
from atkc.cli.events import EventLog
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
from atkc.runtime.ledger import LedgerRow
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.places import SHIPPED
from tests.e2e.kit import make_project

ROW = LedgerRow("ask", "", 5, 3, 1, 0, 1, 0, 0, 0, 0, ())

TOLD: list[tuple[Event, dict[str, Any]]] = [
    (
        RunStarted(("a", "b"), tuple),
        {"event": "run-started", "atkc_events": 1, "steps": ["a", "b"]},
    ),
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
            "calls": 0,
            "cached": 0,
            "failures": {},
        },
    ),
    (
        SourceRead("a", {"x.txt": 3, "y.txt": 0}),
        {"event": "source-read", "step": "a", "documents": 2},
    ),
    (
        RecordFailed("ask", "empty", "the reply is empty: …"),
        {"event": "record-failed", "step": "ask", "kind": "empty"},
    ),
    (SourcesDone(), {"event": "sources-done"}),
    (
        EndpointHeld(Held("http://h/v1", "busy", 1.23456, 4, 16)),
        {
            "event": "endpoint-held",
            "endpoint": "http://h/v1",
            "why": "busy",
            "wait": 1.235,
            "at_once": 4,
            "slots": 16,
        },
    ),
    (EndpointFree("http://h/v1"), {"event": "endpoint-free", "endpoint": "http://h/v1"}),
    (
        Warned("ask", "empty", 'no "row" — none'),
        {"event": "warning", "step": "ask", "kind": "empty", "message": 'no "row" — none'},
    ),
]


SCHEMA = Draft202012Validator(
    json.loads((SHIPPED / "schema" / "events.schema.json").read_text(encoding="utf-8"))
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("event", "told"), TOLD, ids=[t["event"] for _, t in TOLD])
def test_each_event_is_a_line(tmp_path: Path, event: Event, told: dict[str, Any]) -> None:
    with EventLog(tmp_path / "events.jsonl", None) as log:
        log.hear(event)
        (line,) = lines(tmp_path / "events.jsonl")  # at once, not at the end
    SCHEMA.validate(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line.pop("time"))
    assert line.pop("seconds") >= 0
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


def test_of_equal_failures_the_first_is_told_and_all_are_counted(tmp_path: Path) -> None:
    with EventLog(tmp_path / "events.jsonl", None) as log:
        for kind in ("empty", "empty", "truncated", "empty"):
            log.hear(RecordFailed("ask", kind, "secret words of a reply"))
        log.hear(StepDone("ask", (ROW,)))
    told = lines(tmp_path / "events.jsonl")
    assert [(e["event"], e.get("kind")) for e in told[:-1]] == [
        ("record-failed", "empty"),
        ("record-failed", "truncated"),
    ]
    assert told[-1]["failures"] == {"empty": 3, "truncated": 1}
    assert "secret" not in (tmp_path / "events.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StopRun(Diagnostic("ATK704", "the cap is reached")), "ATK704"),
        (InputError(Diagnostic("ATK606", "too few")), "ATK606"),
        (Permanent("refused", fatal="ATK701"), "ATK701"),
        (Permanent("refused"), "ATK703"),
        (KeyError("x"), None),
        (None, None),
    ],
)
def test_the_end_says_why(tmp_path: Path, error: BaseException | None, code: str | None) -> None:
    with EventLog(tmp_path / "events.jsonl", None) as log:
        log.ended("how", {}, error)
    (line,) = lines(tmp_path / "events.jsonl")
    assert line.get("code") == code
    assert ("message" in line) == (code is not None)


def test_a_log_line_stays_one_line(tmp_path: Path) -> None:
    with EventLog(tmp_path / "events.jsonl", str(tmp_path / "log")) as log:
        log.hear(Warned("ask", "note", "two\nlines \x1b[2J"))
        log.books({"graph": {}, "rows": [], "spans": {}, "documents": {}})
    (line,) = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert line.endswith(" warning step=ask kind=note message=two\\nlines \ufffd[2J")


def test_all_lines_of_runs_hold_to_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = make_project(tmp_path)
    monkeypatch.chdir(project.folder)
    project.write("docs/broken.pdf", b"%PDF-1.4 nothing")
    path = project.output / "events.jsonl"
    assert run(["run", "spec.yaml", "--quiet", "--max-calls", "3"]) == 5
    stopped = lines(path)
    assert run(["run", "spec.yaml", "--quiet"]) == 4
    whole = lines(path)
    for line in (*stopped, *whole):
        SCHEMA.validate(line)
    assert {line["event"] for line in (*stopped, *whole)} >= {
        *("run-started", "step-started", "step-done", "source-read", "sources-done"),
        *("record-failed", "books", "run-ended"),
    }
    assert (stopped[-1]["how"], stopped[-1]["code"]) == ("StopRun", "ATK704")
    assert [line["event"] for line in whole[-2:]] == ["books", "run-ended"]
    times = [line["seconds"] for line in whole]
    assert times == sorted(times)
    text = path.read_text(encoding="utf-8")
    assert "Iron Bridge" not in text  # what documents say is in no event


def test_a_line_that_is_not_of_the_schema_is_refused() -> None:
    line = {"time": "2026-01-01T00:00:00Z", "seconds": 1.0, "event": "sources-done"}
    SCHEMA.validate(line)
    for wrong in ({**line, "text": "x"}, {**line, "event": "other"}, {"event": "sources-done"}):
        assert not SCHEMA.is_valid(wrong)


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "events"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "atkc:schema/events.schema.json"
