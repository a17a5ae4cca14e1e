"""The complete factual config, section by section."""

from __future__ import annotations

from atkc.cli.augmentoolkit.models import Part
from atkc.cli.augmentoolkit.rules import (
    IGNORED,
    Table,
    chosen,
    drop,
    exported,
    inside,
    keep,
    negated,
    path,
    prompt,
    template,
    turn_format,
)

CONTEXT = ("context_uppercase", "context_lowercase", "context")
OURS = "prompts are files of the recipe: `atkc init --from factual` copies them to be changed"
_TRAINS = "training is run with axolotl, on the configs that a run writes"
_STOPS = "the texts sent are those of the parameter `stop`"
_NO_META = "no data is made for training a data generator"

FILE: Table = {
    "pipeline": drop("it says what the config is for; here the recipe does"),
    "no_flatten": drop("sections are no part of a name here"),
    "factual_sft": drop("it holds no way of asking: those of the recipe count"),
    "input_dirs": drop("it holds no mappings with a `path`"),
    "dataset_context": keep("dataset_context", required=True),
    "do_not_use_llm_for_pdf_processing": negated("pdf_cleaning"),
}

MODEL_AUTO_TRAIN: Table = {
    "do_train": drop(_TRAINS),
    "runpod_api_key": drop(f"a secret, and no machine is hired: {_TRAINS}"),
    "huggingface_token": exported("HF_TOKEN", "datasets and axolotl read it from the variable"),
    "wandb_api_key": exported("WANDB_API_KEY", "axolotl reads it from the variable"),
    "pod_id": drop(f"no machine is hired: {_TRAINS}"),
}

MODEL_AUTO_RUN: Table = {
    "do_run": drop("a trained model is served by llama.cpp, vLLM or Ollama"),
    "cache_dir": drop("it is for models to be served; replies are kept where `--cache` says"),
    "server_type": drop("a trained model is served by llama.cpp, vLLM or Ollama"),
}

PATH: Table = {
    "input_dirs[].path": path("input_dirs/#/path", required=True),
    "input_dirs[].variation_generation_counts": keep("input_dirs/#/variation_generation_counts"),
    "input_dirs[].final_system_prompt_additional_context": prompt(
        "input_dirs/#/final_system_prompt_additional_context", *CONTEXT
    ),
    "input_dirs[].factual_gen_subset_size_per_way": keep(
        "input_dirs/#/factual_gen_subset_size_per_way"
    ),
    "input_dirs[].factual_gen_use_subset": keep("input_dirs/#/factual_gen_use_subset"),
    "input_dirs[].rag_subset_size": keep("input_dirs/#/rag_subset_size"),
    "input_dirs[].rag_use_subset": keep("input_dirs/#/rag_use_subset"),
    "input_dirs[].correction_subset_size": keep("input_dirs/#/correction_subset_size"),
    "input_dirs[].correction_use_subset": keep("input_dirs/#/correction_use_subset"),
    "output_dir": path("output_dir"),
    "models_dir": drop("no model is downloaded or converted"),
    "huggingface_cache_dir": path("huggingface_cache_dir"),
}

SYSTEM: Table = {
    "number_of_factual_sft_generations_to_do": keep(),
    "remove_system_prompt_ratio": keep(),
    "remove_thought_process_ratio": keep(),
    "remove_thought_process_prompt": keep(),
    "final_answer_str": keep(),
    "generic_thought_process_on_domain_data": keep(),
    "cite_sources_at_end": chosen(
        "cite", {True: "shown", False: "none"}, "`shown` lists what was shown; `own` is new"
    ),
    "completion_mode": keep(),
    "concurrency_limit": keep(why="calls at one endpoint, whatever step makes them"),
    "use_stop": keep(why=f"{IGNORED}, and {_STOPS}"),
    "subset_size": keep(),
    "use_subset": keep(),
    "chunk_size": drop("the original ignored it, and each part has its own size"),
    "what_percent_of_sft_is_pretrain": keep(
        why="a share of the whole fine-tuning set", nullable=True
    ),
    "num_tokens_pretraining_in_sft": keep(nullable=True),
    "shared_instruction": prompt("shared_instruction", *CONTEXT),
}

PDF_CLEANING: Table = {
    "pdf_cleaning_chunk_size": keep(why=IGNORED),
    "pdf_cleaning_use_stop": keep("pdf_cleaning_small/use_stop", why=_STOPS),
    "pdf_cleaning_prompts": drop(OURS),
    "pdf_cleaning_default_prompts": drop(OURS),
}

REPRESENTATION_VARIATION: Table = {
    "representation_variation_chunk_size": keep(),
    "representation_variation_prompts": drop(OURS),
    "representation_variation_default_prompts": drop(OURS),
    "representation_variation_prompts_inferred": drop(OURS),
    "representation_variation_default_prompts_inferred": drop(OURS),
    "code_variation_functions": keep(),
}

FACTUAL_SFT_SETTINGS: Table = {
    "factual_chunk_size": keep(),
    "final_assistant_prompts_no_rag": prompt("final_assistant_prompts_no_rag", *CONTEXT),
    "items_per_conversation": keep(why=f"{IGNORED}: it put 1 into each"),
    "combine_sharegpt_target_pairs": keep(),
}

RAG_DATA: Table = {
    "rag_failure_percentage": keep(),
    "rag_max_chunks": keep(),
    "user_format": turn_format("user"),
    "system_format": turn_format("system"),
    "assistant_format": turn_format("assistant"),
    "bos": keep(),
    "final_assistant_prompts": prompt("final_assistant_prompts", "data", *CONTEXT),
    "num_items_per_group": keep(),
    "rag_skip_filter_chunks": drop("a chunk is judged once for all parts; the original ignored it"),
    "rag_use_stop": keep("rag_large/use_stop", why=_STOPS),
    "rag_prompts": drop(OURS),
    "rag_default_prompts": drop(OURS),
}

TRANSFORM_GENERIC_DATA: Table = {
    "transform_generic_data_use_stop": keep("thought_large/use_stop", why=_STOPS),
    "transform_generic_cot_preface": keep("cot_preface"),
    "transform_generic_cot_suffix": keep("cot_suffix"),
    "transform_generic_prompts": drop(OURS),
}

CORRECTION_PIPELINE: Table = {
    "correction_chunk_size": keep(),
    "correction_prompt_template": template("correction_prompt_template", bos="<s>"),
    "correction_prompts": drop(OURS),
    "correction_default_prompts": drop(OURS),
}

FINAL_DATASAVING_SETTINGS: Table = {
    "template": template("template"),
    "template_kwargs": inside("template_kwargs"),
    "template_kwargs.*": inside("template_kwargs"),
    "max_samples_per_dataset": keep(nullable=True),
    "minimum_generic_sft": keep(),
}

MODEL_TRAINING: Table = {
    "base_model": keep(),
    "pretrain_hub_model_id": keep(),
    "pretrain_hub_strategy": keep(),
    "finetune_hub_model_id": keep(),
    "finetune_hub_strategy": keep(),
    "context_length": keep(why="the length of a training sequence; the original trains with 5000"),
    "wandb_project": keep(),
    "is_mistral_derived_model": keep(why="the original ignored it"),
    "other_pretrain_kwargs": inside("other_pretrain_kwargs"),
    "other_pretrain_kwargs.*": inside("other_pretrain_kwargs"),
    "other_finetune_kwargs": inside("other_finetune_kwargs"),
    "other_finetune_kwargs.*": inside("other_finetune_kwargs"),
}

META: Table = {
    "do_meta_datagen": drop(_NO_META),
    "meta_datagen_keys": drop(_NO_META),
    "meta_datagen_extras": drop(_NO_META),
}

SECTIONS = (
    *(FILE, MODEL_AUTO_TRAIN, MODEL_AUTO_RUN, PATH, SYSTEM, PDF_CLEANING),
    *(REPRESENTATION_VARIATION, FACTUAL_SFT_SETTINGS, RAG_DATA, TRANSFORM_GENERIC_DATA),
    *(CORRECTION_PIPELINE, FINAL_DATASAVING_SETTINGS, MODEL_TRAINING, META),
)

# Keys of one part that hold for both of its models here.
BOTH = {
    "representation_variation_use_stop": ("representation_variation", "use_stop", _STOPS),
    "factual_use_stop": ("factual", "use_stop", f"{IGNORED}, and {_STOPS}"),
    "factual_completion_mode": ("factual", "completion_mode", IGNORED),
    "correction_use_stop": ("correction", "use_stop", _STOPS),
    "correction_completion_mode": ("correction", "completion_mode", ""),
}

_NO_LARGE = "nothing asks the large model for cleaning"
_JUDGED = "the chunks are those of `factual_small`'s judge"
_NO_SMALL = "nothing asks a small model for thoughts"
_PER_MILLION = "_cost_per_million_{role}"
_PDF, _REPVAR, _FACTUAL = "pdf_cleaning", "representation_variation", "factual"
_RAG, _THOUGHT, _CORRECTION = "rag", "transform_generic_data", "correction"


def _part(section: str, role: str, costs: str, to: str, unused: str = "") -> Part:
    return Part(to, role, section + "_{role}", section + costs, unused)


MODELS = (
    _part(_FACTUAL, "small", _PER_MILLION, "factual_small"),
    _part(_FACTUAL, "large", _PER_MILLION, "factual_large"),
    _part(_PDF, "small", "_cost_{role}", "pdf_cleaning_small"),
    _part(_PDF, "large", "_cost_{role}", "", _NO_LARGE),
    _part(_REPVAR, "small", "_cost_{role}", "representation_variation_small"),
    _part(_REPVAR, "large", "_cost_{role}", "representation_variation_large"),
    _part(_RAG, "small", _PER_MILLION, "", _JUDGED),
    _part(_RAG, "large", _PER_MILLION, "rag_large"),
    _part(_THOUGHT, "small", _PER_MILLION, "", _NO_SMALL),
    _part(_THOUGHT, "large", _PER_MILLION, "thought_large"),
    _part(_CORRECTION, "small", "_cost_{role}", "correction_small"),
    _part(_CORRECTION, "large", "_cost_{role}", "correction_large"),
)
