"""The folders at the top are the package, under one name each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("spec", "compiler", "runtime", "stdlib", "recipes", "schema", "examples")


def test_links_are_in_place() -> None:
    for room in ROOMS:
        assert (ROOT / "atkc" / room).samefile(ROOT / room)


def test_layers_have_one_name() -> None:
    code = (
        "import sys, atkc.cli.entry, atkc.stdlib.library, atkc.compiler.front; "
        "sys.exit(bool({'spec', 'compiler', 'runtime', 'stdlib'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_clone_without_links_is_told_so(tmp_path: Path) -> None:
    shutil.copy(ROOT / "setup.py", tmp_path)
    (tmp_path / "atkc").mkdir()
    (tmp_path / "atkc" / "spec").write_text("../spec", encoding="utf-8")
    stub = tmp_path / "setuptools.py"
    stub.write_text("def setup(): raise SystemExit('built')\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "setup.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("atkc/spec is not a folder")
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.skipif("ATKC_WHEEL" not in os.environ, reason="ATKC_WHEEL names no wheel")
def test_the_wheel_holds_every_file_of_every_room() -> None:
    listed = subprocess.run(
        ["git", "ls-files", *ROOMS, "atkc"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(os.environ["ATKC_WHEEL"]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    wanted = set()
    for line in listed.stdout.splitlines():
        if line.removeprefix("atkc/") in ROOMS:
            continue  # the links themselves
        wanted.add(line if line.startswith("atkc/") else f"atkc/{line}")
    assert held == wanted
