"""The recipes that an import writes run by themselves, offline, and export what was exported."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.cli import codes
from atkc.cli.augmentoolkit.kinds import KINDS
from atkc.cli.entry import run
from atkc.cli.importing import SPECS
from atkc.compiler.front import compile_file
from atkc.spec.places import SCHEME, canonical
from atkc.stdlib.library import library

MAIN = {
    "clean": "cleaned.jsonl",
    "represent": "final_output.jsonl",
    "recall": "plain_qa_list.jsonl",
    "rag": "axolotl_rag_conversations.jsonl",
    "correct": "axolotl_correction_conversations.json",
    "think": "final_total_output.jsonl",
}


def test_every_pipeline_that_stands_alone_has_its_spec() -> None:
    named = {kind.recipe for kind in KINDS if not kind.recipe.startswith(SCHEME)}
    assert named == {path.name for path in SPECS.iterdir()} == {f"{name}.yaml" for name in MAIN}


@pytest.mark.parametrize("name", MAIN)
def test_a_spec_compiles_without_a_finding(name: str) -> None:
    done = compile_file(canonical(SPECS / f"{name}.yaml"), library(), only_check=True)
    assert done.diagnostics == ()
    assert done.unset == ()


@pytest.mark.parametrize("name", MAIN)
def test_a_spec_runs_offline(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["--set", "use_subset=true", "--set", "subset_size=2"]
    code = run(["run", str(SPECS / f"{name}.yaml"), *given, "--output", "out", "--plain"])
    assert code == codes.COMPLETE
    assert (tmp_path / "out" / MAIN[name]).stat().st_size > 0
