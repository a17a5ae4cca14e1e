"""Where files are: shipped data, the project around a spec, and what strays from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.spec.places import SHIPPED, Resolved, canonical, contains, folder_of, project_of, real
from atkc.spec.places import resolve as resolved


@pytest.mark.parametrize(
    ("text", "folder", "wanted"),
    [
        ("a.yaml", "/p/specs", "/p/specs/a.yaml"),
        ("./a/../b.yaml", "/p/specs", "/p/specs/b.yaml"),
        ("../a.yaml", "/p/specs", "/p/a.yaml"),
        ("../../../a.yaml", "/p/specs", "/a.yaml"),
        ("/x/./y/../a.yaml", "/p", "/x/a.yaml"),
        ("a.yaml", "atkc:recipes/factual", "atkc:recipes/factual/a.yaml"),
        ("../types.yaml", "atkc:recipes/factual/recall", "atkc:recipes/factual/types.yaml"),
        ("../../../secret", "atkc:recipes/factual", "atkc:../secret"),
        ("atkc:examples/./harbour", "/p", "atkc:examples/harbour"),
        ("/etc/x", "atkc:recipes", "/etc/x"),
        ("Straße/ä.yaml", "/p", "/p/Straße/ä.yaml"),
    ],
)
def test_a_path_resolves_against_the_folder_of_its_file(
    text: str, folder: str, wanted: str
) -> None:
    assert resolved(text, folder) == wanted


def test_a_resolved_path_stays_as_it_is() -> None:
    first = resolved("a", "/p")
    assert resolved(first, "/q") is first
    assert isinstance(first, Resolved)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("/p/a.yaml", "/p"), ("atkc:recipes/a.yaml", "atkc:recipes"), ("/a.yaml", "/")],
)
def test_the_folder_of_a_file(path: str, wanted: str) -> None:
    assert folder_of(path) == wanted


def test_shipped_files_have_one_name_wherever_they_lie() -> None:
    path = SHIPPED / "recipes" / "factual.yaml"
    assert canonical(path) == canonical(path.resolve()) == "atkc:recipes/factual.yaml"
    assert real("atkc:recipes/factual.yaml").samefile(path)
    assert canonical("atkc:examples/harbour") == "atkc:examples/harbour"


@pytest.mark.parametrize("mark", [".git", "pyproject.toml", "atkc.toml"])
def test_a_project_is_the_nearest_folder_with_a_mark(tmp_path: Path, mark: str) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / mark).touch()
    assert project_of(str(tmp_path / "a" / "b" / "x.yaml")) == tmp_path.as_posix()
    (tmp_path / "a" / "atkc.toml").touch()
    assert project_of(str(tmp_path / "a" / "b" / "x.yaml")) == (tmp_path / "a").as_posix()


def test_a_shipped_recipe_belongs_to_the_package() -> None:
    assert project_of("atkc:recipes/factual.yaml") == "atkc:"


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("data/a.jsonl", True),
        ("not/there/yet.jsonl", True),
        ("../beside.jsonl", False),
        ("link/a.jsonl", False),
        ("inner/a.jsonl", True),
    ],
)
def test_a_path_stays_inside_also_through_links(tmp_path: Path, path: str, inside: bool) -> None:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "link").symlink_to(tmp_path)
    (project / "inner").symlink_to(project / "data")
    assert contains(str(project), resolved(path, str(project))) is inside


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("atkc:recipes/factual.yaml", True),
        ("atkc:examples/harbour", True),
        ("atkc:spec/places.py", False),
        ("atkc:../secret", False),
        ("atkc:recipes/../spec", True),  # `resolve` has no `..` left in the middle
        ("/etc/hostname", False),
    ],
)
def test_of_the_package_only_recipes_and_examples_can_be_read(path: str, inside: bool) -> None:
    assert contains("atkc:", path) is inside


def test_a_folder_whose_name_begins_alike_is_outside(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    assert not contains(str(tmp_path / "project"), str(tmp_path / "project-2" / "a"))
