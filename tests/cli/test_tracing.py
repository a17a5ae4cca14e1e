"""`atkc trace`: what it refuses, and how a document may be named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from atkc.cli.entry import run
from atkc.cli.following import chosen, fed
from atkc.cli.outputs import Outputs
from atkc.runtime.errors import InputError
from atkc.runtime.provenance import sidecar
from atkc.runtime.publish import fingerprint
from tests.e2e.kit import Project, make_project, manifest

LINE = "outputs/small/texts.jsonl:1"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("traced"))
    assert project.run().code == 0
    assert project.run("--no-provenance", "--output", "bare").code == 0
    return project


@pytest.fixture
def project(ran: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    shutil.copytree(ran.folder, tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    return Project(tmp_path / "p")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["spec.yaml:1"], 1, "ATK030"),
        (["outputs/small/other.jsonl:1"], 1, "ATK030"),
        (["outputs/small/manifest.json:1"], 1, "ATK030"),
        (["outputs/small/texts.jsonl:0"], 1, "ATK031"),
        (["outputs/small/texts.jsonl:999"], 1, "ATK031"),
        (["bare/texts.jsonl:1"], 1, "ATK032"),
        (["bare", "--document", "bridge.txt"], 1, "ATK032"),
        (["outputs", "--document", "bridge.txt"], 1, "ATK030"),
        (["outputs/small", "--document", "ridge.txt"], 1, "ATK033"),
        (["outputs/small", "--document", "bridge.txt", "--forget", "outputs/small"], 1, "ATK006"),
        (["outputs/small", "--document", "bridge.txt", "--forget", "docs"], 1, "ATK006"),
        (["outputs/small/texts.jsonl"], 2, "FILE:LINE"),
        (["outputs/small/texts.jsonl:x"], 2, "FILE:LINE"),
        (["outputs/small", "--forget", "new"], 2, "--document"),
    ],
)
def test_what_cannot_be_traced_is_told(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: str,
) -> None:
    assert run(["trace", *words]) == code
    assert said in capsys.readouterr().err


def test_a_file_that_was_edited_is_not_traced(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project.output / "texts.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert run(["trace", LINE]) == 1
    assert "ATK034" in capsys.readouterr().err
    assert run(["trace", "outputs/small", "--document", "bridge.txt", "--forget", "new"]) == 1
    assert "ATK034" in capsys.readouterr().err
    assert not list((project.folder / "new").glob("*"))


def test_without_provenance_there_are_the_same_files_and_no_sidecars(project: Project) -> None:
    with_, without = manifest(project.output), manifest(project.folder / "bare")
    assert without["files"] == [e for e in with_["files"] if e["role"] != "provenance"]
    assert not (project.folder / "bare/provenance").exists()


def test_sidecars_are_not_counted_as_data(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", "spec.yaml"]) == 0
    data = [e for e in manifest(project.output)["files"] if e["role"] != "provenance"]
    records = sum(entry["records"] for entry in data)
    assert f"{len(data)} files, {records} records in" in capsys.readouterr().out


def test_money_is_what_the_prices_of_the_run_make_of_the_tokens(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> dict[str, Any]:
        assert run(["trace", LINE, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)["calls"][0]["replies"][0]
        return found

    path = project.output / "manifest.json"
    known = manifest(project.output)
    assert known["run"]["prices"] == {"atkc/extractive": [0.0, 0.0]}
    known["run"]["prices"] = {"atkc/extractive": [2.0, 8.0]}
    path.write_bytes(orjson.dumps(known))
    reply = told()
    spent = reply["prompt_tokens"] * 2 + reply["completion_tokens"] * 8
    assert reply["money"] == pytest.approx(spent / 1e6)
    known["run"]["prices"] = {}
    path.write_bytes(orjson.dumps(known))
    assert told()["money"] is None
    assert run(["trace", LINE]) == 0
    assert "price not known" in capsys.readouterr().out


def outputs(folder: Path, *lines: list[tuple[str, str, bool]]) -> Outputs:
    """A folder with a file of a line for each list of (step, name, shown)."""
    (folder / "provenance").mkdir()
    (folder / "a.jsonl").write_text("{}\n" * len(lines))
    told = [
        {"sources": [{"step": s, "source": n, "shown": shown} for s, n, shown in line]}
        for line in lines
    ]
    beside = sidecar("a.jsonl")
    (folder / beside).write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in told))
    entries = [("a.jsonl", "data"), (beside, "provenance")]
    files = [{"path": p, "role": role, **fingerprint(folder / p)} for p, role in entries]
    return Outputs(folder, {"files": files})


LINES = (
    [("docs", "a/x.txt", False)],
    [("docs", "b/x.txt", False), ("docs", "a/x.txt", True)],
    [("more", "b/x.txt", False)],
    [("rows", "r.jsonl#1", False)],
    [("rows", "r.jsonl#11", False), ("docs", "y.txt", False)],
    [("docs", "deep/y.txt", False)],
)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("a/x.txt", {1: False, 2: True}),
        ("docs/b/x.txt", {2: False}),
        ("more/b/x.txt", {3: False}),
        ("r.jsonl", {4: False, 5: False}),
        ("r.jsonl#1", {4: False}),
        ("y.txt", {5: False}),  # the whole name goes before the end of another
        ("deep/y.txt", {6: False}),
        ("x.txt", "docs/a/x.txt, docs/b/x.txt, more/b/x.txt"),
        ("b/x.txt", "docs/b/x.txt, more/b/x.txt"),
        (".txt", "no line"),
        ("r.jsonl#2", "no line"),
    ],
)
def test_a_document_is_named_by_the_end_of_its_path(
    tmp_path: Path, name: str, lines: dict[int, bool] | str
) -> None:
    found = outputs(tmp_path, *LINES)
    if isinstance(lines, dict):
        assert fed(found, chosen(found, name)) == {"a.jsonl": lines}
        return
    with pytest.raises(InputError, match=lines) as caught:
        chosen(found, name)
    assert caught.value.diagnostic.code == "ATK033"
