"""`atkc import augmentoolkit`: files, refusals, and that what is written compiles and runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.cli import codes
from atkc.cli.entry import run
from tests.cli.augmentoolkit.configs import KINDS, LOCAL_SETS, SECRET, config, text
from tests.cli.augmentoolkit.kit import imported

ERRORS = "error"


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Yield the places of all values that hold no further keys."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from keys(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value):
            yield from keys(item, f"{path}[{number}]")
    else:
        yield path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_compiles(tmp_path: Path, kind: str) -> None:
    done = imported(tmp_path, text(kind))
    assert done.code == codes.COMPLETE
    assert (done.folder / "recipe.yaml").exists() == (kind != "factual")
    plan = done.compiled()
    assert [d for d in plan.diagnostics if d.severity == ERRORS] == []
    assert plan.plan is not None
    assert plan.unset == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_reported_exactly_once(tmp_path: Path, kind: str) -> None:
    rows = imported(tmp_path, text(kind)).rows()
    assert list(rows) == list(keys(config(kind)))
    for key, (to, verdict, why) in rows.items():
        assert verdict in ("carried", "changed", "not carried"), key
        assert (verdict == "carried") == (not why), key
        assert bool(to) or verdict == "not carried", key


@pytest.mark.parametrize("kind", KINDS)
def test_no_key_of_these_configs_is_unknown(tmp_path: Path, kind: str) -> None:
    rows = imported(tmp_path, text(kind)).rows()
    assert [key for key, row in rows.items() if "no key of" in row[2]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_that_a_row_names_is_written(tmp_path: Path, kind: str) -> None:
    done = imported(tmp_path, text(kind))
    for to, verdict, _ in done.rows().values():
        if verdict == "not carried" or "#" in to:
            continue
        for place in to.split(", "):
            done.at(place)


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_written_or_printed(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    done = imported(tmp_path, text(kind))
    printed = capfd.readouterr()
    written = "".join(file.read_text("utf-8") for file in done.folder.iterdir())
    assert SECRET not in written + printed.out + printed.err
    assert "verysecret" not in written + printed.out + printed.err
    assert done.params["api_key_env"] == "DEEPINFRA_API_KEY"
    assert "export DEEPINFRA_API_KEY=" in printed.out


def test_two_imports_give_the_same_bytes(tmp_path: Path) -> None:
    first = {f.name: f.read_bytes() for f in imported(tmp_path, text("rag")).folder.iterdir()}
    again = imported(tmp_path, text("rag"), "--force")
    assert {f.name: f.read_bytes() for f in again.folder.iterdir()} == first
    assert set(first) == {"params.yaml", "recipe.yaml", "REPORT.md"}


def test_files_of_an_earlier_import_are_kept_unless_forced(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = imported(tmp_path, text("think"))
    params = before.folder / "params.yaml"
    params.write_text("mine: 1\n", encoding="utf-8")
    assert imported(tmp_path, text("think")).code == codes.USAGE
    assert "--force" in capfd.readouterr().err
    assert params.read_text("utf-8") == "mine: 1\n"
    assert imported(tmp_path, text("factual"), "--force").code == codes.COMPLETE
    assert not (before.folder / "recipe.yaml").exists()


def test_the_folder_is_called_like_the_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("boats.yaml").write_text(text("clean"), encoding="utf-8")
    assert run(["import", "augmentoolkit", "boats.yaml"]) == codes.COMPLETE
    loaded = yaml.safe_load(Path("boats/params.yaml").read_text("utf-8"))
    assert loaded["input_dir"] == "../inputs/boats"


def test_the_summary_counts_what_the_report_tells(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = imported(tmp_path, text("factual"))
    verdicts = [row[1] for row in done.rows().values()]
    carried, changed = verdicts.count("carried"), verdicts.count("changed")
    assert capfd.readouterr().out.startswith(
        f"{len(verdicts)} keys: {carried} carried, {changed} carried with a change, "
        f"{verdicts.count('not carried')} not carried; 0 placeholders\n"
    )


BAD = {
    "twice": ("factual_sft: {}\nsystem:\n  use_stop: true\n  use_stop: no\n", "ATK112", ":4:3:"),
    "sections": ("factual_sft: {}\na: {use_stop: 1}\nb: {use_stop: 2}\n", "ATK112", ":3:5:"),
    "syntax": ("factual_sft: {}\na: {x: [}\n", "ATK100", ":2:9:"),
    "no mapping": ("- 1\n", "ATK202", ":1:1:"),
    "classifier": ("pipeline: classifier-creator-pipeline\n", "ATK040", ":1:1:"),
    "rptoolkit": ("archetypes: {generate_archetype: true}\n", "ATK040", "RPToolkit"),
    "grpo": ("model: {lora_rank: 64}\n", "ATK040", "GRPO"),
    "server": ("pipeline: rag-server-pipeline\n", "ATK040", "a server"),
    "discord": ("bot: {bot_token: abc}\n", "ATK040", "Discord"),
    "meta": ("pipeline: meta-datagen-pipeline\n", "ATK040", "meta data"),
    "super config": ("pipeline_order: []\n", "ATK040", "a list of pipelines"),
    "anything": ("colour: red\n", "ATK040", "corrections"),
    "percentages": (
        "factual_sft:\ngeneric_dataset_paths: [{path: a}]\ngeneric_dataset_percentages: [1, 2]\n",
        "ATK041",
        ":3:1:",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_config_that_cannot_be_imported_says_where_and_writes_nothing(
    tmp_path: Path, case: str, capfd: pytest.CaptureFixture[str]
) -> None:
    words, code, said = BAD[case]
    done = imported(tmp_path, words)
    printed = capfd.readouterr().err
    assert done.code == codes.FINDINGS
    assert f"error[{code}]" in printed
    assert said in printed
    assert not done.folder.exists()


def test_a_missing_config_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "augmentoolkit", str(tmp_path / "none.yaml")]) == codes.FINDINGS
    assert "error[ATK001]" in capfd.readouterr().err


OFFLINE = {"model": "atkc/extractive", "api_base": "", "api_key_env": None, "use_stop": True}


def test_the_complete_recipe_runs_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = config("factual")
    for name in ("boats", "trees"):
        folder = tmp_path / "inputs" / name
        folder.mkdir(parents=True)
        words = f"The {name} of Fern Island are counted each May. They number 40 {name}. " * 6
        (folder / "page.md").write_text(words, encoding="utf-8")
    made["factual_sft"] = {"vague": made["factual_sft"]["vague"]}
    done = imported(tmp_path, yaml.safe_dump(made, sort_keys=False))
    monkeypatch.chdir(tmp_path)
    sets = {
        **{n: OFFLINE for n in done.params if n.endswith(("_small", "_large"))},
        "small_model": "atkc/extractive",
        "large_model": "atkc/extractive",
        "api_base": "",
        "api_key_env": None,
        "generic_dataset_paths": LOCAL_SETS,
        "minimum_generic_sft": 100,
    }
    words = [part for n, v in sets.items() for part in ("--set", f"{n}={json.dumps(v)}")]
    params = str(done.folder / "params.yaml")
    code = run(["run", "recipes/factual.yaml", "--params", params, *words, "--plain"])
    assert code == codes.COMPLETE
    out = tmp_path / "outputs" / "first"
    assert (out / "sft_run" / "combined_factual_data" / "combined_all_1.jsonl").stat().st_size > 0
