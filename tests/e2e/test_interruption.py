"""A signal ends a run: what is in flight is let in, nothing is lost, and it goes on from there."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import Project, Server, files, make_project, wait_for
from tests.e2e.test_resume import stored

SLOTS = 4  # calls in flight at most, as the spec says
HANGING = ("--hang", "0.3", "--seed", "3")  # then four of some dozen calls hang
NOISE = ("Traceback", "was destroyed", "never retrieved", "was never awaited", "bug of ours")


def ended(running: subprocess.Popen[bytes], seconds: float = 20.0) -> tuple[int, str, str]:
    """Wait for the end and return the exit code and both outputs; there is no noise in them."""
    try:
        out, err = running.communicate(timeout=seconds)
    finally:
        running.kill()
    for noise in NOISE:
        assert noise not in err.decode(), err.decode()
    return running.returncode, out.decode(), err.decode()


def all_hang(server: Server) -> bool:
    """Return whether each slot holds a call that hangs, so that nothing more can happen."""
    stats = server.stats()
    return bool(stats["in_flight"] == SLOTS == stats["faults"]["hang"])


def mark(project: Project) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((project.output / "INCOMPLETE.json").read_bytes())
    return told


def nothing_is_left_behind(project: Project) -> None:
    assert not list(project.output.parent.glob(".*.staging"))
    assert list((project.folder / ".atkc/spool").iterdir()) == []


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, _plain_server: Server
) -> tuple[Project, int]:
    """A run over HTTP that nothing disturbs, and how many calls it took."""
    project = make_project(tmp_path_factory.mktemp("undisturbed"))
    done = project.run(*_plain_server.models())
    assert done.code == 0
    return project, done.calls()[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_is_in_flight_is_let_in_and_never_asked_again(
    project: Project, serve: Serve, undisturbed: tuple[Project, int], number: int
) -> None:
    whole, calls = undisturbed
    server = serve("--latency", "0.3")
    running = project.start(*server.models())
    wait_for(lambda: server.stats()["in_flight"] == SLOTS)
    running.send_signal(number)
    code, out, err = ended(running)
    assert code == 130
    assert f"{SLOTS} calls in flight may come in for 20 s" in err
    assert "the same command goes on" in err
    sent = server.requests
    assert stored(project) == sent == server.stats()["completions"]  # all that was sent is kept
    assert out == f"{sent} model calls, 0 from cache, 0 records failed\n"
    told = mark(project)
    assert (told["how"], told["run"]["calls"], told["in_all"]["runs"]) == ("interrupted", sent, 1)
    assert files(project.output) == {}
    nothing_is_left_behind(project)
    again = project.run(*server.models())
    assert again.calls() == (calls - sent, sent, 0)
    assert server.requests == calls
    assert files(project.output) == files(whole.output)
    assert not (project.output / "INCOMPLETE.json").exists()
    assert f"in all 2 runs since the last complete one: {calls} model calls" in again.out


def test_the_second_signal_waits_for_nothing(project: Project, serve: Serve) -> None:
    server = serve(*HANGING)
    running = project.start(*server.models(), "--grace", "600")
    wait_for(lambda: all_hang(server))
    running.send_signal(signal.SIGINT)
    assert running.stderr is not None
    assert b"in flight may come in for 600 s" in running.stderr.readline()
    running.send_signal(signal.SIGINT)
    code, _, _ = ended(running)
    assert code == 130
    assert stored(project) == server.stats()["completions"]  # nothing that came is lost
    nothing_is_left_behind(project)


def test_calls_that_hang_are_given_up_after_the_grace(project: Project, serve: Serve) -> None:
    server = serve("--hang", "1")
    running = project.start(*server.models(), "--grace", "0.2")
    wait_for(lambda: server.stats()["in_flight"] > 0)
    began = time.monotonic()
    running.send_signal(signal.SIGTERM)
    code, _, err = ended(running)
    assert code == 130
    assert "may come in for 0.2 s" in err
    assert time.monotonic() - began < 15
    nothing_is_left_behind(project)


def test_a_back_off_of_minutes_is_no_reason_to_stay(project: Project, serve: Serve) -> None:
    server = serve("--rate-429", "1", "--retry-after", "500")
    running = project.start(*server.models(), "--grace", "600")
    wait_for(lambda: sum(server.stats()["refused"].values()) > 0)
    running.send_signal(signal.SIGINT)
    code, _, err = ended(running)
    assert code == 130
    assert "nothing more is sent" in err  # and not waited for: `ended` would not have it


def test_a_document_that_hangs_is_no_reason_to_stay(project: Project) -> None:
    os.mkfifo(project.folder / "rows.jsonl")  # nobody ever writes there
    project.write(
        "spec.yaml",
        "atkc: 1\nname: small\nsteps:\n"
        "  rows: {type: source, read: jsonl, with: {path: rows.jsonl}, fields: {a: string}}\n"
        "  out: {type: export, from: rows, format: jsonl, path: a.jsonl}\n",
    )
    running = project.start()
    wait_for((project.output / "INCOMPLETE.json").exists)
    wait_for(lambda: "run-started" in (project.output / "events.jsonl").read_text())
    running.send_signal(signal.SIGINT)
    code, _, err = ended(running)
    assert (code, mark(project)["how"]) == (130, "interrupted"), err
    nothing_is_left_behind(project)


def test_a_run_at_its_cap_that_waits_for_calls_in_flight_can_be_interrupted(
    project: Project, serve: Serve
) -> None:
    server = serve("--hang", "1")
    running = project.start(*server.models(), "--max-calls", str(SLOTS), "--grace", "0")
    wait_for(lambda: all_hang(server))
    running.send_signal(signal.SIGINT)
    code, _, _ = ended(running)
    assert code == 130
    assert stored(project) == server.stats()["completions"] == 0


def test_a_question_is_no_reason_to_stay(project: Project) -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "atkc", "run", "spec.yaml", "--set=writer=openai/x", "--plain",
         "--set=api_base=http://192.0.2.1/v1"],
        cwd=project.folder, env=project.variables({}), stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(theirs)
    try:
        assert running.stderr is not None
        while b"Go on?" not in running.stderr.peek():
            running.stderr.readline()
        running.send_signal(signal.SIGINT)
        code, _, err = ended(running)
    finally:
        os.close(ours)
    assert code == 130
    assert "nothing more is sent\n" in err
    assert "writer" not in {n for n, m in mark(project)["run"]["models"].items() if m["calls"]}


def test_a_file_that_is_being_written_is_no_reason_to_stay(project: Project) -> None:
    """Nothing of it is to be seen afterwards."""
    project.write("rows.jsonl", '{"a": "b"}\n' * 60_000)
    project.write(
        "spec.yaml",
        "atkc: 1\nname: small\nsteps:\n"
        "  rows: {type: source, read: jsonl, with: {path: rows.jsonl}, fields: {a: string}}\n"
        "  out: {type: export, from: rows, format: jsonl, path: a.jsonl}\n",
    )
    running = project.start()
    staged = project.output.parent / ".small.staging" / "a.jsonl"
    wait_for(staged.exists)
    running.send_signal(signal.SIGINT)
    code, _, _ = ended(running)
    assert code == 130
    assert not (project.output / "a.jsonl").exists()
    nothing_is_left_behind(project)


def test_two_signals_in_one_moment_leave_nothing_undone(project: Project, serve: Serve) -> None:
    server = serve(*HANGING)
    running = project.start(*server.models(), "--grace", "600")
    wait_for(lambda: all_hang(server))
    running.send_signal(signal.SIGINT)
    running.send_signal(signal.SIGTERM)
    code, _, _ = ended(running)
    assert code == 130
    assert stored(project) == server.stats()["completions"]
    assert mark(project)["how"] == "interrupted"
    nothing_is_left_behind(project)


def test_signals_that_are_ignored_stay_so(project: Project, serve: Serve) -> None:
    """As under `nohup`: who closes the terminal wants the run to go on."""
    server = serve("--latency", "0.1")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = project.start(*server.models())
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_for(lambda: server.stats()["in_flight"] > 0)
    running.send_signal(signal.SIGHUP)
    assert ended(running)[0] == 0


def test_a_signal_before_the_run_begins_is_told_too(project: Project) -> None:
    os.mkfifo(project.folder / "values.yaml")
    running = project.start("--params", "values.yaml")
    # the process opens the pipe to read, so it has come as far as its values
    with (project.folder / "values.yaml").open("w"):
        running.send_signal(signal.SIGTERM)
        code, _, err = ended(running)
    assert code == 130
    assert "interrupted" in err
    assert not (project.output / "INCOMPLETE.json").exists()


def test_small_caps_pay_in_all_what_one_run_pays(
    project: Project, serve: Serve, undisturbed: tuple[Project, int], tmp_path: Path
) -> None:
    whole, calls = undisturbed
    server = serve()
    project.run(*server.models(), "--cache", str(tmp_path / "other"))  # an older complete run
    old = files(project.output)
    project.change("docs/bridge.txt", "1888", "1889")
    codes, paid = [], 0
    for _ in range(20):
        before = server.requests
        done = project.run(*server.models(), "--max-calls", "5")
        codes.append(done.code)
        assert server.requests - before == done.calls()[0] <= 5
        paid += done.calls()[0]
        if done.code != 5:
            break
        assert files(project.output) == old  # they stay as they were
        told = mark(project)
        assert (told["how"], told["in_all"]["calls"]) == ("stopped", paid)
        assert told["in_all"]["runs"] == len(codes)
        assert told["go_on"].endswith("--max-calls 5")
        assert "go on with: atkc run spec.yaml" in done.err
    assert codes == [5] * (len(codes) - 1) + [0]
    assert len(codes) > 3
    fresh = make_project(tmp_path / "fresh")
    fresh.change("docs/bridge.txt", "1888", "1889")
    assert paid == fresh.run(*server.models()).calls()[0]
    assert files(project.output) == files(fresh.output)
    assert files(whole.output) == old
    assert calls > 5
