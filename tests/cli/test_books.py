"""`atkc ledger`: the table, and a finding for each thing that does not add up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.failing import NONSENSE, Folder, make


def say(task: str, text: str, number: int) -> str | int | None:
    if (task, text) == ("ASK", "t1"):
        return NONSENSE
    if (task, text) == ("AGAIN", "t2"):
        return 400
    return "Final judgment: BAD" if (task, text) == ("JUDGE", "t3") else None


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = make(tmp_path / "p", say)
    spec = made.path / "spec.yaml"
    more = """\
  both:
    type: map
    from: [judged, judged.rejected, asked.failed]
    do:
      - set: {n: "1"}
      - where: text != 't5'
      - unnest: {field: parts}
  sure:
    type: export
    from: both
    format: csv
    path: both.csv
    with: {columns: {text: text}}
"""
    text = spec.read_text().replace(
        "fields: {text: string}", "fields: {text: string, parts: [string]}"
    )
    spec.write_text(text + more.replace("field: parts", "field: parts, as: part"), encoding="utf-8")
    given = [{"text": f"t{n}", "parts": ["a"] * n} for n in range(6)]
    (made.path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in given))
    assert made.atkc("run", "spec.yaml") == 4
    return made


def test_the_table_has_a_row_for_each_input_and_action(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert folder.look("ledger", "outputs/failing") == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "step came out filtered failed expanded to failed by kind"
    assert sorted(lines[1:]) == [
        "again 4 3 1 1 failed, 3 main 1 refused",
        "asked 5 4 1 1 failed, 4 main 1 no-json",
        "both.1 7 7 7 main",
        "both.2 7 6 1 6 main, 1 rejected",
        "both.3 6 11 1 6 11 main",
        "given 6 6 6 main",
        "judged 6 5 1 5 main, 1 rejected",
        "out 3 3 3 files",
        "sure 11 11 11 files",
    ]


def test_a_run_adds_up(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.look("ledger", "outputs/failing", "--check") == 0
    assert "all adds up: 9 rows, 6 files" in capsys.readouterr().out


def test_without_a_folder_the_newest_is_meant(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.atkc("run", "spec.yaml", "--limit", "1")
    capsys.readouterr()
    assert folder.look("ledger", "--json") == 0
    assert json.loads(capsys.readouterr().out)["folder"] == "outputs/failing.limit-1"
    folder.atkc("run", "spec.yaml")
    capsys.readouterr()
    assert folder.look("failures", "--json") == 0
    assert json.loads(capsys.readouterr().out)["folder"] == "outputs/failing"


def test_no_outputs_are_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make(tmp_path / "p")
    assert folder.look("ledger") == 1
    assert "ATK066" in capsys.readouterr().err
    assert folder.look("failures", "outputs/none") == 1
    assert "ATK030" in capsys.readouterr().err


def _row(told: dict[str, Any], step: str) -> dict[str, Any]:
    (found,) = (row for row in told["ledger"] if row["step"] == step)
    assert isinstance(found, dict)
    return found


def _change(step: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda told: _row(told, step).update(values)


def _files(told: dict[str, Any], path: str, **values: Any) -> None:
    (found,) = (entry for entry in told["files"] if entry["path"] == path)
    found.update(values)


@pytest.mark.parametrize(
    ("spoil", "findings"),
    [
        (_change("again", out=2), [("ATK060", "`again`: 4 came in, 3 are told of")]),
        (
            _change("again", came=3, out=2),
            [("ATK061", "`again` (in): 4 were sent there, 3 came in")],
        ),
        (
            _change("both.2", ports={"main": 6}),
            [],  # nobody reads `rejected` of it
        ),
        (
            _change("judged", ports={"main": 5}),
            [("ATK061", "`both` (in): 6 were sent there, 7 came in")],
        ),
        (
            lambda told: _files(told, "both.csv", records=10),
            [("ATK062", "`sure`: 11 records went out, its files hold 10")],
        ),
        (
            lambda told: _files(told, "failed/again.jsonl", records=2),
            [
                ("ATK063", "`again`: 1 records failed, `failed/again.jsonl` holds 2"),
                ("ATK064", "`{}/failed/again.jsonl` has 1 lines, the run wrote 2"),
            ],
        ),
        (lambda told: told.pop("edges"), [("ATK065", "the manifest does not say what reads what")]),
    ],
)
def test_what_does_not_add_up_is_a_finding(
    folder: Folder,
    spoil: Callable[[dict[str, Any]], None],
    findings: list[tuple[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = folder.manifest()
    spoil(told)
    (folder.output / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    capsys.readouterr()
    assert folder.look("ledger", "outputs/failing", "--check", "--json") == bool(findings)
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [f["code"] for f in found] == [code for code, _ in findings]
    for said, (_, wanted) in zip(found, findings, strict=True):
        assert wanted.replace("{}", "outputs/failing") in said["message"]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("out.jsonl", lambda b: b[: b.index(b"\n") + 1], "has 1 lines, the run wrote 3"),
        ("out.jsonl", lambda b: b.replace(b"why", b"who"), "is not as the run left it"),
        ("both.csv", lambda b: b + b"x\n", "is not as the run left it"),
        ("failed/again.jsonl", lambda b: b"", "has 0 lines, the run wrote 1"),
        ("provenance/out.jsonl.jsonl", None, "is not there"),
    ],
)
def test_files_on_disk_are_held_to_the_manifest(
    folder: Folder,
    name: str,
    change: Callable[[bytes], bytes] | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = folder.output / name
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    capsys.readouterr()
    assert folder.look("ledger", "--check") == 1
    told = capsys.readouterr().err
    assert "error[ATK064]" in told
    assert said in told
