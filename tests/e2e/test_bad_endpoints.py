"""Endpoints that refuse: one sentence, one exit code, nothing half-written."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import Done, Project, Server, files


def refused(project: Project, done: Done, code: str) -> None:
    assert done.code == 1
    assert code in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert files(project.output) == {}


def test_nobody_listens(project: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: the connection is refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        done = project.run(f"--set=api_base={url}", "--set=writer=openai/extractive")
    refused(project, done, "ATK700")
    assert url in done.err


@pytest.mark.parametrize("key", ["", "sk-wrong"])
def test_the_key_is_missing_or_wrong(project: Project, serve: Serve, key: str) -> None:
    server = serve("--key-env", "SERVED", SERVED="sk-right")
    done = project.run(*server.models(), "--set=key=MINE", MINE=key)
    refused(project, done, "ATK701")
    assert server.requests <= 4  # the probes


def test_the_endpoint_does_not_know_the_model(project: Project, server: Server) -> None:
    before = server.requests
    done = project.run(*server.models(), "--set=writer=openai/other", "--set=judge=openai/other")
    refused(project, done, "ATK702")
    assert "`other`" in done.err
    assert before < server.requests <= before + 4  # the probes


def test_a_full_disk_ends_the_run_with_its_own_code(project: Project) -> None:
    """A limit on the size of files stands for the disk: the store cannot be written."""
    done = subprocess.run(
        [sys.executable, "-m", "atkc", "run", "spec.yaml"],
        cwd=project.folder,
        env=project.variables({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    err = done.stderr.decode()
    assert done.returncode == 6
    assert "ATK706" in err
    assert "Traceback" not in err
    assert project.run().code == 0  # with room, the same command goes on
