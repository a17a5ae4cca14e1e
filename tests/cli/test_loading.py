"""From the words of a command line to a plan: specs found, plans read, findings shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.cli.loading import Chosen, ReportedError, compiled, find, plan_to_run
from atkc.compiler.plan import ParamValue, to_json
from atkc.runtime.errors import InputError, UsageError

SPEC = (
    "atkc: 1\nname: case\nparams: {n: {type: integer%s}}\nsteps:\n"
    "  rows: {type: source, read: inline, with: {rows: [{a: '${params.n}'}]}}\n"
    "  file: {type: export, from: rows, format: jsonl, path: a.jsonl}\n"
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.yaml").write_text(SPEC % ", default: 1", encoding="utf-8")
    (tmp_path / "open.yaml").write_text(SPEC % "", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("recipes/factual.yaml", "atkc:recipes/factual.yaml"),
        ("atkc:recipes/factual.yaml", "atkc:recipes/factual.yaml"),
        ("recipes/../recipes/none.yaml", "{here}/recipes/none.yaml"),
        ("spec.yaml", "{here}/spec.yaml"),
    ],
)
def test_a_file_here_comes_before_one_that_is_shipped(here: Path, word: str, wanted: str) -> None:
    assert find(word) == wanted.format(here=here)


def test_a_file_of_ones_own_hides_a_shipped_one(here: Path) -> None:
    (here / "recipes").mkdir()
    (here / "recipes" / "factual.yaml").write_text(SPEC % ", default: 1", encoding="utf-8")
    assert find("recipes/factual.yaml") == f"{here}/recipes/factual.yaml"


def test_values_reach_the_spec_with_their_origin(here: Path) -> None:
    done = compiled(Chosen("spec.yaml", sets=("n=4",)))
    assert done.plan is not None
    assert done.plan.params["n"] == ParamValue(4, "--set n")


def test_a_variable_of_the_environment_reaches_the_spec(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATKC_PARAM_N", "6")
    done = compiled(Chosen("spec.yaml"))
    assert done.plan is not None
    assert done.plan.params["n"] == ParamValue(6, "ATKC_PARAM_N")


@pytest.mark.parametrize(
    ("spec", "sets", "code"),
    [
        ("open.yaml", (), "ATK005"),
        ("open.yaml", ("n=x",), "ATK004"),
        ("spec.yaml", ("m=1",), "ATK003"),
        ("none.yaml", (), "ATK001"),
    ],
)
def test_what_stops_a_run_is_shown_with_its_place(
    here: Path, capsys: pytest.CaptureFixture[str], spec: str, sets: tuple[str, ...], code: str
) -> None:
    with pytest.raises(ReportedError):
        plan_to_run(Chosen(spec, sets=sets))
    assert code in capsys.readouterr().err


def test_a_plan_that_was_written_is_run_as_it_is(here: Path) -> None:
    made = plan_to_run(Chosen("spec.yaml"))
    (here / "plan.json").write_text(to_json(made), encoding="utf-8")
    assert plan_to_run(Chosen("plan.json")) == made


@pytest.mark.parametrize(
    ("text", "place"),
    [('{"atkc_plan": 2}', "plan.json:1:15"), ("{}", "plan.json:1:1"), ("nothing", "plan.json:1:1")],
)
def test_what_is_no_plan_is_shown_with_its_place(
    here: Path, capsys: pytest.CaptureFixture[str], text: str, place: str
) -> None:
    (here / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReportedError):
        plan_to_run(Chosen("plan.json"))
    assert capsys.readouterr().err.startswith(f"{place}: error[ATK008]")


def test_a_plan_takes_no_values(here: Path) -> None:
    with pytest.raises(UsageError):
        plan_to_run(Chosen("plan.json", sets=("n=1",)))


def test_a_plan_that_is_not_there(here: Path) -> None:
    with pytest.raises(InputError):
        plan_to_run(Chosen("plan.json"))
