"""Which key becomes which parameter, and with which value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.augmentoolkit.configs import HOST, config, text
from tests.cli.augmentoolkit.kit import Imported, imported

WRITER, JUDGE = "openai/meta/Writer-70B", "openai/Qwen/Judge"
# (key of the config, its verdict, parameter, value)
FACTUAL: list[tuple[str, str, str, Any]] = [
    ("dataset_context", "carried", "dataset_context", "boats and trees"),
    ("do_not_use_llm_for_pdf_processing", "changed", "pdf_cleaning", False),
    ("path.input_dirs[0].path", "changed", "input_dirs/0/path", "../inputs/boats"),
    (
        "path.input_dirs[0].variation_generation_counts",
        "carried",
        "input_dirs/0/variation_generation_counts",
        4,
    ),
    (
        "path.input_dirs[0].final_system_prompt_additional_context",
        "changed",
        "input_dirs/0/final_system_prompt_additional_context",
        "Speak of {{ context }} like a sailor.",
    ),
    (
        "path.input_dirs[0].factual_gen_subset_size_per_way",
        "carried",
        "input_dirs/0/factual_gen_subset_size_per_way",
        3,
    ),
    ("path.input_dirs[0].rag_use_subset", "carried", "input_dirs/0/rag_use_subset", True),
    ("path.output_dir", "changed", "output_dir", "../outputs/first"),
    ("path.huggingface_cache_dir", "changed", "huggingface_cache_dir", "../cache/huggingface"),
    ("system.remove_system_prompt_ratio", "carried", "remove_system_prompt_ratio", 0.1),
    ("system.cite_sources_at_end", "changed", "cite", "shown"),
    ("system.use_stop", "changed", "use_stop", True),
    ("system.concurrency_limit", "changed", "concurrency_limit", 100),
    (
        "system.what_percent_of_sft_is_pretrain",
        "changed",
        "what_percent_of_sft_is_pretrain",
        None,
    ),
    ("system.num_tokens_pretraining_in_sft", "carried", "num_tokens_pretraining_in_sft", 300),
    (
        "system.shared_instruction",
        "changed",
        "shared_instruction",
        "You know {{ context }}.\nIN CAPITALS: {{ context_uppercase }}. {x}",
    ),
    ("pdf_cleaning.pdf_cleaning_small_model", "changed", "small_model", JUDGE),
    ("pdf_cleaning.pdf_cleaning_chunk_size", "changed", "pdf_cleaning_chunk_size", 4000),
    ("pdf_cleaning.pdf_cleaning_use_stop", "changed", "pdf_cleaning_small/use_stop", True),
    ("factual_sft_settings.factual_large_model", "changed", "large_model", WRITER),
    ("factual_sft_settings.factual_small_base_url", "carried", "api_base", HOST),
    ("factual_sft_settings.factual_small_api_key", "changed", "api_key_env", "DEEPINFRA_API_KEY"),
    (
        "factual_sft_settings.factual_cost_per_million_large_output",
        "carried",
        "large_price_out",
        0.4,
    ),
    ("factual_sft_settings.items_per_conversation", "changed", "items_per_conversation", 3),
    (
        "factual_sft_settings.final_assistant_prompts_no_rag",
        "changed",
        "final_assistant_prompts_no_rag",
        ["Expert on {{ context }}.", "shout {{ context_uppercase }}"],
    ),
    ("rag_data.user_format", "carried", "user_format", "Human: {{user}} **Finished.**\n"),
    (
        "rag_data.final_assistant_prompts",
        "changed",
        "final_assistant_prompts",
        ["Texts:\n{{ data }}\nTopic: {{ context }}", "{{ data }}"],
    ),
    (
        "transform_generic_data.transform_generic_data_large_model",
        "changed",
        "thought_large/model",
        "openai/deepseek-ai/V3",
    ),
    (
        "transform_generic_data.transform_generic_cot_suffix",
        "carried",
        "cot_suffix",
        "\nAnswer:",
    ),
    ("final_datasaving_settings.template", "carried", "template", "chatml"),
    (
        "final_datasaving_settings.template_kwargs.deep.er",
        "carried",
        "template_kwargs/deep/er",
        1,
    ),
    (
        "final_datasaving_settings.generic_dataset_paths[1].path",
        "carried",
        "generic_dataset_paths/1/path",
        "someone/math",
    ),
    ("model_training.context_length", "changed", "context_length", 10000),
    (
        "model_training.other_pretrain_kwargs.num_epochs",
        "carried",
        "other_pretrain_kwargs/num_epochs",
        5,
    ),
    ("model_training.other_finetune_kwargs", "carried", "other_finetune_kwargs", {}),
    ("factual_sft.vague.skip_question_check", "carried", "factual_sft/3/skip_question_check", True),
    (
        "factual_sft.hallucination.not_in_rag_data",
        "carried",
        "factual_sft/1/not_in_rag_data",
        True,
    ),
    ("factual_sft.followup.multi_source", "changed", "factual_sft/4/multi_source", False),
]
LEFT = {
    "model_auto_train.runpod_api_key": "secret",
    "model_auto_train.huggingface_token": "HF_TOKEN",
    "model_auto_train.do_train": "axolotl",
    "model_auto_run.do_run": "llama.cpp",
    "path.models_dir": "no model",
    "system.chunk_size": "ignored",
    "rag_data.rag_small_model": "factual_small",
    "rag_data.rag_skip_filter_chunks": "ignored",
    "pdf_cleaning.pdf_cleaning_large_model": "cleaning",
    "pdf_cleaning.pdf_cleaning_prompts": "atkc init",
    "pipeline": "recipe",
}
SINGLE: list[tuple[str, str, str, Any]] = [
    ("clean", "pdf.do_not_use_llm", "clean", True),
    ("clean", "system.chunk_size", "chunk_size", 3000),
    ("clean", "api.small_model", "small_model", JUDGE),
    ("represent", "variation.variation_generator_count", "variations", 4),
    ("represent", "variation.make_inferred_facts", "inferred_facts", False),
    ("represent", "variation.include_context_in_dataset", "include_context", True),
    ("represent", "variation.code_variation_functions", "code_variation_functions", ["allcaps"]),
    ("represent", "cost.cost_per_million_large_output", "large_price_out", 0.4),
    ("recall-single", "double_check_counter", "votes", 1),
    ("recall-single", "skip.skip_conversation_generation", "conversation", True),
    ("recall-single", "skip.skip_filter_chunks", "filter", True),
    ("recall-single", "skip.skip_question_check", "ways/0/skip_question_check", False),
    ("recall-single", "dialogue.do_not_use_system_prompts", "system_prompts", []),
    ("recall-multi", "cite_sources_at_end", "cite", "shown"),
    ("recall-multi", "dialogue.items_per_conversation", "items_per_conversation", 3),
    ("rag", "rag.skip_filter_chunks", "filter", True),
    ("rag", "rag.rag_failure_percentage", "rag_failure_percentage", 0.4),
    ("rag", "rag.final_assistant_prompts", "final_assistant_prompts", ["Texts: {{ data }}"]),
    ("rag", "rag.bos", "bos", "<s>"),
    ("correct", "path.input_dir", "input_dir", "../inputs/boats"),
    ("think", "cot.cot_preface", "cot_preface", "T:"),
    ("think", "system.subset_size", "subset_size", 2),
    ("think", "system.use_stop", "use_stop", True),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return imported(tmp_path_factory.mktemp("factual"), text("factual"))


@pytest.mark.parametrize(("key", "verdict", "to", "value"), FACTUAL, ids=lambda x: str(x)[:60])
def test_a_key_of_the_complete_config_is_carried(
    whole: Imported, key: str, verdict: str, to: str, value: Any
) -> None:
    assert whole.rows()[key][:2] == (to, verdict)
    assert whole.at(to) == value


@pytest.mark.parametrize("key", LEFT)
def test_a_key_that_is_left_says_why(whole: Imported, key: str) -> None:
    to, verdict, why = whole.rows()[key]
    assert (to, verdict) == ("", "not carried")
    assert LEFT[key] in why


@pytest.mark.parametrize(("kind", "key", "to", "value"), SINGLE)
def test_a_key_of_a_single_pipeline_is_carried(
    tmp_path: Path, kind: str, key: str, to: str, value: Any
) -> None:
    done = imported(tmp_path, text(kind))
    assert done.rows()[key][0] == to
    assert done.at(to) == value


def test_percentages_become_numbers_of_the_sets(whole: Imported) -> None:
    assert [s["percent"] for s in whole.params["generic_dataset_paths"]] == [60, 40]
    key = "final_datasaving_settings.generic_dataset_percentages"
    assert whole.rows()[key][1] == "changed"


def test_global_subsets_go_to_directories_without_their_own(whole: Imported) -> None:
    sizes = [d["correction_subset_size"] for d in whole.params["input_dirs"]]
    assert sizes == [1, 30]


def test_system_prompts_are_carried_where_they_are_used(tmp_path: Path) -> None:
    made = config("recall-single")
    made["dialogue"] |= {
        "do_not_use_system_prompts": False,
        "final_assistant_prompts_no_rag": ["On {context}."],
    }
    done = imported(tmp_path, yaml.safe_dump(made))
    assert done.params["system_prompts"] == ["On {{ context }}."]
    to, verdict, why = done.rows()["dialogue.final_assistant_prompts_no_rag"]
    assert (to, verdict) == ("system_prompts", "changed")
    assert "dataset_context" in why


def test_a_null_that_means_nothing_leaves_the_default(tmp_path: Path) -> None:
    made = config("factual")
    made["model_training"]["wandb_project"] = None
    done = imported(tmp_path, yaml.safe_dump(made))
    assert "wandb_project" not in done.params
    assert done.rows()["model_training.wandb_project"][1] == "not carried"
    assert done.params["what_percent_of_sft_is_pretrain"] is None


def test_a_switch_that_is_no_boolean_is_not_turned(tmp_path: Path) -> None:
    made = config("clean")
    made["pdf"]["do_not_use_llm"] = "maybe"
    done = imported(tmp_path, yaml.safe_dump(made))
    assert "clean" not in done.params
    assert done.rows()["pdf.do_not_use_llm"][1:] == ("not carried", "`maybe` has no meaning here")


@pytest.mark.parametrize("broken", ["{{colour}}", "!!PLACEHOLDER!!", ""])
def test_formats_of_turns_are_carried_together_or_not_at_all(tmp_path: Path, broken: str) -> None:
    made = config("rag")
    made["rag"]["user_format"] = broken
    done = imported(tmp_path, yaml.safe_dump(made))
    assert not {"system_format", "assistant_format", "bos"} & set(done.params)
    assert not done.params.get("user_format")
    assert "one template" in done.rows()["rag.system_format"][2]


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    made = config("clean")
    made["path"]["input_dir"] = "/data/books"
    done = imported(tmp_path, yaml.safe_dump(made))
    assert done.params["input_dir"] == "/data/books"
    assert done.rows()["path.input_dir"] == ("input_dir", "carried", "")


def test_an_unknown_key_is_told_with_its_nearest_neighbour(tmp_path: Path) -> None:
    done = imported(tmp_path, text("clean") + "use_stopp: true\n")
    to, verdict, why = done.rows()["use_stopp"]
    assert (to, verdict) == ("", "not carried")
    assert "no key of this pipeline" in why
    assert "use_stop" in why


def test_sizes_that_a_config_leaves_out_are_noted(tmp_path: Path) -> None:
    made = config("factual")
    del made["final_datasaving_settings"]
    report = imported(tmp_path, yaml.safe_dump(made)).report
    assert "gives no `minimum_generic_sft`" in report
    assert "gives no `factual_chunk_size`" not in report


@pytest.mark.parametrize(
    ("word", "value"), [("yes", True), ("off", False), ("1_000", 1000), ("1e3", "1e3")]
)
def test_values_are_read_as_the_original_reads_them(
    tmp_path: Path, word: str, value: object
) -> None:
    done = imported(tmp_path, text("think").replace("subset_size: 2", f"subset_size: {word}"))
    assert done.params["subset_size"] == value
