"""Each mistake a spec can hold: which codes are found, where, and how they read.

`cases/findings.txt` says the codes and places of each case and is kept by hand; the texts beside
the specs are renewed with `UPDATE_GOLDEN=1`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from atkc.compiler.front import Compiled, compile_file
from atkc.spec.codes import CODES
from atkc.spec.places import canonical
from atkc.spec.render import as_text, ordered
from atkc.stdlib.library import library

HERE = Path(__file__).parent
CASES = HERE / "cases"
SILENT = sorted((CASES / "ok").glob("*.yaml")) + sorted((HERE / "sayable").glob("*/*.yaml"))


def findings() -> dict[str, list[str]]:
    lines = (CASES / "findings.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if line)
    return {name: found.split(", ") for name, _, found in pairs}


def compiled(folder: Path, into: Path, monkeypatch: pytest.MonkeyPatch, spec: str) -> Compiled:
    """Compile a copy of the folder that is a project of its own."""
    shutil.copytree(folder, into, dirs_exist_ok=True)
    (into / "atkc.toml").touch()
    monkeypatch.chdir(into)
    return compile_file(canonical(spec), library())


@pytest.mark.parametrize(("name", "wanted"), findings().items())
def test_codes_places_and_text(
    name: str, wanted: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = compiled(CASES / name, tmp_path, monkeypatch, "spec.yaml")
    found = ordered(done.diagnostics)
    assert [f"{d.code} {d.span}" for d in found] == wanted
    assert (done.plan is None) == any(d.severity == "error" for d in found)
    text = as_text(found, done.sources)
    golden = CASES / name / "expected.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def test_every_folder_is_in_the_table() -> None:
    folders = {p.name for p in CASES.iterdir() if p.is_dir()} - {"ok"}
    assert folders == set(findings())


# Found by others: at run time, by commands on what a run left, or by the YAML tests.
_ELSEWHERE = {"ATK003", "ATK005", "ATK006", "ATK007", "ATK008", "ATK101", "ATK111", "ATK113"}
_ELSEWHERE |= {"ATK020", "ATK021", "ATK114", "ATK115", "ATK116", "ATK502"}
_ELSEWHERE |= {code for code in CODES if "ATK030" <= code < "ATK100"}


def test_every_code_of_the_compiler_has_a_case() -> None:
    shown = {found.split()[0] for wanted in findings().values() for found in wanted}
    mine = {code for code in CODES if code < "ATK600"} - _ELSEWHERE
    assert mine <= shown


@pytest.mark.parametrize("path", SILENT, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_says_nothing(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = compiled(path.parent, tmp_path, monkeypatch, path.name)
    assert [f"{d.code} {d.span} {d.message}" for d in done.diagnostics] == []
    assert done.plan is not None
