"""`atkc run --batch`: the same files as live, whatever happens while batches are waited for."""

from __future__ import annotations

import json
import signal

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import Project, Server, constant, files, manifest, wait_for

_PAID = ("calls", "from_cache")
QUICK = ("--batch", "--batch-poll", "0.1")


def test_a_run_in_batches_makes_the_files_of_a_live_one(
    project: Project, serve: Serve, expected: dict[str, bytes]
) -> None:
    server = serve()
    done = project.run(*server.models(), *QUICK)
    assert (done.code, files(project.output)) == (0, expected)
    calls, cached, failed = done.calls()
    stats = server.stats()
    assert (stats["requests"], stats["batched"], cached, failed) == (0, calls, 0, 0)
    assert 2 <= stats["batches"] <= 4  # ballots, then questions; not one for each record
    before = constant(project.output)
    again = project.run(*server.models())  # live: all of it is in the store
    assert again.calls() == (0, calls, 0)
    assert constant(project.output) == before
    assert server.stats()["requests"] == 0


def test_lines_that_fail_and_replies_that_cannot_be_read_form_further_batches(
    project: Project, serve: Serve
) -> None:
    server = serve("--rate-500", "0.2", "--hang", "0.1", "--nonsense", "0.3", "--seed", "4")
    done = project.run(*server.models(), *QUICK)
    assert done.code in (0, 4)
    assert "expired" in done.err
    stats = server.stats()
    assert set(stats["faults"]) == {"rate500", "hang", "nonsense"}
    assert stats["batched"] == done.calls()[0]
    assert (
        manifest(project.output)["run"]["retried"]
        >= sum(stats["faults"].values()) - (stats["faults"]["nonsense"])
    )


@pytest.mark.parametrize("batch", [1, 2])
def test_a_run_killed_while_it_waits_picks_its_batch_up_again(
    project: Project, serve: Serve, expected: dict[str, bytes], batch: int
) -> None:
    server = serve("--batch-delay", "0.5")
    running = project.start(*server.models(), *QUICK)
    wait_for(lambda: server.stats()["batches"] >= batch)
    running.kill()
    running.communicate(timeout=20)
    done = project.run(*server.models(), *QUICK)
    assert (done.code, files(project.output)) == (0, expected)
    stats = server.stats()
    assert stats["batches"] == 2  # none was submitted twice
    assert stats["batched"] == sum(manifest(project.output)["run"][n] for n in _PAID)
    assert not list((project.folder / ".atkc/batches").glob("atkc-*"))


def test_an_interrupted_run_says_how_to_go_on(project: Project, serve: Serve) -> None:
    server = serve("--batch-delay", "60")
    running = project.start(*server.models(), *QUICK)
    wait_for(lambda: server.stats()["batches"] == 1)
    wait_for(
        lambda: (
            b'"id":"batch_1"'
            in b"".join(
                path.read_bytes() for path in (project.folder / ".atkc/batches").glob("*.json")
            )
        )
    )
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"batches go on there" in err
    assert b"a later run with `--batch` picks them up" in err


def test_batches_that_are_out_are_listed_and_cancelled(
    project: Project, serve: Serve, expected: dict[str, bytes]
) -> None:
    assert project.atkc("batches").out == "no batches are out\n"
    server = serve("--batch-delay", "60")
    running = project.start(*server.models(), *QUICK)
    folder = project.folder / ".atkc/batches"
    wait_for(lambda: any(b'"id":"batch_1"' in path.read_bytes() for path in folder.glob("*.json")))
    running.kill()
    running.communicate(timeout=20)
    listed = project.atkc("batches")
    assert listed.code == 0
    head, line = listed.out.splitlines()
    assert head.split() == ["endpoint", "batch", "model", "state", "done", "since"]
    cells = line.split()
    assert cells[:5] == [server.url, "batch_1", "extractive", "in_progress", "0"]
    wrong = project.atkc("batches", "--cancel", "batch_2")
    assert (wrong.code, wrong.out) == (2, "")
    assert "no batch on record below `.atkc` has the id `batch_2`" in wrong.err
    (told,) = json.loads(project.atkc("batches", "--cancel", "batch_1", "--json").out)["batches"]
    assert (told["state"], told["done"], told["problem"]) == ("cancelled", 0, "")
    assert told["requests"] == int(cells[6])
    done = project.run(*server.models())  # live: the cancelled batch holds up nothing
    assert (done.code, files(project.output)) == (0, expected)
    server.stop()
    silent = project.atkc("batches")
    assert silent.code == 1
    assert "batch_1: " in silent.err
    assert "unknown" in silent.out


def test_the_built_in_model_runs_live_and_that_is_told(
    project: Project, expected: dict[str, bytes]
) -> None:
    done = project.run("--batch")
    assert (done.code, files(project.output)) == (0, expected)
    assert done.err.count("`--batch` has no effect on the model") == 2


def test_a_provider_without_batches_is_told_before_anything_is_spent(project: Project) -> None:
    done = project.run("--set=writer=cohere/command", "--set=judge=cohere/command", "--batch")
    assert done.code == 1
    assert "error[ATK730]" in done.err
    assert "no way to batches of `cohere`" in done.err


@pytest.mark.parametrize(
    ("key", "flag", "batches"),
    [
        pytest.param("batch: true, ", (), True, id="the endpoint asks for it"),
        pytest.param("batch: false, ", ("--batch",), False, id="the endpoint is exempt"),
    ],
)
def test_an_endpoint_may_decide_for_itself(
    project: Project, server: Server, key: str, flag: tuple[str, ...], batches: bool
) -> None:
    project.change("spec.yaml", "main: {api_base", f"main: {{{key}api_base")
    before = server.stats()
    done = project.run(*server.models(), *flag, "--batch-poll", "0.1")
    assert done.code == 0
    after = server.stats()
    assert (after["batches"] > before["batches"]) is batches
    assert (after["requests"] > before["requests"]) is not batches


def test_the_price_is_that_of_batches(project: Project, serve: Serve) -> None:
    project.change("spec.yaml", "main: {api_base", "main: {batch_price: 0.5, api_base")
    project.change(
        "spec.yaml",
        'model: "${params.writer}",',
        'model: "${params.writer}", price_in: 10, price_out: 10,',
    )
    server = serve()
    assert project.run(*server.models(), *QUICK).code == 0
    run = manifest(project.output)["run"]
    writer = run["models"]["writer"]
    tokens = writer["prompt_tokens"] + writer["completion_tokens"]
    assert writer["money"] == pytest.approx(tokens * 5 / 1e6)


def test_small_batches_hold_few_records_at_a_time(
    project: Project, serve: Serve, expected: dict[str, bytes]
) -> None:
    server = serve()
    done = project.run(*server.models(), *QUICK, "--batch-size", "4")
    assert (done.code, files(project.output)) == (0, expected)
    assert server.stats()["batches"] >= done.calls()[0] / 4
