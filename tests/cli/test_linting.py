"""`atkc lint`: which files are specs, what is printed, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.linting import lint_specs
from atkc.runtime.errors import UsageError

GOOD = (
    "atkc: 1\nname: good\nsteps:\n"
    "  rows: {type: source, read: inline, with: {rows: [{a: 1}]}}\n"
    "  file: {type: export, from: rows, format: jsonl, path: a.jsonl}\n"
)
BAD = GOOD.replace("from: rows", "from: rwos")
WARNING = GOOD + "  more: {type: map, from: rows, where: a > 1}\n"
PROMPT = "atkc: 1\nmessages: [{role: user, content: hi}]\n"


def lint(*specs: str, form: str = "text") -> int:
    return lint_specs(specs, form, sets=(), params=(), env_file=None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"good": GOOD, "bad": BAD, "warning": WARNING, "ask": PROMPT}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("specs", "code", "last"),
    [
        (["good.yaml"], 0, "1 spec: 0 errors, 0 warnings"),
        (["bad.yaml"], 1, "1 spec: 1 error, 0 warnings"),
        (["warning.yaml"], 0, "1 spec: 0 errors, 1 warning"),
        (["bad.yaml", "warning.yaml", "good.yaml"], 1, "3 specs: 1 error, 1 warning"),
        (["."], 1, "3 specs: 1 error, 1 warning"),
    ],
)
def test_the_exit_code_tells_of_errors_alone(
    here: Path, capsys: pytest.CaptureFixture[str], specs: list[str], code: int, last: str
) -> None:
    assert lint(*specs) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_a_folder_without_specs_is_a_mistake_of_use(here: Path) -> None:
    (here / "empty").mkdir()
    with pytest.raises(UsageError):
        lint("empty")


def test_findings_as_json_for_programs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint("bad.yaml", form="json") == 1
    assert "ATK300" in json.dumps(json.loads(capsys.readouterr().out))


def test_findings_as_annotations(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint("bad.yaml", form="github") == 1
    assert capsys.readouterr().out.startswith("::error file=bad.yaml,line=5,")


def test_other_ways_of_a_switch_are_looked_at(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = GOOD.replace("steps:", "params: {s: {type: boolean, default: false}}\nsteps:")
    text += "  more: {type: map, from: rows, when: '${params.s}', where: b > 1}\n"
    (here / "good.yaml").write_text(text, encoding="utf-8")
    assert lint("good.yaml") == 1
    assert "where `params.s` is `true`" in capsys.readouterr().out
