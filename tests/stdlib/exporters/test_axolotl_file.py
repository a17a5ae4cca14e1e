"""Training configs name the files that are there, and the keys axolotl knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from atkc.runtime.errors import InputError
from atkc.spec.signature import REQUIRED
from atkc.stdlib.exporters import EXPORTERS
from atkc.stdlib.exporters.axolotl_keys import KEYS

SIGNATURE, WRITE = EXPORTERS["axolotl"]
OWN = "sft_run/sft_training_config.yaml"
# Keys that no schema of axolotl has, or no longer.
UNKNOWN = {
    "sequence_length",
    "noisy_embedding_alpha",
    "use_liger_kernel",
    "max_packed_sequence_len",
}


def entry(path: str, role: str, records: int = 10, tokens: int = 1000, **more: Any) -> Any:
    return {"path": path, "format": role, "role": role, "records": records, "tokens": tokens,
            "columns": [], **more}  # fmt: skip


def config(tmp_path: Path, *files: Any, **given: Any) -> tuple[str, dict[str, Any]]:
    defaults = {k: o.default for k, o in SIGNATURE.options.items() if o.default is not REQUIRED}
    options = {**defaults, "stage": "sft", "base_model": "some/base", "path": OWN, **given}
    file = tmp_path / options["path"]
    file.parent.mkdir(parents=True, exist_ok=True)
    WRITE(iter(files), file, options)
    text = file.read_text("utf-8")
    return text, yaml.safe_load(text)


def test_files_are_found_from_the_folder_of_the_config(tmp_path: Path) -> None:
    files = ["sft_run/completion/all.jsonl", "sft_run/rag.jsonl", "elsewhere/more.json"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    _, found = config(tmp_path, *(entry(name, "completion") for name in files))
    folder = (tmp_path / OWN).parent
    assert [d["path"] for d in found["datasets"]] == [
        "completion/all.jsonl", "rag.jsonl", "../elsewhere/more.json",
    ]  # fmt: skip
    assert all((folder / d["path"]).is_file() for d in found["datasets"])


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (entry("x.jsonl", "completion"), {"ds_type": "json", "type": "completion"}),
        (entry("x.json", "segments"), {"ds_type": "json", "type": "input_output"}),
        (entry("x.jsonl", "alpaca"), {"type": "alpaca"}),
        (entry("x.jsonl", "sharegpt"), {"type": "chat_template", "field_messages": "conversations",
         "message_property_mappings": {"role": "from", "content": "value"}}),
        (entry("x.jsonl", "chat"), {"type": "chat_template", "field_messages": "messages"}),
        (entry("x.parquet", "data", columns=["text"]),
         {"ds_type": "parquet", "type": "completion"}),
        (entry("x.csv", "data", columns=["text"]), {"ds_type": "csv", "type": "completion"}),
        (entry("x.jsonl", "data", columns=["segments", "text"]), {"type": "input_output"}),
    ],
)  # fmt: skip
def test_each_file_is_listed_by_what_it_holds(tmp_path: Path, file: Any, expected: Any) -> None:
    (found,) = config(tmp_path, file)[1]["datasets"]
    assert expected.items() <= found.items()


def test_a_file_without_anything_to_train_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        config(tmp_path, entry("x.jsonl", "data", columns=["id"]))
    assert caught.value.diagnostic.code == "ATK420"


def test_other_files_are_not_listed_and_empty_ones_are_told(tmp_path: Path) -> None:
    text, found = config(
        tmp_path,
        entry("sft_run/a.jsonl", "completion"),
        entry("sft_run/none.jsonl", "completion", records=0, tokens=0),
        entry("sft_run/other.yaml", "config"),
        entry("README.md", "card"),
    )
    assert [d["path"] for d in found["datasets"]] == ["a.jsonl"]
    assert "# Left out, no records: none.jsonl" in text.splitlines()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"stage": "pretrain"}, {"num_epochs": 12, "output_dir": "./model-output"}),
        ({"stage": "sft"}, {"num_epochs": 5, "output_dir": "./finetune-model-output"}),
        ({"base_model": "b"}, {"base_model": "b"}),
        ({}, {"sequence_len": 5000, "train_on_inputs": False, "learning_rate": 2e-5}),
        ({"sequence_len": 8192}, {"sequence_len": 8192}),
        ({"hub_model_id": "me/x", "hub_strategy": "every_save"},
         {"hub_model_id": "me/x", "hub_strategy": "every_save"}),
        ({"wandb_project": "w"}, {"wandb_project": "w"}),
        ({"is_mistral_derived_model": True}, {"is_mistral_derived_model": True}),
        ({"extra": {"num_epochs": 2, "sequence_len": 100, "adapter": "lora"}},
         {"num_epochs": 2, "sequence_len": 100, "adapter": "lora"}),
        ({"extra": {"special_tokens": {"pad_token": "<pad>"}}},
         {"special_tokens": {"pad_token": "<pad>"}}),
    ],
)  # fmt: skip
def test_options_reach_the_config(tmp_path: Path, given: Any, expected: Any) -> None:
    found = config(tmp_path, entry("a.jsonl", "completion"), **given)[1]
    assert expected.items() <= found.items()
    assert not UNKNOWN & found.keys()


@pytest.mark.parametrize(
    ("given", "absent"),
    [
        ({}, {"hub_model_id", "hub_strategy", "wandb_project", "chat_template"}),
        ({"is_mistral_derived_model": False}, {"is_mistral_derived_model"}),
        ({"extra": {"plugins": None}}, {"plugins"}),
    ],
)
def test_keys_that_do_not_apply_are_absent(tmp_path: Path, given: Any, absent: set[str]) -> None:
    assert not absent & config(tmp_path, entry("a.jsonl", "completion"), **given)[1].keys()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("chatml", {"chat_template": "chatml"}),
        ("{{ messages }}", {"chat_template": "jinja", "chat_template_jinja": "{{ messages }}"}),
    ],
)
def test_the_template_is_given_where_files_hold_messages(
    tmp_path: Path, template: str, expected: Any
) -> None:
    found = config(tmp_path, entry("a.jsonl", "chat"), template=template)[1]
    assert expected.items() <= found.items()


def facts(tmp_path: Path, tokens: int, **given: Any) -> tuple[Any, str]:
    defaults = {k: o.default for k, o in SIGNATURE.options.items() if o.default is not REQUIRED}
    options = {**defaults, "stage": "sft", "base_model": "b", "path": "c.yaml", **given}
    files = [entry("a.jsonl", "completion", tokens=tokens)]
    return WRITE(iter(files), tmp_path / "c.yaml", options), (tmp_path / "c.yaml").read_text(
        "utf-8"
    )


# steps = ceil(tokens less val_set_size / (sequence_len x micro_batch x accumulation)) x epochs
@pytest.mark.parametrize(
    ("tokens", "given", "steps", "accumulated", "warned"),
    [
        (100_000_000, {}, 640, 75, False),  # 96 000 000 / 750 000 x 5
        (15_000_000, {}, 100, 75, False),  # 14 400 000 / 750 000 = 19.2 -> 20
        (1_000_000, {}, 100, 5, False),  # small data: 960 000 / 50 000 = 19.2 -> 20
        (1_000_000, {"stage": "pretrain"}, 108, 11, False),  # 960 000 / 110 000 -> 9, x 12
        (1_000_000, {"least_steps": 10}, 10, 75, False),
        (68_000, {}, 35, 1, True),  # 65 280 / 10 000 -> 7
        (68_000, {"least_steps": 35}, 35, 1, False),
        (68_000, {"extra": {"val_set_size": 0.5}}, 20, 1, True),
        (68_000, {"extra": {"val_set_size": 5}}, 20, 1, True),  # 5 of 10 records
        (68_000, {"extra": {"gradient_accumulation_steps": 75}}, 5, 75, True),
        (600_000, {"sequence_len": 100, "extra": {"val_set_size": 0}}, 200, 75, False),
        (0, {}, 0, 1, True),
    ],
)
def test_steps_are_estimated_and_small_data_accumulates_less(
    tmp_path: Path, tokens: int, given: Any, steps: int, accumulated: int, warned: bool
) -> None:
    written, text = facts(tmp_path, tokens, **given)
    assert written.facts == {
        "steps": steps,
        "trained_tokens": tokens,
        "gradient_accumulation_steps": accumulated,
    }
    assert f"# About {steps} optimizer steps" in text
    assert yaml.safe_load(text)["gradient_accumulation_steps"] == accumulated
    assert [note.kind for note in written.notes] == ["few-steps"] * warned
    assert ("# WARNING" in text) is warned


def test_the_warning_names_the_settings_that_make_more(tmp_path: Path) -> None:
    written, text = facts(tmp_path, 10_000, more_data=["repeats", "ways"])
    (note,) = written.notes
    assert "raise `repeats` or `ways`" in note.message
    assert f"# WARNING: {note.message}." in text


@pytest.mark.parametrize("given", [{}, {"test_files": ["x/ev*.jsonl"]}])
def test_files_for_evaluation_stand_apart(tmp_path: Path, given: Any) -> None:
    held = "x/eval.jsonl" if given else "x/held_out_pairs.jsonl"
    files = [entry("x/a.jsonl", "completion"), entry(held, "completion", tokens=9_000_000)]
    text, found = config(tmp_path, *files, path="x/c.yaml", **given)
    assert [d["path"] for d in found["datasets"]] == ["a.jsonl"]
    assert [(d["path"], d["split"]) for d in found["test_datasets"]] == [(held[2:], "train")]
    assert found["val_set_size"] == 0
    assert "1000 tokens" in text


EVERYTHING: list[Any] = [
    (entry("a.jsonl", "completion"), {}),
    (entry("a.json", "segments"), {"stage": "pretrain"}),
    (entry("a.jsonl", "alpaca"), {"wandb_project": "w"}),
    (entry("a.jsonl", "chat"), {"template": "chatml"}),
    (entry("a.jsonl", "sharegpt"), {"template": "atk"}),
    (entry("held_out.jsonl", "sharegpt"), {}),
    (entry("a.jsonl", "chat"), {"hub_model_id": "me/x", "hub_strategy": "every_save"}),
]


@pytest.mark.parametrize(("file", "given"), EVERYTHING)
def test_every_key_fits_the_schema_of_axolotl(tmp_path: Path, file: Any, given: Any) -> None:
    # written by scripts/validate_axolotl.py --write, from axolotl itself
    schema = json.loads(Path(__file__).with_name("axolotl_schema.json").read_text("utf-8"))
    both = [entry("b.jsonl", "completion"), file]
    found = config(tmp_path, *both, **given)[1]
    assert [e.message for e in Draft202012Validator(schema).iter_errors(found)] == []
    assert set(schema["properties"]) == set(KEYS)
    assert Draft202012Validator(schema).is_valid({**found, "sequence_length": 1}) is False
    assert Draft202012Validator(schema).is_valid({**found, "micro_batch_size": "two"}) is False


def test_the_config_is_the_same_each_time(tmp_path: Path) -> None:
    file = entry("a.jsonl", "completion")
    assert config(tmp_path, file)[0] == config(tmp_path, file)[0]
