"""`atkc graph`: which format, where to, and what is said where there is nothing to draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.cli import codes
from atkc.cli.drawing import draw_spec
from atkc.cli.loading import Chosen
from atkc.compiler.front import compile_file
from atkc.compiler.plan import to_json
from atkc.runtime.errors import UsageError
from atkc.stdlib.library import library

SPEC = """\
atkc: 1
name: tiny
params: {n: {type: integer}}
steps:
  rows: {type: source, read: inline, with: {rows: [{text: hello}]}}
  some: {type: combine, op: take, from: rows, first: "${params.n}"}
  out: {type: export, from: some, format: jsonl, path: out.jsonl}
"""
BEGINNINGS = {
    "mermaid": "---\ntitle: ",
    "dot": "digraph ",
    "svg": "<svg ",
    "html": "<!doctype html>",
}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC.replace("type: integer", "type: integer, default: 1"), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("form", "name", "drawn"),
    [
        (None, "a.mmd", "mermaid"),
        (None, "a.dot", "dot"),
        (None, "a.gv", "dot"),
        (None, "a.svg", "svg"),
        (None, "a.HTML", "html"),
        ("svg", "a.txt", "svg"),
        ("dot", "a.svg", "dot"),
    ],
)
def test_the_format_is_the_one_asked_for_else_that_of_the_name(
    spec: str, tmp_path: Path, form: str | None, name: str, drawn: str
) -> None:
    path = tmp_path / name
    assert draw_spec(Chosen(spec), form, str(path)) == codes.COMPLETE
    assert path.read_text(encoding="utf-8").startswith(BEGINNINGS[drawn])


def test_markdown_gets_a_fence(spec: str, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    draw_spec(Chosen(spec), None, str(path))
    assert path.read_text(encoding="utf-8").startswith("```mermaid\n")


@pytest.mark.parametrize("form", [None, *BEGINNINGS])
def test_without_a_file_it_goes_to_stdout(
    spec: str, form: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert draw_spec(Chosen(spec), form, None) == codes.COMPLETE
    assert capsys.readouterr().out.startswith(BEGINNINGS[form or "mermaid"])


@pytest.mark.parametrize("name", ["a.txt", "a", "no/such/folder/a.svg"])
def test_a_file_that_cannot_be_is_a_usage_error(spec: str, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="a"):
        draw_spec(Chosen(spec), None, str(tmp_path / name))
    assert not (tmp_path / name).exists()


def test_values_change_the_drawing(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    draw_spec(Chosen(spec, sets=("n=7",)), "html", None)
    assert "first: 7" in capsys.readouterr().out


def test_an_unset_parameter_hinders_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC, encoding="utf-8")
    assert draw_spec(Chosen(str(path)), None, None) == codes.COMPLETE
    assert "rows" in capsys.readouterr().out


def test_a_spec_with_mistakes_is_not_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "spec.yaml", tmp_path / "a.svg"
    path.write_text(SPEC.replace("from: some", "from: sum"), encoding="utf-8")
    assert draw_spec(Chosen(str(path)), None, str(out)) == codes.FINDINGS
    assert "ATK300" in capsys.readouterr().err
    assert not out.exists()


def test_a_compiled_plan_is_drawn_like_its_spec(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = compile_file(spec, library()).plan
    assert plan is not None
    path = tmp_path / "plan.json"
    path.write_text(to_json(plan), encoding="utf-8")
    draw_spec(Chosen(spec), None, None)
    once = capsys.readouterr().out
    draw_spec(Chosen(str(path)), None, None)
    assert capsys.readouterr().out == once


def test_the_main_recipe_is_drawn_folded(capsys: pytest.CaptureFixture[str]) -> None:
    assert draw_spec(Chosen("recipes/factual.yaml"), "svg", None) == codes.COMPLETE
    text = capsys.readouterr().out
    assert 30 < text.count(' id="box-') < 180
    assert ">recall" in text
