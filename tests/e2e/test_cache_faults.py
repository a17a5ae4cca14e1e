"""The cache on a full disk, damaged, or shared: nothing is lost and nothing asked twice."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import Done, Project, files
from tests.e2e.test_resume import SLOTS, stored

STORE = ".atkc/store.sqlite"


def run_on_a_small_disk(project: Project, most: int, *words: str) -> Done:
    """Run the spec in a process that can write no file larger than `most` bytes."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = subprocess.run(
        [sys.executable, "-m", "atkc", "run", "spec.yaml", *words],
        cwd=project.folder,
        env=project.variables({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        preexec_fn=limit,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("room", [110_000, 160_000])
def test_on_a_full_disk_a_run_ends_and_goes_on_where_it_was(
    project: Project, serve: Serve, expected: dict[str, bytes], room: int
) -> None:
    server = serve("--latency", "0.01")
    done = run_on_a_small_disk(project, room, *server.models())
    assert done.code == 6, done.err
    assert "error[ATK706]: the cache `.atkc` cannot be " in done.err
    assert "run the same command again" in done.err
    assert files(project.output) == {}
    durable, sent = stored(project), server.requests
    assert durable > 0
    assert sent - durable <= 2 * SLOTS
    again = project.run(*server.models())
    assert again.code == 0
    assert again.calls()[1] >= durable - SLOTS
    assert server.requests - sent == again.calls()[0]
    assert files(project.output) == expected


def test_two_runs_at_once_share_one_cache(
    project: Project, serve: Serve, expected: dict[str, bytes]
) -> None:
    server = serve("--latency", "0.02")
    both = [project.start("--output", name, *server.models()) for name in "ab"]
    told = [running.communicate(timeout=60) for running in both]
    assert [running.returncode for running in both] == [0, 0], told
    assert files(project.folder / "a") == files(project.folder / "b") == expected
    single = stored(project)
    # Each process asks what the other has in flight at the same time, and never what is stored.
    assert single <= server.requests <= 2 * single
    assert project.run(*server.models()).calls()[0] == 0


def spoil(file: Path) -> None:
    """Change the last byte of each reply."""
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT rowid, value FROM entry WHERE kind='call'").fetchall()
        spoiled = [(value[:-1] + bytes([value[-1] ^ 1]), row) for row, value in rows]
        connection.executemany("UPDATE entry SET value=? WHERE rowid=?", spoiled)
    connection.close()


def test_spoiled_replies_are_asked_again_and_never_served(
    project: Project, expected: dict[str, bytes]
) -> None:
    calls = project.run().calls()[0]
    spoil(project.folder / STORE)
    again = project.run()
    assert again.calls()[:2] == (calls, 0)
    assert files(project.output) == expected
    assert project.run().calls()[:2] == (0, calls)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_file_cut_in_the_middle_is_told_saved_and_goes_on(
    project: Project, expected: dict[str, bytes], share: float
) -> None:
    calls = project.run().calls()[0]
    store = project.folder / STORE
    with store.open("r+b") as file:
        file.truncate(int(store.stat().st_size * share))
    done = project.run()
    assert done.code == 6
    assert "atkc cache verify --repair --cache .atkc" in done.err
    assert project.atkc("cache", "verify", "--repair").code == 1
    again = project.run()
    assert again.code == 0
    assert sum(again.calls()[:2]) == calls
    assert files(project.output) == expected


@pytest.mark.parametrize("part", ["", "-wal"])
def test_a_file_that_was_emptied_or_taken_away_is_made_again(
    project: Project, expected: dict[str, bytes], part: str
) -> None:
    calls = project.run().calls()[0]
    file = project.folder / f"{STORE}{part}"
    if part:
        file.unlink(missing_ok=True)
    else:
        file.write_bytes(b"")
    again = project.run()
    assert again.code == 0
    assert ("was empty: it begins anew" in again.err) == (part == "")
    assert again.calls()[:2] == ((calls, 0) if part == "" else (0, calls))
    assert files(project.output) == expected


def test_a_store_that_cannot_be_written_is_told(project: Project) -> None:
    project.write(".atkc", "a file where a folder should be")
    done = project.run()
    assert done.code == 6
    assert "the cache `.atkc` cannot be used" in done.err
