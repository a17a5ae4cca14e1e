"""The small spec over HTTP while the endpoint misbehaves: it recovers, or tells what it lost."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import Project, files, manifest

MOST = 7 * 2  # calls of the writer if every reply must be asked for twice


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ((), None),
        (("--rate-429", "0.2", "--retry-after", "0.2"), "rate429"),
        (("--rate-500", "0.2"), "rate500"),
        (("--drop", "0.2"), "drop"),
        (("--latency", "0.02"), None),
    ],
    ids=["none", "429", "500", "drop", "latency"],
)
def test_what_passes_leaves_no_trace_in_the_files(
    project: Project,
    serve: Serve,
    expected: dict[str, bytes],
    options: tuple[str, ...],
    fault: str | None,
) -> None:
    server = serve(*options)
    done = project.run(*server.models())
    stats = server.stats()
    met = stats["faults"].get(fault, 0)
    assert done.code == 0
    assert files(project.output) == expected
    assert met > 0 or fault is None
    calls, cached, failed = done.calls()
    assert (calls, cached, failed) == (stats["completions"], 0, 0)
    run = manifest(project.output)["run"]
    assert (run["calls"], run["from_cache"], run["failed"]) == (calls, 0, 0)
    assert (stats["requests"], run["retried"]) == (calls + met, met)


def test_a_pause_asked_for_is_kept(project: Project, serve: Serve) -> None:
    server = serve("--rate-429", "0.1", "--retry-after", "1.5", "--seed", "1")
    project.run(*server.models())
    seconds = manifest(project.output)["run"]["seconds"]
    assert server.stats()["faults"]["rate429"] > 0
    assert seconds > 1.5


@pytest.mark.parametrize(("fault", "kind"), [("--nonsense", "too-few"), ("--cut-off", "truncated")])
def test_replies_that_say_nothing_fail_their_records_and_no_others(
    project: Project, serve: Serve, fault: str, kind: str
) -> None:
    server = serve(fault, "0.7", "--seed", "3")
    done = project.run(*server.models("writer"))
    stats = server.stats()
    lost = project.rows("failed/pairs.jsonl")
    pairs = project.rows("sft/pairs.jsonl")
    assert done.code == 4
    assert lost
    assert pairs
    calls, _, failed = done.calls()
    assert failed == len(lost)
    assert stats["requests"] <= MOST
    run = manifest(project.output)["run"]
    assert (run["calls"], run["failed"]) == (calls, failed)
    assert run["models"]["writer"]["calls"] == stats["requests"]
    assert f"failed in pairs: {failed} " in done.err
    assert "outputs/small/failed/pairs.jsonl" in done.err
    for row in lost:
        failure = row["failure"]
        assert (failure["step"], failure["kind"]) == ("pairs", kind)
        assert failure["message"]
        assert isinstance(failure["reply"], str)
        assert row["text"] in failure["request"]["messages"][0]["content"]
        assert "extractive" not in json.dumps(failure["request"])  # no file names a model


def test_a_model_that_never_answers_in_the_format_loses_all_records(
    project: Project, serve: Serve
) -> None:
    server = serve("--nonsense", "1")
    done = project.run(*server.models("writer"))
    lost = project.rows("failed/pairs.jsonl")
    assert done.code == 4
    assert server.requests == MOST
    assert done.calls()[2] == len(lost) == MOST / 2
    assert project.rows("sft/pairs.jsonl") == []


def test_a_call_without_an_answer_ends_at_its_time_out(project: Project, serve: Serve) -> None:
    project.change("spec.yaml", "concurrency: 4}", "concurrency: 4, timeout: 0.4}")
    server = serve("--hang", "0.1", "--seed", "1")
    done = project.run(*server.models("writer"))
    assert server.stats()["faults"]["hang"] > 0
    assert done.code == 0
    assert manifest(project.output)["run"]["retried"] > 0


def test_the_right_key_is_sent(project: Project, serve: Serve, expected: dict[str, bytes]) -> None:
    server = serve("--key-env", "SERVED", SERVED="sk-right")
    options = [*server.models(), "--set=key=MINE"]
    done = project.run(*options, MINE="sk-right")
    assert done.code == 0
    assert files(project.output) == expected
