"""Ended in the middle, at any moment: the same command goes on and pays for nothing twice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import Project, Server, constant, files, make_project, manifest, wait_for

SLOTS = 4  # calls in flight at most, as the spec says


def stored(project: Project) -> int:
    """Return how many replies are durable."""
    with sqlite3.connect(project.folder / ".atkc/store.sqlite") as connection:
        (count,) = connection.execute("SELECT count(*) FROM entry WHERE kind='call'").fetchone()
    connection.close()
    return int(count)


def end(running: subprocess.Popen[bytes], number: int) -> tuple[int, str]:
    """Send a signal, wait, and return the exit code and the standard error."""
    running.send_signal(number)
    _, err = running.communicate(timeout=20)
    return running.returncode, err.decode()


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, _plain_server: Server
) -> Iterator[tuple[Project, int]]:
    """A run over HTTP that nothing disturbs, and how many calls it took."""
    project = make_project(tmp_path_factory.mktemp("undisturbed"))
    done = project.run(*_plain_server.models())
    assert done.code == 0
    return project, done.calls()[0]


@pytest.mark.parametrize("after", [0, 9, 17])
def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(
    project: Project, serve: Serve, undisturbed: tuple[Project, int], after: int
) -> None:
    whole, calls = undisturbed
    server = serve("--latency", "0.1")
    running = project.start(*server.models())
    wait_for(lambda: server.stats()["completions"] >= after and server.requests > 0)
    code, _ = end(running, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert files(project.output) == {}
    wait_for(lambda: server.stats()["in_flight"] == 0)
    durable, sent = stored(project), server.requests
    again = project.run(*server.models())
    assert again.code == 0
    assert files(project.output) == files(whole.output)
    assert again.calls() == (calls - durable, durable, 0)  # nothing durable is asked again
    assert server.requests - sent == calls - durable
    assert server.requests - calls <= SLOTS * 2  # in flight, or replied and not yet committed
    assert not list(project.output.parent.glob(".*.staging"))
    told = constant(project.output)
    for name in ("ledger", "files", "warnings", "partial"):
        assert told[name] == constant(whole.output)[name]


def test_an_interrupted_run_says_so_and_leaves_old_outputs_alone(
    project: Project, serve: Serve
) -> None:
    project.run()
    before, told = files(project.output), (project.output / "manifest.json").read_bytes()
    server = serve("--latency", "0.1")
    running = project.start("--fresh", *server.models())
    wait_for(lambda: server.stats()["completions"] >= 3)
    code, err = end(running, signal.SIGINT)
    assert code == 130
    assert "Traceback" not in err
    assert "the same command goes on" in err
    assert files(project.output) == before
    assert (project.output / "manifest.json").read_bytes() == told
    assert not list(project.output.parent.glob(".*.staging"))


def test_a_second_run_needs_no_endpoint_and_no_key(project: Project, serve: Serve) -> None:
    server = serve("--key-env", "SERVED", SERVED="sk-right")
    options = [*server.models(), "--set=key=MINE"]
    first = project.run(*options, MINE="sk-right")
    before, told = files(project.output), constant(project.output)
    server.stop()
    second = project.run(*options)
    assert (second.code, second.err) == (0, "")
    assert first.calls()[0] > 0
    assert second.calls() == (0, first.calls()[0], 0)
    assert files(project.output) == before
    assert constant(project.output) == told
    assert manifest(project.output)["run"]["calls"] == 0


def test_a_parser_edit_that_old_replies_fit_costs_no_call(project: Project, server: Server) -> None:
    calls = project.run(*server.models()).calls()[0]
    project.change("spec.yaml", "path: texts.jsonl", "path: other.jsonl")
    project.change("spec.yaml", "  worthwhile:\n    type", "  judged:\n    type")
    spec = (project.folder / "spec.yaml").read_text(encoding="utf-8")
    project.write("spec.yaml", spec.replace("from: worthwhile", "from: judged"))
    again = project.run(*server.models())
    assert again.calls() == (0, calls, 0)
    assert not (project.output / "texts.jsonl").exists()
    assert (project.output / "other.jsonl").exists()


def test_fresh_asks_everything_again_and_deletes_nothing(project: Project, server: Server) -> None:
    first = project.run(*server.models())
    durable = stored(project)
    sent = server.requests
    fresh = project.run("--fresh", *server.models())
    assert fresh.calls() == first.calls()
    assert server.requests - sent == first.calls()[0]
    assert stored(project) == durable + first.calls()[0]
    assert project.run(*server.models()).calls()[0] == 0  # the new generation is the one in use


def test_edited_added_and_removed_documents_leave_the_others_paid_for(project: Project) -> None:
    calls = project.run().calls()[0]
    project.change("docs/orchard.md", "about twenty", "about thirty")
    project.write("docs/zinc.txt", "Zinc was mined at Karst Hill from 1911. It has 3 shafts.\n")
    before = project.rows("sft/pairs.jsonl")
    assert 0 < project.run().calls()[0] < calls / 2
    (project.folder / "docs/bridge.txt").unlink()
    assert project.run().calls()[0] == 0
    kept = project.rows("sft/pairs.jsonl")
    assert len([row for row in before if row in kept]) > len(before) / 3


def test_a_cap_is_never_crossed_and_a_higher_one_pays_only_the_rest(
    project: Project, serve: Serve, expected: dict[str, bytes]
) -> None:
    server = serve("--latency", "0.03", "--rate-500", "0.2")
    stopped = project.run("--max-calls", "8", *server.models())
    assert stopped.code == 5
    assert "ATK704" in stopped.err
    assert "--max-calls" in stopped.err
    assert server.requests <= 8
    assert files(project.output) == {}
    durable, stats = stored(project), server.stats()
    refused = sum(stats["refused"].values())
    assert stats["requests"] == 8 == durable + refused  # what had been sent was paid for and kept
    whole = project.run("--max-calls", "100", *server.models())
    assert whole.code == 0
    assert whole.calls()[1] == durable
    assert server.stats()["completions"] == durable + whole.calls()[0]
    assert files(project.output) == expected


def test_one_cache_serves_folders_that_are_called_otherwise(
    project: Project, server: Server, tmp_path: Path
) -> None:
    calls = project.run(*server.models(), "--cache", str(tmp_path / "cache")).calls()[0]
    other = make_project(tmp_path / "moved")
    again = other.run(*server.models(), ATKC_CACHE=str(tmp_path / "cache"))
    assert again.calls() == (0, calls, 0)
    assert files(other.output) == files(project.output)
