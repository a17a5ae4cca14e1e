"""`examples/notices.yaml` runs as it stands and writes what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.entry import run

SPEC = "atkc:examples/notices.yaml"


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["lint", SPEC]) == 0
    assert run(["run", SPEC, "--output", "out"]) == 0
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(tmp_path / "out/pairs.parquet")
    assert table.column_names == ["title", "question", "answer"]
    chats = (tmp_path / "out/chat.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(chats) == table.num_rows == 36
    roles = [turn["role"] for turn in json.loads(chats[0])["messages"]]
    assert roles == ["user", "assistant"]


def test_its_parameters_have_effects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["run", SPEC, "--output", "out", "--set", "least_tokens=100000"]) == 0
    assert (tmp_path / "out/chat.jsonl").read_text(encoding="utf-8") == ""
