"""A key appears nowhere but in the request that it is for."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from atkc.runtime.storage.store import open_store
from tests.e2e.conftest import Serve
from tests.e2e.echoing import echoing
from tests.e2e.kit import Done, Project

SECRET = "sk-secret-value"


def everything(project: Project, done: Done) -> dict[str, bytes]:
    """Return the bytes of all files and streams, what the store holds also unpacked."""
    found = {str(p): p.read_bytes() for p in project.folder.rglob("*") if p.is_file()}
    store = project.folder / ".atkc/store.sqlite"
    unpacked = b"".join(unpack(store)) if store.exists() else b""
    return {**found, "out": done.out.encode(), "err": done.err.encode(), "replies": unpacked}


def unpack(store: Path) -> list[bytes]:
    """Return all values of a store and all requests beside them."""
    with sqlite3.connect(store) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM entry")]
    opened = open_store(store.parent)
    try:
        return [opened.get(key) or b"" for key in keys] + [
            opened.request(key) or b"" for key in keys
        ]
    finally:
        opened.close()


def test_a_run_with_a_key_leaves_no_trace_of_it(project: Project, serve: Serve) -> None:
    server = serve("--key-env", "SERVED", SERVED=SECRET)
    done = project.run(
        *server.models(), "--set=key=MINE", "-v", "--log-file", "run.log", MINE=SECRET
    )
    assert done.code == 0
    found = everything(project, done)
    assert any(b"Port of Aldermouth" in data for name, data in found.items() if name == "replies")
    assert [name for name, data in found.items() if SECRET.encode() in data] == []


def test_a_key_from_a_file_is_used_and_not_copied(project: Project, serve: Serve) -> None:
    server = serve("--key-env", "SERVED", SERVED=SECRET)
    project.folder.parent.joinpath("keys.env").write_text(f"# mine\nexport MINE='{SECRET}'\n")
    done = project.run(*server.models(), "--set=key=MINE", "--env-file", "../keys.env")
    assert done.code == 0
    assert [n for n, data in everything(project, done).items() if SECRET.encode() in data] == []


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_an_endpoint_that_echoes_the_key_betrays_nothing(project: Project, status: int) -> None:
    with echoing(status) as url:
        done = project.run(
            *(f"--set=api_base={url}", "--set=writer=openai/x", "--set=key=MINE"),
            *("-v", "--log-file", "run.log", "--set=votes=1"),
            *(("--max-calls", "9") if status == 500 else ()),
            MINE=SECRET,
        )
    assert done.code in (1, 4, 5)
    assert [n for n, data in everything(project, done).items() if SECRET.encode() in data] == []
    if status < 500:
        assert "Bearer ***" in done.err or b"Bearer ***" in b"".join(
            p.read_bytes() for p in project.output.rglob("*.jsonl")
        )
