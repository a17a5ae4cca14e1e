"""The table of faults: each befalls one run of the same pipeline, which loses nothing by it.

While the fault lasts, a run either completes with books that balance, or publishes nothing. Once it
is gone the same command ends in the bytes of an undisturbed run and pays again at most for what was
in flight. What a single place does (the store, the limiter, signals, rows) is tested there; here is
what a user may rely on.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.entry import run
from tests.e2e.kit import Project, constant, files, rows, sidecars
from tests.faults.endpoint import DROPPED, NONSENSE, Endpoint, serving
from tests.faults.staging import (
    Ended,
    Scene,
    Staged,
    clock,
    full_disk,
    killed,
    once,
    plays,
    row,
    signalled,
    slow,
    two_at_once,
)
from tests.faults.zoo import CONTENTS, SLOTS, TEXTS, make_zoo, source

HIT = 3  # the number of the note that a fault of one row meets


@dataclass(frozen=True)
class Fault:
    """A line of the table.

    `code`: how the run ends that meets it. `hit`: the note that fails. `again`: the most that may
    be in flight then, and so be paid twice. `cure`: the options by which that run gets over
    what is stored.
    """

    name: str
    staged: Staged
    code: int = 0
    hit: int | None = None
    again: int = 0
    cure: tuple[str, ...] = ()


TABLE = (
    Fault("kill -9", killed, code=-signal.SIGKILL, again=SLOTS - 1 + TEXTS),
    Fault("Ctrl-C", signalled(signal.SIGINT), code=130),
    Fault("SIGTERM", signalled(signal.SIGTERM), code=130),
    Fault("400 on one row", plays(row(400, HIT)), code=4, hit=HIT),
    # A reply that came is stored whatever it says: only `--fresh` (or `retry`) asks again.
    Fault("nonsense on one row", plays(row(NONSENSE, HIT), 2), code=4, hit=HIT, cure=("--fresh",)),
    Fault("429 storm", plays(once(429, 8), 8)),
    Fault("500 storm", plays(once(500, 6), 6)),
    Fault("dropped connections", plays(once(DROPPED, 6), 6)),
    Fault("slow server", plays(slow, 20)),
    Fault("disk full", full_disk, code=6, again=2 * SLOTS + TEXTS),
    Fault("two runs at once", two_at_once, again=CONTENTS),
    Fault("clock jump", clock),
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """One endpoint at one address: it is part of the name of what is stored."""
    with serving() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, in turn: the manifest knows where a plan was written."""
    return tmp_path_factory.mktemp("faults") / "zoo"


@dataclass(frozen=True)
class Undisturbed:
    """What the pipeline makes when nothing goes wrong."""

    files: dict[str, bytes]
    sidecars: dict[str, bytes]
    manifest: dict[str, Any]
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module")
def undisturbed(endpoint: Endpoint, folder: Path) -> Undisturbed:
    endpoint.begin()
    project = make_zoo(folder)
    done = Scene(project, endpoint, pytest.MonkeyPatch()).run()
    assert (done.code, endpoint.repeated, len(endpoint.paid)) == (0, 0, CONTENTS), done.err
    out = output(project)
    return Undisturbed(
        files(out),
        sidecars(out),
        constant(out),
        rows(out / "pairs.jsonl"),
    )


def output(project: Project) -> Path:
    return project.folder / "outputs/zoo"


def books_balance(project: Project) -> None:
    assert run(["ledger", str(output(project)), "--check"]) == 0


def only_the_row_is_missing(scene: Scene, whole: Undisturbed, hit: int | None) -> None:
    """The run has completed: all other rows are there with their values, the one is told."""
    books_balance(scene.project)
    lost = [] if hit is None else [source(hit)]
    found = rows(output(scene.project) / "pairs.jsonl")
    assert found == [row for row in whole.rows if row["source"] not in lost]
    failed = output(scene.project) / "failed/asked.jsonl"
    assert ([row["source"] for row in rows(failed)] if failed.exists() else []) == lost


@pytest.fixture
def scene(
    undisturbed: Undisturbed, endpoint: Endpoint, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    """The project as written; nothing that was begun outlives the test."""
    assert undisturbed.files
    shutil.rmtree(folder)
    scene = Scene(make_zoo(folder), endpoint, monkeypatch)
    yield scene
    endpoint.release()
    for running in scene.begun:
        running.kill()
        running.communicate()


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name.replace(" ", "-"))
def test_nothing_is_lost_and_nothing_stale(
    fault: Fault,
    endpoint: Endpoint,
    undisturbed: Undisturbed,
    scene: Scene,
) -> None:
    came: Ended = fault.staged(scene)
    assert came.code == fault.code
    if came.code in (0, 4):
        only_the_row_is_missing(scene, undisturbed, fault.hit)
    else:
        assert files(output(scene.project)) == {}
    assert came.in_flight <= fault.again
    if fault.cure:  # what is stored is told again, and not paid for
        before = files(output(scene.project)), endpoint.paid.total()
        assert scene.run().code == fault.code
        assert (files(output(scene.project)), endpoint.paid.total()) == before
    endpoint.release()
    again = scene.run(*fault.cure)
    assert again.code == 0, again.err
    assert files(output(scene.project)) == undisturbed.files
    books_balance(scene.project)
    if not fault.cure:
        assert endpoint.repeated <= came.in_flight
        assert len(endpoint.paid) == CONTENTS
        assert sidecars(output(scene.project)) == undisturbed.sidecars
        assert constant(output(scene.project)) == undisturbed.manifest
