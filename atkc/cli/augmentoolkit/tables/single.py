"""The configs of pipelines that stand alone."""

from __future__ import annotations

from atkc.cli.augmentoolkit.models import Part
from atkc.cli.augmentoolkit.rules import (
    Table,
    drop,
    keep,
    negated,
    path,
    prompt,
    template,
    turn_format,
)
from atkc.cli.augmentoolkit.tables.composition import CONTEXT, FILE, META, OURS

_UNUSED = "the original does not read it"
_NOTHING_PUSHED = "outputs are files; nothing is pushed"
_NOTHING_FETCHED = "documents are read from `input_dir`; nothing is downloaded"
_TWIN = "conversations under retrieved texts are those of `recipes/factual/rag.yaml`"
_PROGRAM = "an argument of a program, not a setting"

COMMON: Table = {
    "pipeline": FILE["pipeline"],
    "no_flatten": FILE["no_flatten"],
    "input_dir": path("input_dir", required=True),
    "output_dir": path("output_dir"),
    "prompts": drop(OURS),
    "default_prompts": drop(OURS),
    "chunk_size": keep(),
    "concurrency_limit": keep(why="calls at one endpoint, whatever step makes them"),
    "use_subset": keep(),
    "subset_size": keep(),
    "completion_mode": keep(),
    "use_stop": keep(why="the texts sent are those of the parameter `stop`"),
    "seed": drop("the seed of a run is a key of the spec"),
    "use_min_p": drop(_UNUSED),
    "keep_system_prompt": drop(_UNUSED),
    "read_files_manually": drop(_PROGRAM),
    "texts_passed_in": drop(_PROGRAM),
    "text_chunks_passed_in": drop(_PROGRAM),
    "chunking_output_dir": drop(_PROGRAM),
    "task_id": drop(_PROGRAM),
    **META,
}

CLEAN: Table = {
    "do_not_use_llm": negated("clean"),
}

REPRESENT: Table = {
    "variation_generator_count": keep("variations"),
    "make_inferred_facts": keep(
        "inferred_facts", why="texts without inferred facts are made as well"
    ),
    "dataset_context": keep(),
    "include_context_in_dataset": keep("include_context"),
    "code_variation_functions": keep(),
    "additional_dataset_context": drop("put it into `dataset_context`"),
}

RECALL: Table = {
    "hub_path": drop(_NOTHING_PUSHED),
    "private": drop(_NOTHING_PUSHED),
    "push_to_hub": drop(_NOTHING_PUSHED),
    "use_gutenberg": drop(_NOTHING_FETCHED),
    "start_url": drop(_NOTHING_FETCHED),
    "max_books": drop(_NOTHING_FETCHED),
    "max_failures": drop(_NOTHING_FETCHED),
    "conversation_instructions": drop("the original never sends them to a model"),
    "final_assistant_prompts_rag": drop(_TWIN),
    "rag_failure_percentage": drop(_TWIN),
    "items_per_conversation": keep(),
    "phase_index": drop(_UNUSED),
    "work_in_phases": drop(_UNUSED),
    "cleanup_embedding_dir": drop("neighbours are found without an index on disk"),
    "uncap_retrieved_doc_length": drop("related passages are bounded in tokens, not cut"),
}

RECALL_SINGLE: Table = {
    "skip_filter_chunks": negated("filter", "the original ignored it"),
    "skip_conversation_generation": negated("conversation"),
    "double_check_counter": keep("votes"),
    "use_filenames": drop("sources are always told"),
}

RAG: Table = {
    "skip_filter_chunks": negated("filter"),
    "rag_failure_percentage": keep(),
    "rag_max_chunks": keep(),
    "final_assistant_prompts": prompt("final_assistant_prompts", "data", *CONTEXT),
    "user_format": turn_format("user"),
    "system_format": turn_format("system"),
    "assistant_format": turn_format("assistant"),
    "bos": keep(),
    "num_items_per_group": keep(),
}

CORRECT: Table = {"prompt_template": template("template", bos="<s>")}

THINK: Table = {"cot_preface": keep(), "cot_suffix": keep()}


def _models(unused: str = "", why: str = "") -> tuple[Part, ...]:
    return tuple(
        Part(role, role, "{role}", "cost_per_million_{role}", why if role == unused else "")
        for role in ("small", "large")
    )


MODELS = _models()
CLEAN_MODELS = _models("large", "nothing asks the large model for cleaning")
THINK_MODELS = _models("small", "nothing asks a small model for thoughts")
