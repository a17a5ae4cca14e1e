"""`atkc cache explain`: what a run would ask, exactly, and why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.entry import run
from tests.e2e.kit import Project, files, make_project

WRITER = 'writer: {model: "${params.writer}",'


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("explained"))
    assert project.run().code == 0
    return project


@pytest.fixture
def project(ran: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    shutil.copytree(ran.folder, tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    return Project(tmp_path / "p")


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run(["cache", "explain", "spec.yaml", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def counts(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, tuple[int, int]]:
    steps = explained(capsys, *words)["steps"]
    return {name: (step["stored"], step["missing"]) for name, step in steps.items()}


def test_after_a_run_nothing_is_missing(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    told = counts(capsys)
    assert {name: missing for name, (_, missing) in told.items()} == {"worthwhile": 0, "pairs": 0}
    done = project.run()
    assert done.calls()[:2] == (0, sum(stored for stored, _ in told.values()))


@pytest.mark.parametrize(
    ("step", "file", "old", "new", "parts"),
    [
        ("pairs", "prompts/ask.yaml", "Write questions", "Write one question", ["messages[0]"]),
        ("pairs", "spec.yaml", "temperature: 0.8", "temperature: 0.9", ["sampling.temperature"]),
        ("pairs", "spec.yaml", "max_tokens: 900", "max_tokens: 901", ["sampling.max_tokens"]),
        ("worthwhile", "spec.yaml", "name: small\n", "name: small\nseed: 7\n", ["seed"]),
        ("pairs", "spec.yaml", WRITER, f"{WRITER} revision: b,", ["revision"]),
    ],
)
def test_the_part_that_was_changed_is_named(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    step: str,
    file: str,
    old: str,
    new: str,
    parts: list[str],
) -> None:
    project.change(file, old, new)
    told = explained(capsys, "--step", step)
    assert told["missing"] > 0
    assert told["stored"] == 0
    for request in told["requests"]:
        named = [difference["part"] for difference in request["nearest"]["differences"]]
        assert named == parts


def test_what_it_says_is_missing_is_what_a_run_asks(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.change("docs/bridge.txt", "212 metres", "213 metres")
    told = counts(capsys)
    assert told["worthwhile"][1] > 0
    again = counts(capsys)
    assert again == told  # looking changes nothing
    calls, hits, _ = project.run().calls()
    assert calls >= sum(missing for _, missing in told.values())
    assert hits == sum(stored for stored, _ in told.values())


def test_it_writes_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.change("docs/bridge.txt", "212 metres", "213 metres")
    before = files(project.folder)
    held = (project.folder / ".atkc/store.sqlite").read_bytes()
    told = explained(capsys)
    assert told["values"] == 1  # the document would be cut anew
    assert files(project.folder).keys() - before.keys() <= {".atkc/store.lock"}
    assert (project.folder / ".atkc/store.sqlite").read_bytes() == held


def test_a_record_in_the_cache_is_told_with_its_key(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    told = explained(capsys, "--step", "pairs", "--record", "1")
    (request,) = told["requests"]
    assert request["stored"]
    assert run(["cache", "explain", "spec.yaml", "--step", "pairs", "--record", "1"]) == 0
    said = capsys.readouterr().out
    assert "step pairs, record 1 (place " in said
    assert f"key {request['key']}: in the cache" in said


def test_the_words_show_both_sides(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.change("spec.yaml", "temperature: 0.8", "temperature: 0.9")
    assert run(["cache", "explain", "spec.yaml", "--step", "pairs", "--record", "2"]) == 0
    said = capsys.readouterr().out
    assert ": NOT in the cache" in said
    assert "a sampling parameter is another" in said
    assert "    sampling.temperature\n      - 0.8\n      + 0.9\n" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--record", "1"], 2, "`--record` needs `--step`"),
        (["--step", "pair"], 1, "did you mean `pairs`?"),
        (["--step", "chunks"], 1, "ATK053"),
        (["--step", "pairs", "--record", "99"], 1, "none is number 99"),
        (["--cache", "nowhere"], 2, "there is no cache in `nowhere`"),
    ],
)
def test_what_cannot_be_explained_is_told(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: str,
) -> None:
    assert run(["cache", "explain", "spec.yaml", *words]) == code
    assert said in capsys.readouterr().err
    assert not (project.folder / "nowhere").exists()
