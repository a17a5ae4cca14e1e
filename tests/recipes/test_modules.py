"""Retrieval and correction as modules of another spec, and by which model they are asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.entry import run
from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.e2e.kit import rows
from tests.recipes.kit import RECIPES, chunk

SPEC = """\
atkc: 1
name: composed
models: {large: {model: atkc/extractive}, small: {model: atkc/extractive}}
steps:
  chunks: {type: source, read: jsonl, with: {path: chunks.jsonl}, fields: {text: string, source: string}}
  few: {type: combine, op: take, from: chunks, hashed: 4, shortage: none}
  rag:
    type: use
    use: atkc:recipes/factual/rag.yaml
    from: {chunks: few, pool: chunks}
    params: {filter: false, dataset_context: old buildings}
    models: {writer: large, judge: small}
  correct:
    type: use
    use: atkc:recipes/factual/correct.yaml
    from: {chunks: few}
    params: {filter: false, dataset_context: old buildings}
    models: {writer: large, judge: small}
  rag_file: {type: export, from: rag, format: segments, path: rag.jsonl}
  sources: {type: export, from: rag.sources, format: jsonl, path: sources.jsonl}
  correction_file: {type: export, from: correct, format: segments, path: corrections.json}
  refused: {type: export, from: rag.rejected, format: jsonl, path: refused.jsonl}
  unsound: {type: export, from: correct.rejected, format: jsonl, path: unsound.jsonl}
"""  # noqa: E501


def test_a_subset_is_asked_about_and_all_chunks_are_distractors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "atkc.toml").touch()
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    chunks = [chunk(n) for n in range(20)]
    (tmp_path / "chunks.jsonl").write_text("".join(json.dumps(c) + "\n" for c in chunks), "utf-8")
    assert run(["run", "spec.yaml", "--output", "out"]) == 0
    assert len(rows(tmp_path / "out/rag.jsonl")) == 4
    corrections = json.loads((tmp_path / "out/corrections.json").read_bytes())
    assert len(corrections) + len(rows(tmp_path / "out/unsound.jsonl")) == 4
    found = rows(tmp_path / "out/sources.jsonl")
    about = {row["text"] for row in found}
    beside = {other["text"] for row in found for other in row["related"]}
    assert len(about) == 4
    assert beside - about
    assert rows(tmp_path / "out/refused.jsonl") == []


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("rag", "11 model calls, 6 from cache, 0 records failed"),
        ("correct", "21 model calls, 0 from cache, 0 records failed"),
    ],
)
def test_each_runs_alone_on_the_shipped_chunks_as_the_page_says(
    name: str,
    last: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["run", f"recipes/factual/{name}.yaml"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == last
    shown = (RECIPES / "README.md").read_text("utf-8").replace("\n    ", "\n")
    assert f"$ atkc run recipes/factual/{name}.yaml\n{told.out}" in shown
    assert told.err == ""


@pytest.mark.parametrize("name", ["rag", "correct"])
def test_alone_a_recipe_asks_the_model_that_is_named(name: str, tmp_path: Path) -> None:
    given = {"model": "openai/m", "api_base": "https://m.example/v1", "api_key_env": "MY_KEY"}
    values = [Given((key,), value, f"--set {key}", str(tmp_path)) for key, value in given.items()]
    done = compile_file(canonical(RECIPES / f"factual/{name}.yaml"), library(), values)
    assert done.plan is not None
    assert {m.model for m in done.plan.models.values()} == {"openai/m"}
    ends = [m.endpoint for m in done.plan.models.values()]
    assert {(e.api_base, e.api_key_env) for e in ends if e} == {("https://m.example/v1", "MY_KEY")}
