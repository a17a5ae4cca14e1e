"""Keys are blotted out of the text, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.cli.augmentoolkit.secret import blotted, is_secret
from tests.cli.augmentoolkit.kit import imported

HIDDEN = {
    "plain": "small_api_key: hunter2\n",
    "quoted": "a:\n  large_api_key: 'hunter2'\n",
    "upper": "RUNPOD_API_KEY: hunter2\n",
    "no space": 'key:\n  api_key: "hunter2" # the hunter2 of us\n',
    "flow": "api: {small_api_key: hunter2, small_model: kept}\n",
    "flow, second": "api: {small_model: kept, large_api_key: hunter2}\n",
    "flow, two": "api: {small_api_key: hunter2, large_api_key: hunter2, x: kept}\n",
    "list": "servers:\n  - api_key: hunter2\n",
    "comment": "# small_api_key: hunter2\n",
    "next line": "huggingface_token:\n  hunter2\nb: kept\n",
    "block": "bot_token: |\n  hunter2\n  hunter2\nb: kept\n",
    "two lines": 'api_key: "hun\n  hunter2"\n',
    "anchor": "api_key: &k hunter2\nb: kept\n",
    "escape": 'api_key: "\\u0068unter2hunter2"\n',
    "shape": "note: take sk-abchunter2hunter2hunter2 of mine\n",
}
KEPT = (
    "num_tokens_pretraining_in_sft: 2000\n",
    "pad_token: <unk>\n",
    "final_answer_str: 'Answer:'\n",
    "small_api_key: !!PLACEHOLDER!!\n",
    "prompt: never tell an api_key to anybody\n",
    "large_api_key: *k\n",
)


@pytest.mark.parametrize("case", HIDDEN)
def test_a_key_is_blotted_out_and_all_else_stays_in_place(case: str) -> None:
    shown = blotted(HIDDEN[case])
    assert "hunter2" not in shown
    assert len(shown) == len(HIDDEN[case])
    assert ("kept" in HIDDEN[case]) == ("kept" in shown)
    assert [len(line) for line in shown.split("\n")] == [
        len(line) for line in HIDDEN[case].split("\n")
    ]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_key_stays(text: str) -> None:
    assert blotted(text) == text


@pytest.mark.parametrize(
    ("name", "secret"),
    [("small_api_key", True), ("wandb_token", True), ("eos_token", False), ("max_tokens", False)],
)
def test_a_secret_is_told_by_its_name(name: str, secret: bool) -> None:
    assert is_secret(name) == secret


def test_a_broken_file_does_not_show_its_keys(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, "a: {small_api_key: hunter2, b: [}\nc: 'hunter2_api_key: x\n")
    printed = capfd.readouterr()
    assert "ATK100" in printed.err
    assert "small_api_key: xxxxxxx" in printed.err


def test_a_key_among_free_settings_is_not_carried(tmp_path: Path) -> None:
    words = "factual_sft: {}\nother_finetune_kwargs: {hub_token: hunter2, num_epochs: 3}\n"
    done = imported(tmp_path, words)
    assert done.params["other_finetune_kwargs"] == {"num_epochs": 3}
    assert done.rows()["other_finetune_kwargs.hub_token"][1] == "not carried"
