"""The factual recipe on a small folder: in this process, and against a served model."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from tests.e2e.kit import Project, Server, constant, files, manifest, rows, sidecars

DOCUMENTS = {
    "lock.txt": """\
The lock of Brenn was opened in 1907 by the engineer Clara Holm. It lifts ships by eleven metres
because the river falls steeply there. Each passage takes about forty minutes.

The lock keeper Jonas Falk lives beside the upper gate. He closes the gates when the wind exceeds
nine on the Beaufort scale. In March 1962 the lower gate broke and the canal was shut for weeks.
""",
    "mill.md": """\
# The mill

The mill at Osterby was built in 1788 by Henrik Lund. Its wheel has a diameter of six metres and
drives two pairs of stones. Rye is ground in the morning because the water is highest then.

The miller pays a toll of three crowns to the bridge company each year. The stones are dressed
every second winter by the mason Per Dahl.
""",
}
OPTIONS = ("--set=input_dirs=[{path: docs}]", "--set=factual_chunk_size=60")
PROMISED = {
    "README.md",
    "documents_docs.jsonl",
    "pretraining_run/axolotl_pretraining_config.yaml",
    "pretraining_run/inferred_facts_docs.jsonl",
    "pretraining_run/representation_variation_docs.jsonl",
    "pretraining_run/text_chunks_docs.jsonl",
    "rag_source_data/rag_data_combined.jsonl",
    "rag_source_data/rag_data_docs.jsonl",
    "sft_run/axolotl_correction_conversations_docs.json",
    "sft_run/axolotl_rag_conversations_docs.jsonl",
    "sft_run/combined_factual_data/combined_all_0.jsonl",
    "sft_run/factual_sft_completion/combined_all_0.jsonl",
    "sft_run/generic_sft_completion/chat.jsonl",
    "sft_run/pretraining_subset_2000.jsonl",
    "sft_run/sft_training_config.yaml",
}
MAY_BE = {  # if something was refused or dropped
    f"{name}_docs.jsonl"
    for name in (
        "rejected_chunks",
        "rejected_pairs",
        "rejected_rag",
        "rejected_corrections",
        "dropped_questions",
    )
}


def prepared(folder: Path) -> Project:
    """Make a folder with documents and nothing else: the recipe is the shipped one."""
    project = Project(folder)
    for name, text in DOCUMENTS.items():
        project.write(f"docs/{name}", text)
    return project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = prepared(tmp_path_factory.mktemp("factual"))
    done = project.atkc("run", "recipes/factual.yaml", *OPTIONS)
    assert done.code == 0
    assert done.calls()[0] > 50
    return project


def output(project: Project) -> Path:
    return project.folder / "outputs/factual"


def test_the_tree_is_the_promised_one(made: Project) -> None:
    found = set(files(output(made)))
    assert found >= PROMISED
    assert found - PROMISED <= MAY_BE
    told = {entry["path"] for entry in manifest(output(made))["files"]}
    assert told == found | set(sidecars(output(made)))


def test_no_file_is_empty_and_every_row_has_what_its_columns_promise(made: Project) -> None:
    for entry in manifest(output(made))["files"]:
        path = output(made) / entry["path"]
        assert path.stat().st_size > 0
        if path.suffix == ".jsonl":
            found = rows(path)
            assert len(found) == entry["records"] > 0
            assert all(set(row) <= set(entry["columns"]) for row in found)
    for row in rows(output(made) / "rag_source_data/rag_data_docs.jsonl"):
        assert set(row) == {"question", "source_text", "source_metadata", "related_chunks"}


def test_a_served_model_makes_the_same_bytes(made: Project, server: Server, tmp_path: Path) -> None:
    project = prepared(tmp_path / "served")
    before = server.requests
    models = [f"--set={size}_model=openai/extractive" for size in ("small", "large")]
    words = (*OPTIONS, *models, f"--set=api_base={server.url}")
    done = project.atkc("run", "recipes/factual.yaml", *words)
    assert done.code == 0
    assert files(output(project)) == files(output(made))
    here, there = constant(output(project)), constant(output(made))
    for name in ("files", "ledger", "warnings", "seed", "tokenizer"):
        assert here[name] == there[name]
    assert server.requests - before == done.calls()[0]


def test_a_second_run_pays_nothing(made: Project) -> None:
    before, told = files(output(made)), constant(output(made))
    done = made.atkc("run", "recipes/factual.yaml", *OPTIONS)
    assert done.calls()[0] == 0
    assert files(output(made)) == before
    assert constant(output(made)) == told


@pytest.mark.filterwarnings("ignore")  # of other people's libraries
def test_every_set_loads_with_datasets(
    made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    from datasets import load_dataset

    for entry in manifest(output(made))["files"]:
        if entry["path"].endswith(".jsonl"):
            loaded = load_dataset(
                "json",
                data_files=os.fspath(output(made) / entry["path"]),
                split="train",
                cache_dir=os.fspath(tmp_path / "cache"),
            )
            assert loaded.num_rows == entry["records"]


@pytest.mark.parametrize(
    ("config", "model", "types"),
    [
        (
            "pretraining_run/axolotl_pretraining_config.yaml",
            "mistralai/Mistral-7B-v0.3",
            ["completion"] * 3,
        ),
        (
            "sft_run/sft_training_config.yaml",
            "../pretraining_run/model-output",
            ["completion"] * 3 + ["input_output"] * 2,
        ),
    ],
)
def test_training_configs_name_files_that_are_there(
    made: Project, config: str, model: str, types: list[str]
) -> None:
    path = output(made) / config
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert told["base_model"] == model
    assert told["sequence_len"] == 5000
    assert [dataset["type"] for dataset in told["datasets"]] == types
    for dataset in told["datasets"]:
        file = path.parent / dataset["path"]
        found = json.loads(file.read_bytes()) if file.suffix == ".json" else rows(file)
        assert found
        assert all(dataset.get("field", "segments") in row for row in found)
    assert told["output_dir"].startswith("./")


def test_a_limit_runs_a_part_of_the_shipped_examples(tmp_path: Path) -> None:
    project = Project(tmp_path)
    orchard = "--set=input_dirs=[{path: 'atkc:examples/orchard'}]"
    words = ("--limit=1", orchard, "--set=inferred_facts=false")
    done = project.atkc("run", "recipes/factual.yaml", *words)
    assert done.code == 0
    folder = tmp_path / "outputs/factual.limit-1"
    assert manifest(folder)["partial"] == {"": 1}
    assert (folder / "sft_run/sft_training_config.yaml").exists()
