"""A hub that may be asked and does not answer: one sentence at once, with what to do instead."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.e2e.kit import Project

SPEC = """\
atkc: 1
name: hub
steps:
  one:
    type: source
    read: huggingface
    with: {path: nobody/one, online: true, first: 2}
    fields: {text: string}
  two:
    type: source
    read: huggingface
    with: {path: nobody/two, online: true}
    fields: {text: string}
  file: {type: export, from: [one, two], format: completion, path: a.jsonl}
"""


@pytest.fixture
def closed() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: the connection is refused
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("forbidden", [True, False])
def test_one_error_at_once_names_the_local_ways(
    project: Project, closed: str, forbidden: bool
) -> None:
    project.write("hub.yaml", SPEC)
    why = {"HF_HUB_OFFLINE": "1"} if forbidden else {"HF_ENDPOINT": closed}
    done = project.atkc("run", "hub.yaml", **why)
    assert done.code == 1
    assert done.err.count("error[") == 1
    assert "error[ATK001]: dataset `nobody/" in done.err
    assert ("`HF_HUB_OFFLINE` is set" if forbidden else f"{closed} cannot be reached") in done.err
    assert "`file: rows.jsonl`" in done.err
    assert "`save_to_disk`" in done.err
    assert "Retry" not in done.err  # the libraries would ask six times, for half a minute
    assert "Traceback" not in done.err
