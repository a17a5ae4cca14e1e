"""Neighbours by vectors, as a user runs them: what is asked for, how often, and what comes out."""

from __future__ import annotations

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import Project, Server, files, wait_for

SPEC = """\
atkc: 1
name: small
params:
  model: {type: string, default: atkc/extractive}
  api_base: {type: string, default: ""}
  key: {type: env-name | null, default: null}
endpoints:
  main: {api_base: "${params.api_base}", api_key_env: "${params.key}", concurrency: 2}
models:
  vectors: {model: "${params.model}", endpoint: main}
steps:
  notes:
    type: source
    read: jsonl
    with: {path: notes.jsonl}
    fields: {text: string, source: string}
  near:
    type: use
    use: near.yaml
    from: {notes: notes}
    models: {embedder: vectors}
  out: {type: export, from: near, format: jsonl, path: near.jsonl}
"""

NEAR = """\
atkc: 1
name: near
inputs: {notes: {type: {text: string, source: string}}}
models: {embedder: {default: atkc/extractive}}
steps:
  related:
    type: combine
    op: neighbours
    from: {query: notes, pool: notes}
    scorer: embeddings
    model: embedder
    field: text
    top: 2
    exclude: {field: source}
    take: {text: text, source: source}
    as: related
outputs:
  related:
    from: related
    type: {text: string, source: string, related: [{text: string, source: string}]}
    main: true
"""

_THINGS = [
    "anchor",
    "barley",
    "cable",
    "dredger",
    "engine",
    "ferry",
    "ice",
    "jetty",
    "keel",
    "mast",
]
ROWS = 200
REQUESTS = 4  # 200 texts, 64 at a time


def note(number: int) -> dict[str, str]:
    words = [_THINGS[number % 10], _THINGS[number // 10 % 10], _THINGS[number * 7 % 9]]
    return {"text": f"Note {number}: {' '.join(words)}.", "source": f"d{number % 5}"}


def write(project: Project, rows: list[dict[str, str]]) -> None:
    project.write("notes.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def notes(tmp_path: Path) -> Project:
    return made(tmp_path / "project")


def made(folder: Path) -> Project:
    project = Project(folder)
    project.write("atkc.toml", "")
    project.write("spec.yaml", SPEC)
    project.write("near.yaml", NEAR)
    write(project, [note(number) for number in range(ROWS)])
    return project


def vectors(project: Project) -> int:
    """Return how many vectors are durable."""
    with sqlite3.connect(project.folder / ".atkc/store.sqlite") as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM entry WHERE kind='embedding'"
        ).fetchone()
    connection.close()
    return int(count)


def test_each_text_is_asked_for_once_and_never_again(notes: Project, server: Server) -> None:
    before = server.stats()
    first = notes.run(*server.models("model"))
    assert (first.code, first.err) == (0, "")
    after = server.stats()
    assert after["requests"] - before["requests"] == REQUESTS == first.calls()[0]
    assert after["embedded"] - before["embedded"] == ROWS == vectors(notes)
    related = files(notes.output)
    again = notes.run(*server.models("model"))
    assert again.calls()[0] == 0 < again.calls()[1]
    assert server.requests == after["requests"]
    assert files(notes.output) == related


def test_neighbours_are_the_same_offline_and_come_from_other_documents(
    notes: Project, server: Server, tmp_path: Path
) -> None:
    assert notes.run(*server.models("model")).code == 0
    offline = made(tmp_path / "offline")
    assert offline.run().code == 0
    assert files(offline.output) == files(notes.output)
    rows = offline.rows("near.jsonl")
    assert len(rows) == ROWS
    assert all(len(row["related"]) == 2 for row in rows)
    assert all(other["source"] != row["source"] for row in rows for other in row["related"])


def test_an_edited_text_is_embedded_alone(notes: Project, server: Server) -> None:
    assert notes.run(*server.models("model")).code == 0
    before = server.stats()
    edited = [note(number) for number in range(ROWS)]
    edited[70] = {**edited[70], "text": "A note on glaciers."}
    write(notes, edited)
    assert notes.run(*server.models("model")).calls()[0] == 1
    after = server.stats()
    assert after["embedded"] - before["embedded"] == 1


def test_a_killed_run_goes_on_from_the_vectors_that_are_stored(
    notes: Project, serve: Serve, tmp_path: Path
) -> None:
    server = serve("--latency", "0.2")
    running = notes.start(*server.models("model"))
    wait_for(lambda: server.stats()["embeddings"] >= 1)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=20)
    wait_for(lambda: server.stats()["in_flight"] == 0)
    durable, sent = vectors(notes), server.stats()["embedded"]
    assert sent > 0
    done = notes.run(*server.models("model"))
    assert done.code == 0
    assert server.stats()["embedded"] - sent == ROWS - durable
    undisturbed = made(tmp_path / "undisturbed")
    undisturbed.run()
    assert files(notes.output) == files(undisturbed.output)


def test_a_cap_holds_and_what_was_paid_is_kept(notes: Project, serve: Serve) -> None:
    server = serve()
    stopped = notes.run("--max-calls", "2", *server.models("model"))
    assert stopped.code == 5
    assert "ATK704" in stopped.err
    assert server.requests == 2
    assert notes.run(*server.models("model")).calls()[0] == REQUESTS - 2


def test_faults_of_the_endpoint_are_ridden_out(
    notes: Project, serve: Serve, tmp_path: Path
) -> None:
    server = serve("--rate-500", "0.3", "--cut-off", "0.2", "--drop", "0.1", "--seed", "3")
    done = notes.run(*server.models("model"))
    assert (done.code, done.calls()[0]) == (0, REQUESTS)
    assert sum(server.stats()["faults"].values()) > 0
    calm = made(tmp_path / "calm")
    calm.run()
    assert files(notes.output) == files(calm.output)


def test_a_refused_key_ends_the_run(notes: Project, serve: Serve) -> None:
    server = serve("--key-env", "SERVER_KEY", SERVER_KEY="right")
    done = notes.run(*server.models("model"), "--set", "key=MY_KEY", MY_KEY="wrong")
    assert done.code == 1
    assert "ATK701" in done.err


def test_the_forecast_counts_requests_of_vectors(notes: Project) -> None:
    done = notes.atkc("plan", "spec.yaml")
    assert done.code == 0
    (line,) = [line for line in done.out.splitlines() if line.startswith("near.related")]
    assert line.split()[1:] == [str(REQUESTS), "–", str(2 * REQUESTS), "–", str(REQUESTS + ROWS)]
