"""`!!PLACEHOLDER!!` anywhere in a config: read, placed, and never run by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.cli import codes
from tests.cli.augmentoolkit.kit import imported

CONFIG = """\
pipeline: factual-datagen-pipeline
path:
  input_dirs:
    - path: !!PLACEHOLDER!!
      variation_generation_counts: 4
  output_dir: !!PLACEHOLDER!! # !!ATTENTION!! where files go
factual_sft_settings:
  factual_small_model: judge
  factual_large_model: !!PLACEHOLDER!!
  factual_small_base_url: https://api.openai.com/v1
  factual_large_base_url: !!PLACEHOLDER!!
  factual_small_api_key: !!PLACEHOLDER!!
  final_assistant_prompts_no_rag: [!!PLACEHOLDER!!, Be kind.]
factual_sft: {openended: {prompts: openended}}
dataset_context: "all of !!PLACEHOLDER!!"
model_training:
  finetune_hub_model_id: !!PLACEHOLDER!!/tuned
"""
# Where a value is wanted: line, column, key
WANTED = [
    (4, 13, "path.input_dirs[0].path"),
    (6, 15, "path.output_dir"),
    (9, 24, "factual_sft_settings.factual_large_model"),
    (11, 27, "factual_sft_settings.factual_large_base_url"),
    (13, 36, "factual_sft_settings.final_assistant_prompts_no_rag"),
    (15, 26, "dataset_context"),
    (17, 26, "model_training.finetune_hub_model_id"),
]


def test_each_placeholder_is_told_with_line_and_column(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = imported(tmp_path, CONFIG)
    printed = capfd.readouterr()
    assert done.code == codes.COMPLETE
    for line, col, key in WANTED:
        assert f":{line}:{col}: warning[ATK042]: `{key}` is not filled in" in printed.err
        assert f"in `{key}` (line {line}, column {col})" in done.report
    assert printed.err.count("ATK042") == len(WANTED)
    assert "8 placeholders" in printed.out


def test_a_placeholder_for_a_key_is_told_by_the_report(tmp_path: Path) -> None:
    assert (
        "factual_small_api_key` (line 12, column 26): a secret" in imported(tmp_path, CONFIG).report
    )


def test_a_mark_in_a_comment_is_listed(tmp_path: Path) -> None:
    assert (
        "* line 6: `output_dir: !!PLACEHOLDER!! # !!ATTENTION!! where files go`"
        in imported(tmp_path, CONFIG).report.partition("## Marks in comments")[2]
    )


def test_what_must_be_filled_in_stops_a_run(tmp_path: Path) -> None:
    done = imported(tmp_path, CONFIG)
    params = done.params
    assert params["dataset_context"] is params["large_model"] is None
    assert params["input_dirs"][0]["path"] is params["factual_large"]["api_base"] is None
    found = {d.message.partition("`")[2].partition("`")[0] for d in done.compiled().diagnostics}
    assert {
        "dataset_context",
        "large_model",
        "input_dirs/0/path",
        "factual_large/api_base",
    } <= found


def test_what_need_not_be_filled_in_is_left_to_its_default(tmp_path: Path) -> None:
    params = imported(tmp_path, CONFIG).params
    assert not {"output_dir", "finetune_hub_model_id", "final_assistant_prompts_no_rag"} & set(
        params
    )


def test_no_mark_is_written_as_a_value(tmp_path: Path) -> None:
    done = imported(tmp_path, CONFIG)
    assert "!!" not in (done.folder / "params.yaml").read_text("utf-8")


def test_a_config_without_a_model_gets_none_that_runs(tmp_path: Path) -> None:
    params = imported(tmp_path, "factual_sft: {}\n").params
    assert params["small_model"] is params["large_model"] is params["input_dirs"] is None
