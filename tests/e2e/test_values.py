"""Where values come from, how much is read, and what else may differ without a byte changing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.kit import DOCUMENTS, Project, constant, files, make_project, manifest


@pytest.mark.parametrize(
    ("words", "variable", "value", "origin"),
    [
        ((), "", "3", "default"),
        (("--params", "p.yaml"), "", "5", "p.yaml"),
        (("--params", "p.yaml"), "7", "7", "ATKC_PARAM_VOTES"),
        (("--params", "p.yaml", "--env-file", "e"), "", "4", "ATKC_PARAM_VOTES"),
        (("--params", "p.yaml", "--set", "votes=1"), "7", "1", "--set votes"),
    ],
)
def test_set_wins_over_the_environment_over_a_file_over_the_default(
    project: Project, words: tuple[str, ...], variable: str, value: str, origin: str
) -> None:
    project.write("p.yaml", "votes: 5\n")
    project.write("e", "ATKC_PARAM_VOTES=4\n")
    variables = {"ATKC_PARAM_VOTES": variable} if variable else {}
    done = project.atkc("plan", "--params-only", "spec.yaml", *words, **variables)
    (line,) = (line for line in done.out.splitlines() if line.startswith("votes "))
    assert line.split(maxsplit=2)[1:] == [value, origin]


def test_a_value_given_is_the_one_that_runs(project: Project) -> None:
    assert project.run("--set", "votes=1").code == 0
    assert manifest(project.output)["params"]["votes"] == 1


def test_a_path_belongs_to_where_it_was_written(project: Project, tmp_path: Path) -> None:
    """--set: the working directory; a parameters file: that file; both may lie anywhere."""
    for name in ("by_set/texts", "by_file/texts"):
        shutil.copytree(project.folder / "docs", tmp_path / name)
    (tmp_path / "by_file/p.yaml").write_text("documents: texts\n", encoding="utf-8")
    spec = str(project.folder / "spec.yaml")
    here = Project(tmp_path / "by_set")
    assert here.atkc("run", spec, "--set=documents=texts").code == 0
    assert here.atkc("run", spec, "--params=../by_file/p.yaml", "--output=b").code == 0
    assert files(here.folder / "outputs/small") == files(here.folder / "b")
    assert manifest(here.folder / "b")["params"]["documents"] == str(tmp_path / "by_file/texts")


@pytest.mark.parametrize("limit", ["1", "documents=1"])
def test_a_limit_reads_the_first_records_and_its_calls_serve_the_full_run(
    project: Project, limit: str
) -> None:
    part = project.run("--limit", limit)
    folder = project.folder / f"outputs/small.limit-{limit.replace('=', '-')}"
    assert part.code == 0
    assert "partial" in part.out
    assert list(manifest(folder)["partial"].values()) == [1]
    found = (folder / "texts.jsonl").read_text(encoding="utf-8")
    assert '"bridge.txt"' in found
    assert '"harbour.txt"' not in found
    assert not project.output.exists()
    whole = project.run()
    assert whole.calls()[1] == part.calls()[0] > 0
    assert manifest(project.output)["partial"] == {}


def test_a_compiled_plan_makes_the_same_bytes(project: Project, expected: dict[str, bytes]) -> None:
    assert project.atkc("compile", "spec.yaml", "-o", "plan.json").code == 0
    done = project.atkc("run", "plan.json")
    assert done.code == 0
    assert files(project.output) == expected
    told = constant(project.output)
    assert project.run("--output", "other").calls()[0] == 0
    assert constant(project.folder / "other") == told


def test_order_names_and_hashing_change_no_byte(tmp_path: Path, expected: dict[str, bytes]) -> None:
    """Documents made in another order, another working directory, other hash seeds."""
    for number, seed in enumerate(("0", "1234")):
        project = make_project(tmp_path / f"other name {number}")
        shutil.rmtree(project.folder / "docs")
        names = sorted(DOCUMENTS, reverse=number == 0)
        for name in names:
            project.write(f"docs/{name}", DOCUMENTS[name])
        assert project.run(PYTHONHASHSEED=seed).code == 0
        assert files(project.output) == expected


def test_equal_runs_differ_in_the_manifest_only_by_run(project: Project) -> None:
    project.run("--cache", "a", PYTHONHASHSEED="1")
    told = constant(project.output)
    assert project.run("--cache", "b", PYTHONHASHSEED="2").calls()[1] == 0
    assert constant(project.output) == told
    for file in told["files"]:
        assert len((project.output / file["path"]).read_bytes()) == file["bytes"]
