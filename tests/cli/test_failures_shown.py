"""`atkc failures`: by step and kind, with the record, what was asked and what was said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.failing import NONSENSE, Folder, make


def say(task: str, text: str, number: int) -> str | int | None:
    if task == "ASK" and text in ("t0", "t1", "t2", "t3"):
        return NONSENSE
    return 400 if (task, text) == ("AGAIN", "t4") else None


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    made = make(tmp_path / "p", say)
    made.atkc("run", "spec.yaml")
    capsys.readouterr()
    return made


def shown(folder: Folder, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert folder.look("failures", "outputs/failing", "--json", *words) == 0
    told = json.loads(capsys.readouterr().out)
    return list(told["failures"])


def test_all_is_told_of_a_failure(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.look("failures", "outputs/failing") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "5 failed records in outputs/failing"
    assert lines[2] == "asked: 4 no-json (the reply holds no JSON that can be read)"
    assert lines[3].startswith("  to do: `atkc retry`")
    assert lines[4].startswith("  - text: t0, ")
    assert lines[5] == "    why: no JSON object can be read in the reply (2 attempts)"
    assert lines[6].startswith("    asked: ")
    assert lines[7] == f"    reply: {NONSENSE}"
    assert "  … all in outputs/failing/failed/asked.jsonl" in lines
    assert "again: 1 refused (the endpoint refused the request (400 and its like))" in lines
    assert lines[-1].startswith("`atkc retry SPEC`")


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        ((), [("asked", "no-json", 4, 3), ("again", "refused", 1, 1)]),
        (("--step", "asked"), [("asked", "no-json", 4, 3)]),
        (("--kind", "refused"), [("again", "refused", 1, 1)]),
        (("--kind", "truncated"), []),
        (("--limit", "1"), [("asked", "no-json", 4, 1), ("again", "refused", 1, 1)]),
        (("--limit", "0"), [("asked", "no-json", 4, 0), ("again", "refused", 1, 0)]),
    ],
)
def test_steps_kinds_and_a_number_are_chosen(
    folder: Folder,
    words: tuple[str, ...],
    groups: list[tuple[str, str, int, int]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = shown(folder, capsys, *words)
    assert [(g["step"], g["kind"], g["count"], len(g["records"])) for g in found] == groups
    assert all(g["retry"] for g in found)


def test_records_stand_in_canonical_order(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    found = shown(folder, capsys)[0]["records"]
    assert [row["text"] for row in found] == ["t0", "t1", "t2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--step", "out"), "no record of it is kept; steps: asked, again"),
        (("--kind", "what"), "`--kind what` is none of: refused, transport,"),
    ],
)
def test_what_is_not_there_is_refused(
    folder: Folder, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folder.look("failures", "outputs/failing", *words) == 2
    assert said in capsys.readouterr().err


def test_a_run_without_failures_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = make(tmp_path / "q")
    made.atkc("run", "spec.yaml")
    capsys.readouterr()
    assert made.look("failures") == 0
    assert capsys.readouterr().out == "no failed records in outputs/failing\n"
