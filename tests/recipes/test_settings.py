"""Every setting of the factual recipe: its other value, and what the plan then does otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from atkc.compiler.plan import ExportOp, Plan
from tests.recipes.looks import Flip, Look, const, each, file, knows, nodes, option
from tests.recipes.planned import (
    RECIPES,
    ballots,
    before,
    has,
    judge,
    model,
    node,
    options,
    planned,
    taken,
)

DIR = {"path": "docs"}
BASE: dict[str, Any] = {"input_dirs": [DIR], "factual_sft": [{"name": "openended"}]}
WAY = "recall/docs.asked/openended/0"
CHECKS = ("pair_check", "question_check", "relevancy", "accuracy")
SMALL = {
    "pdf_cleaning_small": "cleaned/docs.cleaned",
    "representation_variation_small": "represented/docs.atomic",
    "factual_small": f"{WAY}.pair_check",
    "correction_small": "corrected/docs.confirmed",
}
LARGE = {
    "representation_variation_large": "represented/docs.rewritten",
    "factual_large": f"{WAY}.ask",
    "thought_large": "thoughtful.thought",
    "rag_large": "retrieved/docs.dialogue",
    "correction_large": "corrected/docs.mistaken",
}
ASKING = (*SMALL.values(), *LARGE.values())
# Where chunks enter each part.
PARTS = ("represented/docs.originals", f"{WAY}.ask", "retrieved/docs.dialogue",
         "corrected/docs.mistaken")  # fmt: skip
GENERIC, SHARE = "mixed.generic_text/chat", "mixed.generic_share/chat.unlabelled"
RENDERED = (
    ("domain_text", "chat.render"),
    (GENERIC, "chat.render"),
    ("retrieved/docs.masked", "chat.segments"),
    ("corrected/docs.masked", "chat.segments"),
)


def the_models(look: Callable[[Any], Any], *nodes: str) -> Look:
    """What the models that these nodes ask have in common; all of them, if none is named."""

    def found(plan: Plan) -> Any:
        seen = [look(model(plan, n)) for n in nodes or ASKING]
        return seen[0] if all(one == seen[0] for one in seen) else seen

    return found


def sizes(look: Callable[[Any], Any]) -> Look:
    """The same of small models and of large ones."""
    small, large = the_models(look, *SMALL.values()), the_models(look, *LARGE.values())
    return lambda plan: (small(plan), large(plan))


def configs(name: str) -> Look:
    """An option of both training configs."""
    return each(option("pretrain_config", name), option("sft_config", name))


def chunk_tokens(id_: str) -> Look:
    """Tokens of the chunks that a node reads."""
    return option(id_, "max_tokens", "text.chunk")


def chunks_by(id_: str, step: str, name: str) -> Look:
    """An option of the step of this name by which chunks went before a node reads them."""

    def found(plan: Plan) -> Any:
        passed = (n.id for n in before(plan, id_) if n.id.endswith(f"passages/docs.{step}"))
        return next((options(plan, by)[name] for by in passed), None)

    return found


def takes(plan: Plan) -> list[int | None]:
    """How many chunks each part gets."""
    return [taken(plan, part) for part in PARTS]


def generations(plan: Plan) -> list[str]:
    """The generations of which there are files."""
    op = node(plan, "domain_file").op
    assert isinstance(op, ExportOp)
    return op.values


def read(plan: Plan, reader: str) -> list[str]:
    """The paths that a step reads, by the beginning of its name."""
    return [options(plan, n.id)["path"] for n in plan.nodes if n.id.startswith(f"{reader}/")]


SHARED = ("instructed", GENERIC, "corrected/docs.talks", "retrieved/docs.focused")
FREE = "atkc/extractive"
STOP = ["<|im_end|>", "<|eot_id|>", "</s>"]
TESTS = ["t.jsonl", "t.txt"]
HELD_WAY = "held_recall.asked/openended/0"
RECALLS = ("recall/docs", "held_recall")
PARTED = ("parted.parts", "held_passages.kept", "held_recall.dressed", "held_file")
HELD = {"held_out_share": 0.25}
HUB = {"generic_dataset_paths": [{"path": "a/b", "percent": 3}]}
FLIPS: dict[str, Flip] = {
    # ---- models
    "small_model": Flip("openai/s", sizes(lambda m: m.model), (FREE, FREE), ("openai/s", FREE)),
    "large_model": Flip("openai/l", sizes(lambda m: m.model), (FREE, FREE), (FREE, "openai/l")),
    "api_base": Flip("http://x/v1", the_models(lambda m: m.endpoint.api_base), "", "http://x/v1"),
    "api_key_env": Flip("K", the_models(lambda m: m.endpoint.api_key_env), None, "K"),
    "small_price_in": Flip(3, sizes(lambda m: m.price_in), (None, None), (3, None)),
    "small_price_out": Flip(3, sizes(lambda m: m.price_out), (None, None), (3, None)),
    "large_price_in": Flip(3, sizes(lambda m: m.price_in), (None, None), (None, 3)),
    "large_price_out": Flip(3, sizes(lambda m: m.price_out), (None, None), (None, 3)),
    "structured": Flip("schema", the_models(lambda m: m.structured), "off", "schema"),
    "rpm": Flip(7, the_models(lambda m: m.endpoint.rpm), None, 7),
    "tpm": Flip(7, the_models(lambda m: m.endpoint.tpm), None, 7),
    "timeout": Flip(7, the_models(lambda m: m.endpoint.timeout), None, 7),
    # ---- path
    "input_dirs": Flip(
        [DIR, {"path": "other"}],
        lambda plan: read(plan, "documents"),
        ["/here/docs"], ["/here/docs", "/here/other"],
    ),
    "output_dir": Flip("made", lambda plan: plan.output, "", "/here/made"),
    "huggingface_cache_dir": Flip(
        "kept", option("mixed.hub_rows/a-b", "cache_dir"), None, "/here/kept", HUB
    ),
    # ---- system
    "use_subset": Flip(True, takes, [None] * 4, [30] * 4),
    "subset_size": Flip(4, takes, [30] * 4, [4] * 4, {"use_subset": True}),
    "number_of_factual_sft_generations_to_do": Flip(
        2, each(nodes(f"{WAY[:-1]}1.ask"), generations), [[False], ["0"]], [[True], ["0", "1"]],
    ),
    "completion_mode": Flip(True, the_models(lambda m: m.mode), "chat", "completion"),
    "concurrency_limit": Flip(3, the_models(lambda m: m.endpoint.concurrency), 16, 3),
    "use_stop": Flip(
        True, the_models(lambda m: m.sampling.get("stop")), None, STOP
    ),
    "stop": Flip(
        ["END"], the_models(lambda m: m.sampling.get("stop")),
        STOP, ["END"], {"use_stop": True},
    ),
    "what_percent_of_sft_is_pretrain": Flip(
        40, each(const("mixed.pretrain_share", "pretrain_percent"), file("pretraining_subset")),
        [None, []], [40, ["sft_run/pretraining_subset_40_percent.jsonl"]],
        {"num_tokens_pretraining_in_sft": None},
    ),
    "num_tokens_pretraining_in_sft": Flip(
        90, each(const("mixed.pretrain_share", "pretrain_tokens"), file("pretraining_subset")),
        [2000, ["sft_run/pretraining_subset_2000.jsonl"]],
        [90, ["sft_run/pretraining_subset_90.jsonl"]],
    ),
    "shared_instruction": Flip("Be exact.", knows("Be exact.", *SHARED), False, True),
    "remove_system_prompt_ratio": Flip(
        1, const("combined/0.stripped", "remove_system_prompt_ratio"), 0.2, 1
    ),
    "strict": Flip(
        True, each(option(SHARE, "shortage"), option("mixed.pretrain_share", "shortage")),
        ["warn"] * 2, ["error"] * 2,
    ),
    "dataset_context": Flip(
        "old mills", knows(
            "old mills", *SHARED, "cleaned/docs.cleaned", "represented/docs.atomic",
            "represented/docs.inferred", "represented/docs.rewritten", f"{WAY}.ask",
            "retrieved/docs.dialogue", "corrected/docs.mistaken", "recall/docs.dressed",
            "represented/docs.headed", "represented/docs.headed_further", "card",
        ), False, True,
    ),
    # ---- what several parts share
    "factual_chunk_size": Flip(90, each(*map(chunk_tokens, PARTS)), [800] * 4, [90] * 4),
    "template": Flip(
        "chatml", each(*(option(n, "template", f) for n, f in RENDERED)),
        ["atk"] * 4, ["chatml"] * 4,
    ),
    "template_kwargs": Flip(
        {"eos": "!"}, each(*(option(n, "variables", f) for n, f in RENDERED)),
        [{}] * 4, [{"eos": "!"}] * 4,
    ),
    # ---- quality
    "near_duplicate_chunks": Flip(
        0.5, each(*(chunks_by(part, "unlike", "near") for part in PARTS),
                option("held_passages.unlike", "near")), [0.8] * 5, [0.5] * 5, HELD,
    ),
    "near_duplicate_questions": Flip(
        0.5, each(*(option(f"{part}.unlike", "near") for part in RECALLS)),
        [0.95] * 2, [0.5] * 2, HELD,
    ),
    "decontaminate_against": Flip(
        TESTS,
        each(lambda plan: read(plan, "test_rows") + read(plan, "test_files"),
             lambda plan: {n.id for n in before(plan, "recall/docs.clean")} & {"held"}),
        [[], set()], [["/here/t.jsonl", "/here/t.txt"], {"held"}],
    ),
    "decontaminate_words": Flip(
        5, each(*(chunks_by(part, "clean", "words") for part in PARTS),
                *(option(f"{part}.clean", "words") for part in (*RECALLS, "held_passages"))),
        [13] * 7, [5] * 7, {"decontaminate_against": TESTS, **HELD},
    ),
    "held_out_share": Flip(
        0.25, each(nodes(*PARTED), file("held_out")),
        [[False] * 4, []], [[True] * 4, ["sft_run/held_out/factual.jsonl"]],
    ),
    "retrieval": Flip(
        "embeddings", each(*(option(f"{part}.related", "scorer") for part in RECALLS)),
        ["bm25"] * 2, ["embeddings"] * 2, HELD,
    ),
    "embedding_model": Flip(
        "openai/e", the_models(lambda m: m.model, "recall/docs.related"), "openai/s", "openai/e",
        {"retrieval": "embeddings", "small_model": "openai/s"},
    ),
    # ---- cleaning
    "pdf_cleaning": Flip(
        False, nodes("cleaned/docs.cleaned", "not_cleaned/docs"), [True] * 2, [False] * 2
    ),
    "pdf_cleaning_formats": Flip(
        ["md"], option("cleaned/docs.parts", "formats", "document.cut"), ["pdf"], ["md"]
    ),
    "pdf_cleaning_chunk_size": Flip(
        99, option("cleaned/docs.parts", "max_tokens", "document.cut"), 1500, 99
    ),
    # ---- texts for continued pretraining
    "representation_variation_chunk_size": Flip(
        90, each(*map(chunk_tokens, PARTS)), [800] * 4, [90, 800, 800, 800]
    ),
    "inferred_facts": Flip(
        False, each(nodes("represented/docs.inferred"), file("inferred")),
        [[True], ["pretraining_run/inferred_facts_docs.jsonl"]], [[False], []],
    ),
    "export_inferred_facts": Flip(
        False, nodes("represented/docs.inferred_texts", "inferred_file/docs"),
        [True, True], [False, True],
    ),
    "include_context_in_dataset": Flip(
        False, nodes("represented/docs.headed", "represented/docs.headed_further"),
        [True] * 2, [False] * 2,
    ),
    "code_variation_functions": Flip(
        ["allcaps"], nodes("represented/docs.respelt/keyboard_augmentation",
                           "represented/docs.respelt/allcaps"), [True, False], [False, True],
    ),
    # ---- questions and answers
    "factual_sft": Flip(
        [{"name": "vague"}], nodes(f"{WAY}.ask", "recall/docs.asked/vague/0.ask"),
        [True, False], [False, True],
    ),
    "filter_votes": Flip(
        5, lambda plan: {ballots(plan, judge(plan, p).id) for p in PARTS}, {1}, {5}
    ),
    "votes": Flip(
        7, lambda plan: [ballots(plan, n) for n in (
            f"{WAY}.pair_check", "corrected/docs.confirmed")], [3] * 2, [7] * 2,
    ),
    "checks_together": Flip(
        False, nodes(*(f"{WAY}.{check}" for check in CHECKS)),
        [True, False, False, False], [False, True, True, True],
    ),
    "conversation": Flip(
        True, nodes(*(f"{way}.{n}" for way in (WAY, HELD_WAY) for n in ("told", "pair_turns"))),
        [False, True] * 2, [True, False] * 2, HELD,
    ),
    "cite": Flip("none", nodes(f"{WAY}.cited"), [True], [False]),
    "final_assistant_prompts_no_rag": Flip(
        ["Hm."],
        each(knows('["Hm."]', "recall/docs.dressed"), knows('["Hm."]', "corrected/docs.talks")),
        [False] * 2, [True] * 2,
    ),
    "items_per_conversation": Flip(
        4, lambda plan: options(plan, "recall/docs.grouped")["size"]
        if has(plan, "recall/docs.grouped")[0] else None, None, 4,
    ),
    "combine_sharegpt_target_pairs": Flip(
        9, option("combined/0.groups", "target"), {"uniform": [1, 5]}, {"uniform": [1, 9]}
    ),
    # ---- thought processes
    "generic_thought_process_on_domain_data": Flip(
        False, nodes("thoughtful.thought", "without_thought"), [True] * 2, [False] * 2
    ),
    "remove_thought_process_ratio": Flip(
        1, const("thoughtful.drawn", "remove_thought_process_ratio"), 0.2, 1
    ),
    "remove_thought_process_prompt": Flip(
        "No.", const("thoughtful.told", "remove_thought_process_prompt"),
        "Answer at once; do not write down your thoughts.", "No.",
    ),
    "cot_preface": Flip(
        "Hm:", const("thoughtful.told", "cot_preface"), "Thought Process:", "Hm:"
    ),
    "cot_suffix": Flip("So:", const("thoughtful.told", "cot_suffix"), "\nAnswer:", "So:"),
    "final_answer_str": Flip(
        "So:", const("thoughtful.checked", "final_answer_str"), "Answer:", "So:"
    ),
    "max_thought_tokens": Flip(99, const("thoughtful.checked", "max_thought_tokens"), 4500, 99),
    # ---- retrieved texts
    "rag_data": Flip(
        False, nodes("retrieved/docs.dialogue", "rag_file/docs", "rejected_rag/docs"),
        [True] * 3, [False] * 3,
    ),
    "rag_failure_percentage": Flip(
        0.9, const("retrieved/docs.retrieved", "rag_failure_percentage"), 0.5, 0.9
    ),
    "rag_max_chunks": Flip(
        8, each(const("retrieved/docs.retrieved", "rag_max_chunks"),
                option("retrieved/docs.others", "top")), [3, 3], [8, 8],
    ),
    "distractors": Flip("random", option("retrieved/docs.others", "scorer"), "bm25", "random"),
    "num_items_per_group": Flip(5, option("retrieved/docs.groups", "size"), 3, 5),
    "rag_train_on": Flip(
        ["question"], option("retrieved/docs.masked", "train", "chat.segments"),
        ["assistant"], ["user"],
    ),
    "final_assistant_prompts": Flip(
        ["{{ data }}."], knows('["{{ data }}."]', "retrieved/docs.focused"),
        False, True,
    ),
    "system_format": Flip(
        "S{{ system }}", option("retrieved/docs.masked", "template", "chat.segments"), "atk",
        '{% for message in messages %}{% if message.role == "system" %}'
        '{% set system = message.content %}S{{ system }}'
        '{% elif message.role == "user" %}{% set user = message.content %}'
        "{% else %}{% set assistant = message.content %}{% endif %}{% endfor %}",
    ),
    "user_format": Flip("U{{ user }}", knows("U{{ user }}", "retrieved/docs.masked"), False, True),
    "assistant_format": Flip(
        "A{{ assistant }}", knows("A{{ assistant }}", "retrieved/docs.masked"), False, True
    ),
    "bos": Flip(
        "<s>", lambda plan: options(plan, "retrieved/docs.masked", "chat.segments")["template"][:6],
        "{% for", "<s>{% ", {"user_format": "{{ user }}"},
    ),
    # ---- corrections
    "correction_pipeline": Flip(
        False,
        nodes("corrected/docs.mistaken", "correction_file/docs", "rejected_corrections/docs"),
        [True] * 3, [False] * 3,
    ),
    "correction_chunk_size": Flip(
        90, each(*map(chunk_tokens, PARTS)), [800] * 4, [800, 800, 800, 90]
    ),
    "correction_check": Flip(False, nodes("corrected/docs.confirmed"), [True], [False]),
    "correction_train_on": Flip(
        ["doubt"], const("corrected/docs.talks", "train_on"), ["answer"], ["doubt"]
    ),
    "correction_prompt_template": Flip(
        "chatml", each(
            option("corrected/docs.masked", "template", "chat.segments"),
            option("domain_text", "template", "chat.render"),
        ), ["atk", "atk"], ["chatml", "atk"],
    ),
    # ---- the fine-tuning mix
    "generic_dataset_paths": Flip(
        [{"file": "g.jsonl", "percent": 9}],
        lambda plan: read(plan, "mixed.local_rows"),
        ["atkc:examples/generic/chat.jsonl"], ["/here/g.jsonl"],
    ),
    "generic_percent_of": Flip(
        ["rag"], const(SHARE, "percent_of"), ["domain"], ["rag"]
    ),
    "max_samples_per_dataset": Flip(6, option("mixed.local_rows/chat", "first"), 100_000, 6),
    "minimum_generic_sft": Flip(
        5, const(SHARE, "minimum_generic_sft"), 1000, 5
    ),
    "pretrain_share_of": Flip(
        ["rag"], const("mixed.pretrain_share", "pretrain_share_of"),
        ["domain", "generic", "rag", "correction"], ["rag"],
    ),
    # ---- training
    "base_model": Flip(
        "a/b", configs("base_model"),
        ["mistralai/Mistral-7B-v0.3", "../pretraining_run/model-output"],
        ["a/b", "../pretraining_run/model-output"],
    ),
    "context_length": Flip(
        77, configs("sequence_len"),
        [5000] * 2, [77] * 2,
    ),
    "pretrain_hub_model_id": Flip(
        "me/p", each(option("pretrain_config", "hub_model_id"), option("sft_config", "base_model")),
        ["", "../pretraining_run/model-output"], ["me/p", "me/p"],
    ),
    "pretrain_hub_strategy": Flip("end", option("pretrain_config", "hub_strategy"), "", "end"),
    "finetune_hub_model_id": Flip("me/f", option("sft_config", "hub_model_id"), "", "me/f"),
    "finetune_hub_strategy": Flip("end", option("sft_config", "hub_strategy"), "", "end"),
    "wandb_project": Flip(
        "w", configs("wandb_project"),
        ["", ""], ["w", "w"],
    ),
    "is_mistral_derived_model": Flip(
        False, configs("is_mistral_derived_model"),
        [True] * 2, [False] * 2,
    ),
    "other_pretrain_kwargs": Flip(
        {"a": 1}, configs("extra"),
        [{}, {}], [{"a": 1}, {}],
    ),
    "other_finetune_kwargs": Flip(
        {"a": 1}, configs("extra"),
        [{}, {}], [{}, {"a": 1}],
    ),
}  # fmt: skip


def spec() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((RECIPES / "factual.yaml").read_text("utf-8"))
    return found


def test_every_parameter_is_in_the_table() -> None:
    assert set(spec()["params"]) == FLIPS.keys() | SMALL.keys() | LARGE.keys()


@pytest.mark.parametrize("name", FLIPS)
def test_a_parameter_does_what_it_says(name: str) -> None:
    flip = FLIPS[name]
    assert flip.look(planned("factual", **{**BASE, **flip.beside})) == flip.was
    assert flip.look(planned("factual", **{**BASE, **flip.beside, name: flip.value})) == flip.now
