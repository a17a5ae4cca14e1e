"""How each fault of the table is brought about, for one run of the zoo."""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from tests.e2e.kit import Done, Project, wait_for
from tests.faults.endpoint import GOOD, HELD, SLOW, Endpoint, Stage
from tests.faults.zoo import CONTENTS, SLOTS, source

FIRST = 9  # good answers before a fault begins
ROOM = 100_000  # bytes of the largest file on a small disk
YEAR = 365 * 86_400.0


@dataclass(frozen=True)
class Scene:
    """A project, the endpoint that it asks, and what may be changed in this process."""

    project: Project
    endpoint: Endpoint
    monkeypatch: pytest.MonkeyPatch
    begun: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def words(self) -> list[str]:
        """Return the options that send the models to the endpoint."""
        return ["--set=model=openai/extractive", f"--set=api_base={self.endpoint.url}"]

    def run(self, *words: str) -> Done:
        """Run the spec in a process of its own."""
        return self.project.run(*self.words(), *words)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin to run the spec."""
        self.begun.append(self.project.start(*self.words(), *words))
        return self.begun[-1]

    def stored(self) -> int:
        """Return how many replies and vectors are durable."""
        file = self.project.folder / ".atkc/store.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            select = "SELECT count(*) FROM entry WHERE kind IN ('call', 'embedding')"
            return int(connection.execute(select).fetchone()[0])


@dataclass(frozen=True)
class Ended:
    """How the run ended that met the fault; `in_flight`: paid for, not durable."""

    code: int
    in_flight: int = 0


Staged = Callable[[Scene], Ended]


def ended(running: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process; return its exit code."""
    running.communicate(timeout=60)
    return running.returncode


def plays(stage: Stage, least: int = 1) -> Staged:
    """Return the fault of an endpoint that plays a stage, and does something bad at least once."""

    def staged(scene: Scene) -> Ended:
        scene.endpoint.begin(stage)
        done = scene.run()
        bad = scene.endpoint.met.total() - scene.endpoint.answered
        assert bad >= least, "the fault was never met"
        return Ended(done.code)

    return staged


def once(due: str | int, number: int) -> Stage:
    """Return a stage on which that comes of so many requests, after the first good answers."""
    left = [number]

    def stage(_text: str, _seen: int, answered: int) -> str | int:
        if answered < FIRST or not left[0]:
            return GOOD
        left[0] -= 1
        return due

    return stage


def row(due: str | int, number: int) -> Stage:
    """Return a stage on which that comes of each question that is written about a note."""
    words = f"questions about this passage from {source(number)}."
    return lambda text, _seen, _answered: due if words in text else GOOD


def slow(_text: str, _seen: int, _answered: int) -> str:
    """Take long for each answer."""
    return SLOW


def dam(_text: str, _seen: int, answered: int) -> str:
    """Hold everything after the first good answers."""
    return GOOD if answered < FIRST else HELD


def _dammed(scene: Scene, *words: str) -> subprocess.Popen[bytes]:
    """Begin a run and return once all its slots are held, and all answers before are durable."""
    scene.endpoint.begin(dam)
    running = scene.start(*words)
    answers = scene.endpoint
    wait_for(lambda: answers.met[HELD] == SLOTS)
    wait_for(lambda: scene.stored() == len(answers.paid) - len(answers.held))
    return running


def killed(scene: Scene) -> Ended:
    """Kill a run with all its slots full."""
    running = _dammed(scene)
    running.send_signal(signal.SIGKILL)
    code = ended(running)
    in_flight = len(scene.endpoint.held)
    scene.endpoint.release()
    return Ended(code, in_flight)


def signalled(number: int) -> Staged:
    """Return the fault of a signal that comes when all slots are full."""

    def staged(scene: Scene) -> Ended:
        running = _dammed(scene)
        running.send_signal(number)
        assert running.stderr is not None
        while b"may come in" not in running.stderr.readline():
            assert running.poll() is None
        scene.endpoint.release()
        return Ended(ended(running))

    return staged


def full_disk(scene: Scene) -> Ended:
    """Run in a process that can write no file larger than a small store."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))

    scene.endpoint.begin(slow)
    done = subprocess.run(
        [sys.executable, "-m", "atkc", "run", "spec.yaml", *scene.words()],
        cwd=scene.project.folder,
        env=scene.project.variables({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        preexec_fn=limit,
    )
    assert b"ATK706" in done.stderr
    return Ended(done.returncode, scene.endpoint.paid.total() - scene.stored())


def two_at_once(scene: Scene) -> Ended:
    """Begin a second run while the first one has some replies stored and its slots full."""
    first = _dammed(scene)
    endpoint = scene.endpoint
    committed = set(endpoint.paid) - endpoint.held
    second = scene.start("--output", "outputs/second/zoo")
    wait_for(lambda: endpoint.met[HELD] > SLOTS)  # its first call, which the others wait for
    endpoint.release()
    codes = {ended(first), ended(second)}
    assert codes == {0}
    assert committed
    assert {endpoint.paid[content] for content in committed} == {1}
    assert max(endpoint.paid.values()) <= 2
    return Ended(0, CONTENTS)  # each may be asked by both at the same moment


def clock(scene: Scene) -> Ended:
    """Run in this process, whose clock is set by up to a year at each look."""
    from atkc.cli.entry import run

    chance, real = random.Random(5), time.time
    scene.endpoint.begin()
    with scene.monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + YEAR * chance.uniform(-1, 1))
        patch.chdir(scene.project.folder)
        return Ended(run(["run", "spec.yaml", *scene.words()]))
