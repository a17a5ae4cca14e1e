"""`atkc init`: what it writes compiles, and it never writes over anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.cli import codes
from atkc.cli.starting import recipes, start
from atkc.compiler.front import compile_file
from atkc.runtime.errors import UsageError
from atkc.spec.places import SHIPPED, canonical
from atkc.stdlib.library import library

STARTER = {
    ".gitignore",
    "atkc.toml",
    "documents/index-of-plates.md",
    "documents/keeping-the-mirror.md",
    "documents/tarn-hill-observatory.md",
    "prompts/ask.yaml",
    "prompts/worthwhile.yaml",
    "spec.yaml",
}


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("below", [".", "new/folder"])
def test_the_starter_compiles_without_a_finding(tmp_path: Path, below: str) -> None:
    folder = tmp_path / below
    assert start(folder, None) == codes.COMPLETE
    assert files(folder) == STARTER
    done = compile_file(canonical(folder / "spec.yaml"), library())
    assert done.diagnostics == ()
    assert done.unset == ()
    assert done.plan is not None
    assert {m.model for m in done.plan.models.values()} == {"atkc/extractive"}


def test_the_user_is_told_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(tmp_path / "p", None)
    said = capsys.readouterr().out
    assert f"cd {tmp_path / 'p'}\n" in said
    assert "atkc lint spec.yaml\n" in said
    assert "atkc run spec.yaml\n" in said


def test_in_the_folder_itself_nobody_has_to_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start(Path(), None)
    assert "cd " not in capsys.readouterr().out
    assert files(tmp_path) == STARTER


@pytest.mark.parametrize("recipe", [None, "factual"])
def test_nothing_is_written_where_a_file_is_there_already(
    tmp_path: Path, recipe: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = {None: ["spec.yaml", "prompts/ask.yaml"], "factual": ["factual/types.yaml"]}[recipe]
    for name in taken:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine", encoding="utf-8")
    assert start(tmp_path, recipe) == codes.FINDINGS
    assert files(tmp_path) == set(taken)
    assert all((tmp_path / name).read_text(encoding="utf-8") == "mine" for name in taken)
    said = capsys.readouterr()
    assert all(str(tmp_path / name) in said.err for name in taken)
    assert said.out == ""


def test_a_gitignore_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine", encoding="utf-8")
    assert start(tmp_path, None) == codes.COMPLETE
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine"
    assert files(tmp_path) == STARTER


def test_a_starter_and_a_recipe_share_a_folder(tmp_path: Path) -> None:
    assert start(tmp_path, None) == codes.COMPLETE
    assert start(tmp_path, "factual") == codes.COMPLETE
    assert {"spec.yaml", "factual.yaml", "factual/types.yaml"} <= files(tmp_path)


@pytest.mark.parametrize("recipe", recipes())
def test_a_copied_recipe_has_no_more_findings_than_the_shipped_one(
    tmp_path: Path, recipe: str
) -> None:
    assert start(tmp_path, recipe) == codes.COMPLETE
    copied = compile_file(canonical(tmp_path / f"{recipe}.yaml"), library())
    shipped = compile_file(f"atkc:recipes/{recipe}.yaml", library())
    assert [d.code for d in copied.diagnostics] == [d.code for d in shipped.diagnostics]
    assert (copied.plan is None) == (shipped.plan is None)
    assert all(str(tmp_path) in path for path in copied.sources)


def test_a_recipe_comes_with_its_family_byte_by_byte(tmp_path: Path) -> None:
    start(tmp_path, "factual/recall")
    found = files(tmp_path)
    assert {"factual/recall.yaml", "factual/recall/way.yaml", "factual/types.yaml"} <= found
    assert "factual.yaml" not in found
    for name in found - {".gitignore", "atkc.toml"}:
        assert (tmp_path / name).read_bytes() == (SHIPPED / "recipes" / name).read_bytes()


@pytest.mark.parametrize("name", ["factual.yaml", "recipes/factual.yaml", "atkc:recipes/factual"])
def test_a_recipe_may_be_named_as_a_file(tmp_path: Path, name: str) -> None:
    assert start(tmp_path, name) == codes.COMPLETE
    assert (tmp_path / "factual.yaml").is_file()


@pytest.mark.parametrize("name", ["nothing-like-it", "factual/types", "../spec", "", "/factual"])
def test_an_unknown_recipe_names_shipped_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"`factual[`/]"):
        start(tmp_path, name)
    assert files(tmp_path) == set()


def test_a_folder_that_is_a_file_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        start(tmp_path / "f", None)
