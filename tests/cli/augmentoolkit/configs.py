"""Configs in the shape of the original: its keys and defaults, and texts of our own."""

from __future__ import annotations

import copy
from typing import Any

import yaml

HOST = "https://api.deepinfra.com/v1/openai"
SECRET = "verysecret0123456789"
LOCAL_SETS = [{"file": "atkc:examples/generic/chat.jsonl", "percent": 3}]


def _side(prefix: str, role: str, model: str) -> dict[str, Any]:
    lead = f"{prefix}_" if prefix else ""
    return {
        f"{lead}{role}_model": model,
        f"{lead}{role}_mode": "api",
        f"{lead}{role}_base_url": HOST,
        f"{lead}{role}_api_key": f"{SECRET}-{lead}{role}",
    }


def _models(prefix: str = "") -> dict[str, Any]:
    return _side(prefix, "small", "Qwen/Judge") | _side(prefix, "large", "meta/Writer-70B")


def _prices(stem: str, ends: tuple[str, str] = ("input", "output")) -> dict[str, Any]:
    names = [f"{stem}_{role}_{end}" for role in ("small", "large") for end in ends]
    return dict(zip(names, (0.15, 0.20, 0.23, 0.40), strict=True))


def _way(name: str, **more: Any) -> dict[str, Any]:
    return {
        "prompts": f"prompt_overrides/{name}",
        "default_prompts": "prompts",
        "single_turn": name != "followup",
        "skip_question_check": True,
        "skip_answer_relevancy_check": True,
        "skip_answer_accuracy_check": True,
        "skip_repair_qa_tuples": True,
        "multi_source": True,
        **more,
    }


def factual() -> dict[str, Any]:
    """Return a complete factual config with every section."""
    return {
        "pipeline": "factual-datagen-pipeline",
        "no_flatten": ["factual_sft", "template_kwargs", "generic_dataset_paths", "input_dirs"],
        "model_auto_train": {
            "do_train": True,
            "runpod_api_key": f"{SECRET}-runpod",
            "huggingface_token": f"{SECRET}-hf",
            "wandb_api_key": f"{SECRET}-wandb",
            "pod_id": None,
        },
        "model_auto_run": {"do_run": True, "cache_dir": "./cache", "server_type": "normal"},
        "path": {
            "input_dirs": [
                {
                    "path": "./inputs/boats",
                    "variation_generation_counts": 4,
                    "final_system_prompt_additional_context": "Speak of {context} like a sailor.",
                    "factual_gen_subset_size_per_way": 3,
                    "factual_gen_use_subset": True,
                    "rag_subset_size": 2,
                    "rag_use_subset": True,
                    "correction_subset_size": 1,
                    "correction_use_subset": True,
                },
                {"path": "./inputs/trees", "variation_generation_counts": 1},
            ],
            "output_dir": "./outputs/first",
            "models_dir": "./models/",
            "huggingface_cache_dir": "./cache/huggingface",
        },
        "system": {
            "number_of_factual_sft_generations_to_do": 2,
            "remove_system_prompt_ratio": 0.1,
            "remove_thought_process_ratio": 0.3,
            "remove_thought_process_prompt": "No thoughts, please.",
            "final_answer_str": "Answer:",
            "generic_thought_process_on_domain_data": True,
            "cite_sources_at_end": True,
            "completion_mode": False,
            "concurrency_limit": 100,
            "use_stop": True,
            "subset_size": 30,
            "use_subset": False,
            "chunk_size": 4000,
            "what_percent_of_sft_is_pretrain": None,
            "num_tokens_pretraining_in_sft": 300,
            "shared_instruction": "You know {context}.\nIN CAPITALS: {context_uppercase}. {x}",
        },
        "pdf_cleaning": {
            "pdf_cleaning_chunk_size": 4000,
            **_models("pdf_cleaning"),
            "pdf_cleaning_use_stop": True,
            **_prices("pdf_cleaning_cost"),
            "pdf_cleaning_prompts": "prompts",
            "pdf_cleaning_default_prompts": "prompts",
        },
        "representation_variation": {
            "representation_variation_chunk_size": 4000,
            **_models("representation_variation"),
            **_prices("representation_variation_cost"),
            "representation_variation_use_stop": True,
            "representation_variation_prompts": "prompts",
            "representation_variation_default_prompts": "prompts",
            "representation_variation_prompts_inferred": "prompts_inferred_facts",
            "representation_variation_default_prompts_inferred": "prompts_inferred_facts",
            "code_variation_functions": ["keyboard_augmentation"],
        },
        "factual_sft": {
            "openended": _way("openended"),
            "hallucination": _way("hallucination", not_in_rag_data=True),
            "negative": _way("negative", skip_question_check=False),
            "vague": _way("vague"),
            "followup": _way("followup"),
        },
        "factual_sft_settings": {
            "factual_use_stop": True,
            "factual_chunk_size": 3000,
            "factual_completion_mode": False,
            **_models("factual"),
            **_prices("factual_cost_per_million"),
            "final_assistant_prompts_no_rag": ["Expert on {context}.", "shout {context_uppercase}"],
            "items_per_conversation": 3,
            "combine_sharegpt_target_pairs": 5,
        },
        "dataset_context": "boats and trees",
        "rag_data": {
            "rag_failure_percentage": 0.5,
            "rag_max_chunks": 3,
            "user_format": "Human: {{user}} **Finished.**\n",
            "system_format": "Instruction: {{system}} **Finished.**\n",
            "assistant_format": "AI: {{assistant}} **Finished.**\n",
            "bos": "<s>",
            "final_assistant_prompts": ["Texts:\n{data}\nTopic: {context}", "{data}"],
            "num_items_per_group": 3,
            "rag_skip_filter_chunks": False,
            **_models("rag"),
            **_prices("rag_cost_per_million"),
            "rag_use_stop": True,
            "rag_prompts": "prompts",
            "rag_default_prompts": "prompts",
        },
        "transform_generic_data": {
            "transform_generic_data_use_stop": True,
            **_side("transform_generic_data", "small", "deepseek-ai/V3"),
            **_side("transform_generic_data", "large", "deepseek-ai/V3"),
            "transform_generic_cot_preface": "Thought Process:",
            "transform_generic_cot_suffix": "\nAnswer:",
            "transform_generic_prompts": "prompts",
            **_prices("transform_generic_data_cost_per_million"),
        },
        "correction_pipeline": {
            "correction_use_subset": True,
            "correction_subset_size": 30,
            "correction_chunk_size": 4000,
            **_models("correction"),
            **_prices("correction_cost"),
            "correction_prompt_template": (
                "{% for message in messages %}{% if message['role'] == 'user' %}Human: "
                "{{ message['content'] }}\n{% elif message.role == 'assistant' %}AI: "
                "{{ message.content }}\n{% else %}{{ message.content }}\n{% endif %}{% endfor %}"
            ),
            "correction_use_stop": True,
            "correction_completion_mode": False,
            "correction_prompts": "prompts",
            "correction_default_prompts": "prompts",
        },
        "final_datasaving_settings": {
            "template": "chatml",
            "template_kwargs": {"tone": "calm", "deep": {"er": 1}},
            "generic_dataset_paths": [
                {
                    "path": "someone/chat",
                    "context_to_add": "Play a part.",
                    "context_to_add_type": "human",
                },
                {"path": "someone/math", "context_to_add": "", "context_to_add_type": "none"},
            ],
            "generic_dataset_percentages": [60, 40],
            "max_samples_per_dataset": 100000,
            "minimum_generic_sft": 2000000,
        },
        "model_training": {
            "base_model": "someone/base-7b",
            "pretrain_hub_model_id": "me/pretrained",
            "pretrain_hub_strategy": "all_checkpoints",
            "finetune_hub_model_id": "me/tuned",
            "finetune_hub_strategy": "all_checkpoints",
            "context_length": 10000,
            "wandb_project": "boats",
            "is_mistral_derived_model": True,
            "other_pretrain_kwargs": {"num_epochs": 5},
            "other_finetune_kwargs": {},
        },
        "do_not_use_llm_for_pdf_processing": True,
    }


def _single(pipeline: str, **more: Any) -> dict[str, Any]:
    return {
        "pipeline": pipeline,
        "path": {
            "input_dir": "./inputs/boats",
            "output_dir": "./outputs/one",
            "prompts": "prompts",
            "default_prompts": "prompts",
        },
        "api": _models(),
        "system": {
            "chunk_size": 3000,
            "concurrency_limit": 50,
            "use_subset": True,
            "subset_size": 2,
            "completion_mode": False,
            "use_stop": True,
        },
        "cost": _prices("cost_per_million"),
        "meta_datagen": {
            "do_meta_datagen": False,
            "meta_datagen_keys": [],
            "meta_datagen_extras": None,
        },
        **more,
    }


_RECALL = {
    "huggingface": {"hub_path": "me/set", "private": False, "push_to_hub": False},
    "scraping": {"use_gutenberg": False, "start_url": "x", "max_books": 5, "max_failures": 5},
    "dialogue": {
        "conversation_instructions": "Be kind.",
        "do_not_use_system_prompts": True,
        "final_assistant_prompts_no_rag": ["You answer well."],
        "final_assistant_prompts_rag": ["See {data}"],
        "rag_failure_percentage": 0.1,
        "items_per_conversation": 3,
    },
    "phase": {"phase_index": 3, "work_in_phases": False},
}
_FORMATS = {
    "system_format": "S: {{system}}\n",
    "user_format": "U: {{user}}\n",
    "assistant_format": "A: {{assistant}}\n",
    "bos": "<s>",
}
_SKIPPED = (
    *("skip_answer_relevancy_check", "skip_repair_qa_tuples", "skip_filter_chunks"),
    *("skip_question_check", "skip_conversation_generation", "skip_answer_accuracy_check"),
)
_SINGLES: dict[str, dict[str, Any]] = {
    "clean": _single("pdf-clean-convert-pipeline", pdf={"do_not_use_llm": False}),
    "represent": _single(
        "repvar-pipeline",
        variation={
            "variation_generator_count": 4,
            "make_inferred_facts": False,
            "dataset_context": "boats",
            "include_context_in_dataset": True,
            "code_variation_functions": ["allcaps"],
            "additional_dataset_context": "",
            "use_min_p": False,
            "keep_system_prompt": False,
        },
    ),
    "recall-single": _single(
        "factual-gen-indiv-pipeline",
        **_RECALL,
        skip=dict.fromkeys(_SKIPPED, False),
        double_check_counter=1,
        use_filenames=True,
    ),
    "recall-multi": _single("recall-multi-source-pipeline", **_RECALL, cite_sources_at_end=True),
    "rag": _single(
        "rag-data-pipeline",
        rag={
            "skip_filter_chunks": False,
            "rag_failure_percentage": 0.4,
            "rag_max_chunks": 3,
            "final_assistant_prompts": ["Texts: {data}"],
            **_FORMATS,
            "num_items_per_group": 3,
        },
    ),
    "correct": _single(
        "correction-pipeline",
        prompt_template=(
            "{{ bos_token }}{% for message in messages %}{{ message.role }}: "
            "{{ message.content }}\n{% endfor %}"
        ),
        use_min_p=False,
    ),
    "think": _single(
        "generic-data-rephrase-pipeline", cot={"cot_preface": "T:", "cot_suffix": "A:"}
    ),
}
del _SINGLES["think"]["system"]["chunk_size"]
KINDS = ("factual", *_SINGLES)


def config(kind: str) -> dict[str, Any]:
    """Return a config of a kind."""
    return factual() if kind == "factual" else copy.deepcopy(_SINGLES[kind])


def text(kind: str) -> str:
    """Return a config of a kind as its file."""
    return yaml.safe_dump(config(kind), sort_keys=False)
