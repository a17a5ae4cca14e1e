"""`atkc check`: what is printed, as text and as JSON, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.entry import run
from tests.e2e.kit import make_project
from tests.stdlib.readiness.kit import reply, sound


def test_a_clean_folder_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound(tmp_path).write()
    assert run(["check", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "error[" not in out
    assert "warning[" not in out
    assert out.splitlines()[-1] == "7 files, 13 records: 0 findings"
    heads = next(x for x in out.splitlines() if x.startswith("tokens, "))
    assert heads.split()[-8:] == ["records", "longest", "<=625", "<=1250", "<=2500", "<=5000",
                                  "<=10000", "more"]  # fmt: skip


def test_findings_end_with_1_and_have_place_and_help(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sound(tmp_path)
    reply("It lies in {context}.")(folder)
    folder.write()
    assert run(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert f"{tmp_path}/plain/talks.jsonl:1:1: error[ATK816]: `{{context}}` was left" in out
    assert "= help: fill it in" in out
    assert out.splitlines()[-1] == "7 files, 13 records: 1 finding"


def test_findings_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sound(tmp_path)
    reply("It lies in {context}.")(folder)
    folder.write()
    assert run(["check", str(tmp_path), "--json", "--examples", "0"]) == 1
    told = json.loads(capsys.readouterr().out)
    path = f"{tmp_path}/plain/talks.jsonl"
    assert told["clean"] is False
    assert told["counts"] == [{"code": "ATK816", "path": path, "number": 1}]
    assert told["diagnostics"] == []
    assert told["lengths"][0]["records"] == 1


def test_another_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path)]) == 1
    assert "error[ATK800]" in capsys.readouterr().err


def test_what_a_run_leaves_can_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = make_project(tmp_path)
    monkeypatch.chdir(project.folder)
    assert run(["run", "spec.yaml"]) == 0
    run(["check", str(project.output), "--json"])
    told = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    # the offline model may ask twice; nothing else is wrong
    assert {count["code"] for count in told["counts"]} <= {"ATK822"}
