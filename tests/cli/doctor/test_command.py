"""`atkc doctor`: the table, JSON, the exit code, and what it does with a spec that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.doctor import table
from atkc.cli.doctor.finding import Finding
from atkc.cli.doctor.showing import as_table
from atkc.cli.entry import run

GOOD = """\
atkc: 1
name: case
params: {n: {type: integer%s}}
steps:
  rows: {type: source, read: inline, with: {rows: [{a: "${params.n}"}]}}
  file: {type: export, from: rows, format: jsonl, path: a.jsonl}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD % ", default: 1", encoding="utf-8")
    (tmp_path / "open.yaml").write_text(GOOD % "", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(GOOD % ", default: x", encoding="utf-8")
    return tmp_path


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    whole = json.loads(capsys.readouterr().out)
    told = {f["check"]: f["status"] for f in whole["findings"]}
    assert whole["ok"] == ("problem" not in told.values())
    return told


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["good.yaml"], 0, "ok"),
        (["open.yaml"], 1, "problem"),
        (["open.yaml", "--set", "n=3"], 0, "ok"),
        (["bad.yaml"], 1, "problem"),
        (["none.yaml"], 1, "problem"),
        (["good.yaml", "--set", "m=3"], 1, "problem"),
        (["good.yaml", "--profile", "openai"], 1, "problem"),
    ],
)
def test_the_spec_is_the_first_thing_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, status: str
) -> None:
    assert run(["doctor", *arguments, "--json"]) == code
    told = findings(capsys)
    assert next(iter(told.items())) == ("spec", status)
    assert [name for name in told if name != "spec"] == ["versions", "disk", "cache", "ocr"]


def test_a_plan_is_looked_at_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", "good.yaml", "-o", "plan.json"]) == 0
    assert run(["doctor", "plan.json", "--json"]) == 0
    assert findings(capsys)["spec"] == "ok"


def test_without_a_spec_it_looks_at_the_recipe_and_a_missing_key_comes_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    assert run(["doctor", "--profile", "mistral"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "https://api.mistral.ai/v1"
    assert lines[1].split()[:2] == ["PROBLEM", "key"]
    assert "https://console.mistral.ai/api-keys" in lines[2]
    assert lines[-1].endswith("1 problem")


def test_options_for_folders_are_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    Path("there").mkdir()
    arguments = ["doctor", "good.yaml", "--output", "there/out", "--cache", "there/cache", "--json"]
    assert run(arguments) == 0
    said = json.loads(capsys.readouterr().out)["findings"]
    assert all("there`" in f["said"] for f in said if f["check"] == "disk")
    assert any("there/cache`" in f["said"] for f in said if f["check"] == "cache")


def test_a_finding_is_a_line_with_its_fix_below_it() -> None:
    found = [
        Finding("ok", "is fine", check="disk"),
        Finding("problem", "x" * 90 + " " + "y" * 90, "mend it", "key", "http://x"),
    ]
    assert as_table(found).splitlines() == [
        "this machine",
        "ok       disk        is fine",
        "",
        "http://x",
        "PROBLEM  key         " + "x" * 90,
        " " * 21 + "y" * 90,
        " " * 21 + "→ mend it",
        "",
        "1 ok, 0 warnings, 1 problem",
    ]


def test_every_check_has_a_file_and_a_line_in_the_table() -> None:
    folder = Path(table.__file__).parent
    files = {p.stem for room in ("machine", "endpoint", "model") for p in (folder / room).glob("*")}
    rows = (*table.MACHINE, *table.ENDPOINT, *table.MODEL)
    used = {row.check.__module__.rpartition(".")[2] for row in rows}
    assert files - {"__init__", "__pycache__", "asking"} == used
    assert len({row.name for row in rows}) == len(rows)
