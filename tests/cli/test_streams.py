"""Standard streams that are closed, gone, or know few characters: a run is none the worse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SPEC = """\
atkc: 1
name: streams
steps:
  rows: {type: source, read: inline, with: {rows: [{n: 1}]}}
  out: {type: export, from: rows, format: jsonl, path: n.jsonl}
"""


def run(
    folder: Path, redirections: str = "", out: str = "out", env: Any = None, **streams: Any
) -> subprocess.CompletedProcess[str]:
    """Return what became of a run by a shell."""
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    options = '--verbose --output "$OUT" --cache "$CACHE"'
    command = f'"{sys.executable}" -m atkc run "$SPEC" {options} {redirections}'
    paths = {"SPEC": "spec.yaml", "OUT": out, "CACHE": "cache"}
    places = {name: str(folder / path) for name, path in paths.items()}
    return subprocess.run(
        ["/bin/sh", "-c", command],
        env={**os.environ, **places, **(env or {})},
        text=True,
        check=False,
        **streams,
    )


@pytest.mark.parametrize("redirections", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_changes_nothing(tmp_path: Path, redirections: str) -> None:
    assert run(tmp_path, redirections).returncode == 0
    assert (tmp_path / "out" / "manifest.json").exists()


def test_what_a_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run(tmp_path, out="é漢", env=env, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].endswith("\\xe9\\u6f22")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_goes_away_changes_nothing(tmp_path: Path, stream: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(tmp_path, **{stream: writing})
    os.close(writing)
    assert done.returncode == 0
    assert (tmp_path / "out" / "manifest.json").exists()


def test_a_terminal_that_is_closed_changes_nothing(tmp_path: Path) -> None:
    """As after `disown`, where no signal tells of it."""
    reading, writing = os.openpty()
    os.close(reading)
    done = run(tmp_path, stderr=writing, stdout=subprocess.DEVNULL)
    os.close(writing)
    assert done.returncode == 0
    assert (tmp_path / "out" / "manifest.json").exists()
