"""The page on recipes: what its commands print, and that its examples compile."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from atkc.cli.entry import run
from atkc.compiler.front import compile_file
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.recipes.planned import RECIPES

FILE = RECIPES / "README.md"
PAGE = FILE.read_text("utf-8")
SEVEN = {"clean", "represent", "recall", "rag", "correct", "think", "mix"}
SMALLER = {"passages", "combine", "report"}
# A command, the two lines that it ends with and, of some, a line of one of its files.
COMMANDS = re.compile(
    r"    \$ atkc run (recipes/factual/(\w+)\.yaml)((?: --output \w+)?)\n    (.*)\n    (.*)\n"
    r"(?:    \$ (head|tail) -1 (\S+)\n    (.*)\n)?"
)
BLOCKS = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> dict[str, re.Match[str]]:
    return {found[2]: found for found in COMMANDS.finditer(PAGE)}


def test_each_part_has_a_command_and_an_example() -> None:
    assert commands().keys() == SEVEN | SMALLER
    headings = re.findall(r"^## .*`factual/(\w+)\.yaml`$", PAGE, re.MULTILINE)
    assert set(headings) == SEVEN
    used = re.findall(r"^    use: atkc:recipes/factual/(\w+)\.yaml$", PAGE, re.MULTILINE)
    assert sorted(used) == sorted(SEVEN | SMALLER)


@pytest.mark.parametrize("name", sorted(SEVEN | SMALLER))
def test_a_command_prints_what_the_page_shows(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found = commands()[name]
    assert run(["run", found[1], *found[3].split()]) == 0
    told = capsys.readouterr().out.splitlines()[-2:]
    whole = PAGE
    if found[7]:
        lines = (tmp_path / found[7]).read_text("utf-8").splitlines()
        line = lines[0 if found[6] == "head" else -1]
        whole = whole.replace(found[8], line) if os.environ.get("UPDATE_GOLDEN") else whole
        assert os.environ.get("UPDATE_GOLDEN") or line == found[8]
    whole = whole.replace(f"{found[4]}\n    {found[5]}", "\n    ".join(told))
    if os.environ.get("UPDATE_GOLDEN"):
        FILE.write_text(FILE.read_text("utf-8").replace(found[0], _renewed(found, whole)), "utf-8")
        return
    assert told == [found[4], found[5]]


def _renewed(found: re.Match[str], page: str) -> str:
    """Return the block of a command as a renewed page has it."""
    return next(m[0] for m in COMMANDS.finditer(page) if m[2] == found[2])


def test_the_examples_are_one_spec_that_compiles(tmp_path: Path) -> None:
    (tmp_path / "atkc.toml").touch()
    (tmp_path / "documents").mkdir()
    skeleton, *steps = BLOCKS.findall(PAGE)
    assert skeleton.endswith("path: documents}}\n")
    (tmp_path / "spec.yaml").write_text(skeleton + "".join(steps), "utf-8")
    done = compile_file(canonical(tmp_path / "spec.yaml"), library())
    assert [(d.code, str(d.span), d.message) for d in done.diagnostics] == []
    assert done.plan is not None
