"""Model servers in processes of their own, and the small project with what it makes."""

from __future__ import annotations

import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.kit import Project, Server, files, make_project

Serve = Callable[..., Server]


def _start(words: tuple[str, ...], variables: dict[str, str]) -> Server:
    process = subprocess.Popen(
        [sys.executable, "-m", "atkc", "serve-model", "--port", "0", *words],
        env=Project(Path()).variables(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(20):
            process.kill()
            raise TimeoutError("the server does not tell its address")
    return Server(process.stdout.readline().decode().strip(), process)


@pytest.fixture(scope="session")
def _plain_server() -> Iterator[Server]:
    server = _start((), {})
    yield server
    server.stop()
    assert server.process.stdout is not None
    server.process.stdout.close()


@pytest.fixture
def server(_plain_server: Server) -> Server:
    """A server without faults, which all tests share: compare its counters before and after."""
    return _plain_server


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers of one's own: options of `serve-model`, variables of the environment."""
    started: list[Server] = []

    def start(*words: str, **variables: str) -> Server:
        started.append(_start(words, variables))
        return started[-1]

    yield start
    for one in started:
        one.stop()
        assert one.process.stdout is not None
        one.process.stdout.close()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The small project."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the small project makes when nothing goes wrong."""
    project = make_project(tmp_path_factory.mktemp("expected"))
    done = project.run()
    assert (done.code, done.err) == (0, "")
    return files(project.output)
