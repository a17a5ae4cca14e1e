"""The pipelines whose configs can be read: how each is told, and what its keys are read by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from msgspec import Struct

from atkc.cli.augmentoolkit.absent import absent_sizes
from atkc.cli.augmentoolkit.both import both_models
from atkc.cli.augmentoolkit.draft import Draft
from atkc.cli.augmentoolkit.formats import all_formats
from atkc.cli.augmentoolkit.generic import generic_sets
from atkc.cli.augmentoolkit.leaves import Leaf
from atkc.cli.augmentoolkit.models import Part, models
from atkc.cli.augmentoolkit.recalling import multi_way, single_way
from atkc.cli.augmentoolkit.rules import Table
from atkc.cli.augmentoolkit.subsets import global_subsets
from atkc.cli.augmentoolkit.tables import composition, single
from atkc.cli.augmentoolkit.ways import ways

Group = Callable[[Draft], None]


class Kind(Struct, frozen=True):
    """A pipeline: its names there, the keys that only it has, and what it is here."""

    name: str
    says: str
    aliases: tuple[str, ...]  # the values of `pipeline:`, or the ends of them
    signs: tuple[str, ...]
    recipe: str  # a shipped one, or a spec of ours to be written beside the parameters
    tables: tuple[Table, ...]
    models: tuple[Part, ...]
    groups: tuple[Group, ...] = ()
    required: tuple[str, ...] = ("input_dir",)

    def rules(self) -> Table:
        """Return all tables as one; what is said last counts."""
        return {name: rule for table in self.tables for name, rule in table.items()}

    def settle(self, draft: Draft) -> None:
        """Let the groups settle what they know."""
        models(self.models, draft)
        for group in self.groups:
            group(draft)


FACTUAL = Kind(
    "factual",
    "the complete factual pipeline",
    ("factual_datagen_pipeline", "factual_datagen", "complete_factual_datagen", "complete_factual"),
    ("factual_sft", "input_dirs"),
    "atkc:recipes/factual.yaml",
    composition.SECTIONS,
    composition.MODELS,
    (both_models, ways, generic_sets, global_subsets, all_formats, absent_sizes),
    ("dataset_context", "input_dirs"),
)


def _single(
    name: str,
    says: str,
    aliases: tuple[str, ...],
    signs: tuple[str, ...],
    tables: tuple[Table, ...],
    groups: tuple[Group, ...] = (),
    asked: tuple[Part, ...] = single.MODELS,
) -> Kind:
    own = (single.COMMON, *tables)
    spec = f"{name.partition('-')[0]}.yaml"
    return Kind(name, says, aliases, signs, spec, own, asked, groups)


KINDS = (
    FACTUAL,
    _single(
        "clean",
        "PDF cleaning",
        ("pdf_clean_convert_pipeline", "pdf_clean_and_convert_pipeline", "clean_and_convert_pdf"),
        ("do_not_use_llm",),
        (single.CLEAN,),
        asked=single.CLEAN_MODELS,
    ),
    _single(
        "represent",
        "representation variation",
        ("repvar_pipeline", "representation_variation_pipeline", "representation_variation"),
        ("variation_generator_count", "make_inferred_facts"),
        (single.REPRESENT,),
    ),
    _single(
        "recall-single",
        "single source recall",
        ("factual_gen_indiv_pipeline", "generate_factual_qa_dataset"),
        ("skip_conversation_generation", "double_check_counter", "use_filenames"),
        (single.RECALL, single.RECALL_SINGLE),
        (single_way,),
    ),
    _single(
        "recall-multi",
        "multi source recall",
        ("recall_multi_source_pipeline", "generate_multi_source_dataset"),
        ("cite_sources_at_end", "conversation_instructions"),
        (single.RECALL,),
        (multi_way,),
    ),
    _single(
        "rag",
        "RAG data",
        ("rag_data_pipeline",),
        ("rag_max_chunks", "num_items_per_group"),
        (single.RAG,),
        (all_formats,),
    ),
    _single(
        "correct",
        "corrections",
        ("correction_pipeline", "corrections_pipeline", "corrections"),
        ("prompt_template",),
        (single.CORRECT,),
    ),
    _single(
        "think",
        "thought addition (generic data rephrase)",
        ("generic_data_rephrase_pipeline", "transform_generic_data_pipeline"),
        ("cot_preface", "cot_suffix"),
        (single.THINK,),
        asked=single.THINK_MODELS,
    ),
)

# What is no pipeline here, by a word in `pipeline:` or a key that only it has.
OTHERS = {
    "a classifier": ("classifier", "required_accuracy", "model_path"),
    "RPToolkit": ("rptoolkit", "generate_archetype", "to_include_features"),
    "GRPO training": ("grpo", "lora_rank", "training_parameters"),
    "a server": ("server", "gguf_model_path", "llama_path"),
    "a Discord bot": ("discord", "bot_token", "allow_dms"),
    "meta data generation": ("meta_datagen", "pipelines_to_run"),
    "a list of pipelines": ("super_config", "pipeline_order"),
}


def kind_of(leaves: Iterable[Leaf]) -> Kind | None:
    """Return the kind of a config by its `pipeline:`, else by keys that only one kind has."""
    names = [part for leaf in leaves for part in leaf.place if isinstance(part, str)]
    said = _word(next((leaf.value for leaf in leaves if leaf.name == "pipeline"), ""))
    for kind in KINDS:
        if said in kind.aliases:
            return kind
    if other(leaves) is not None:
        return None
    return next((kind for kind in KINDS if set(kind.signs) & set(names)), None)


def other(leaves: Iterable[Leaf]) -> str | None:
    """Return what else of the original a config is for, None where that cannot be told."""
    names = {part for leaf in leaves for part in leaf.place if isinstance(part, str)}
    said = _word(next((leaf.value for leaf in leaves if leaf.name == "pipeline"), ""))
    for what, (word, *signs) in OTHERS.items():
        if word in said or names & set(signs):
            return what
    return None


def _word(value: object) -> str:
    """Return the last part of the name of a pipeline, words joined by `_`."""
    return re.sub(r"[-\s]", "_", re.split(r"[./:]", str(value))[-1]).lower()
