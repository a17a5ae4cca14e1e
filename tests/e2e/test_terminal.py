"""What a user sees: plain lines, or a table on a terminal; the summary alone on standard output."""

from __future__ import annotations

import json
import re

from tests.e2e.conftest import Serve
from tests.e2e.kit import Project
from tests.e2e.terminal import on_terminal

SUMMARY = re.compile(
    r"\d+ files, \d+ records in \S+\n\d+ model calls, \d+ from cache, \d+ records failed\n"
)


def test_without_a_terminal_there_are_plain_lines(project: Project, serve: Serve) -> None:
    server = serve("--latency", "0.5")
    done = project.run(*server.models())
    assert SUMMARY.fullmatch(done.out)
    assert re.search(r"^ +\d+ s: \d+ calls \(.*/s\), \d+ from cache, ", done.err, re.MULTILINE)
    assert "\x1b" not in done.err


def test_an_endpoint_that_is_held_back_is_told(project: Project, serve: Serve) -> None:
    server = serve("--rate-429", "1", "--retry-after", "3")
    done = project.run(*server.models(), "--max-calls", "4")  # more would be sent after the wait
    assert done.code == 5
    said = re.search(r"^ +(\S+) is held back: it is busy; no call for \d s", done.err, re.MULTILINE)
    assert said is not None, done.err
    lines = (project.output / "events.jsonl").read_bytes().splitlines()
    (held,) = [e for e in map(json.loads, lines) if e["event"] == "endpoint-held"]
    assert (held["endpoint"], held["why"], held["at_once"]) == (said[1], "busy", 2)
    assert 0 < held["wait"] <= 3


def test_on_a_terminal_there_is_a_table(project: Project, serve: Serve) -> None:
    server = serve("--latency", "0.2")
    done = on_terminal(project, server.models())
    assert done.code == 0
    assert SUMMARY.fullmatch(done.out)
    for word in ("step", "filtered", "failed", "worthwhile", "pairs"):
        assert word in done.err
    assert "\x1b[" in done.err


def test_plain_on_a_terminal_draws_no_table(project: Project, serve: Serve) -> None:
    server = serve("--latency", "0.2")
    done = on_terminal(project, ["--plain", *server.models()])
    assert done.code == 0
    assert "\x1b" not in done.err
    assert "filtered" not in done.err


def test_verbose_tells_each_step_as_it_ends(project: Project) -> None:
    assert "done documents" not in project.run("--plain").err
    told = project.run("-v").err
    assert "done documents: 3 in, 3 out, 0 filtered, 0 failed\n" in told
    assert told.count("done ") >= 6


def test_a_log_file_is_added_to_and_events_are_json(project: Project) -> None:
    project.run("--log-file", "run.log")
    lines = (project.folder / "run.log").read_text(encoding="utf-8").splitlines()
    assert any(" step-done step=documents " in line for line in lines)
    assert " run-ended how=complete calls=" in lines[-1]
    project.run("--log-file", "run.log")
    assert len((project.folder / "run.log").read_text(encoding="utf-8").splitlines()) > len(lines)
    events = [json.loads(x) for x in (project.output / "events.jsonl").read_bytes().splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["run-started", "run-ended"]
    assert events[0]["steps"][0] == "documents"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", event["time"]) for event in events)
    assert {e["step"] for e in events if e["event"] == "step-done"} >= {"documents", "dataset"}


def test_a_run_that_fails_ends_its_events_too(project: Project) -> None:
    project.run("--max-calls", "0", "--set=writer=x/y", "--set=api_base=http://127.0.0.1:9/v1")
    events = [json.loads(x) for x in (project.output / "events.jsonl").read_bytes().splitlines()]
    assert events[-1]["event"] == "run-ended"
    assert events[-1]["how"] == "StopRun"


def test_a_narrow_terminal_is_not_overflowed_and_the_cursor_stays(
    project: Project, serve: Serve
) -> None:
    server = serve("--latency", "0.3")
    done = on_terminal(project, server.models(), variables={"COLUMNS": "40", "LINES": "8"})
    assert done.code == 0
    assert "calls (" in done.err
    assert "\x1b[?25l" not in done.err
    painted = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.err)
    assert max(len(line) for line in re.split(r"[\r\n]+", painted)) <= 39


def test_quiet_prints_the_last_line_alone(project: Project, serve: Serve) -> None:
    server = serve("--latency", "0.3")
    project.write("docs/broken.pdf", b"%PDF-1.4 nothing")
    done = on_terminal(project, ["--quiet", *server.models()])
    assert (done.code, done.err) == (4, "")
    assert re.fullmatch(r"\d+ model calls, 0 from cache, 1 records failed\n", done.out)
    failed = project.run("-q", "--max-calls", "0", "--fresh")
    assert failed.code == 5
    assert "ATK704" in failed.err


def test_quiet_excludes_plain_and_verbose(project: Project) -> None:
    for other in ("--plain", "--verbose"):
        done = project.run("--quiet", other)
        assert done.code == 2
        assert f"`--quiet` and `{other}` exclude each other" in done.err


def test_an_interrupt_takes_the_table_away_and_leaves_the_terminal_sane(
    project: Project, serve: Serve
) -> None:
    server = serve("--latency", "0.5")
    done = on_terminal(project, server.models(), interrupt_at="filtered")
    assert done.code == 130
    rest = done.err[done.err.rindex("\x1b[2K") :]  # the last line of the table is wiped
    assert re.match(r"\x1b\[2K\s*atkc: interrupted", rest)
    assert "\x1b" not in rest[4:]
    assert "\x1b[?25l" not in done.err
    assert "\x1b[?1049h" not in done.err


def test_a_log_file_that_cannot_be_written_is_told_before_anything_is_asked(
    project: Project,
) -> None:
    assert project.run().code == 0
    before = (project.output / "events.jsonl").read_bytes()
    done = project.run("--fresh", "--log-file", "nowhere/run.log")
    assert done.code == 1
    assert "error[ATK001]: `nowhere/run.log`" in done.err
    assert (project.output / "events.jsonl").read_bytes() == before
