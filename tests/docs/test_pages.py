"""The pages hold together: links lead somewhere, named files exist, tables are fresh."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("spec", "compiler", "runtime", "stdlib", "schema")
READMES = [ROOT / room / "README.md" for room in ROOMS]
PAGES = [*READMES, *sorted((ROOT / "docs").glob("*.md")), ROOT / "CHANGELOG.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|toml))`")
# Files that the reader is told to write.
TO_BE_WRITTEN = {"stdlib/readers/rst_file.py", "atkc.toml"}


def _id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = []
    for link in LINK.findall(text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if "://" not in link and not (
            target.exists() and (not anchor or anchor in _anchors(target))
        ):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_named_files_exist(page: Path) -> None:
    named = set(NAMED.findall(page.read_text(encoding="utf-8"))) - TO_BE_WRITTEN
    places = [ROOT, page.parent, *(ROOT / room for room in ROOMS), ROOT / "stdlib/readers"]
    assert {name for name in named if not any((p / name).exists() for p in places)} == set()


@pytest.mark.parametrize("page", READMES, ids=_id)
def test_the_sign_on_a_door_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 20


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_tables_are_fresh() -> None:
    module = _generator()
    for name, build in module.FILES.items():
        written = (module.FOLDER / name).read_text(encoding="utf-8")
        assert written == module.HEAD + build(), f"{name}: run `python docs/generate.py`"


def test_check_tells_a_stale_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = _generator()
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    assert module.main([]) == 0
    assert module.main(["--check"]) == 0
    (tmp_path / "functions.md").write_text("old", encoding="utf-8")
    assert module.main(["--check"]) == 1
    assert "functions.md" in capsys.readouterr().err
    assert (tmp_path / "functions.md").read_text(encoding="utf-8") == "old"
