"""Every setting of the parts that no other test of a part turns, and what they share alone."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from atkc.compiler.plan import Plan
from tests.recipes.looks import Flip, const, each, knows, nodes, option
from tests.recipes.planned import (
    ALONE,
    RECIPES,
    ballots,
    data,
    has,
    node,
    options,
    planned,
    said,
)

PARTS = ("clean", "passages", "represent", "recall", "recall/way", "rag", "correct", "think")
TURNED_BY = {part: f"test_{part}.py" for part in ("clean", "rag", "correct", "think")}


def forms(id_: str) -> Any:
    """The forms of which rewrites are drawn, how many, and whether one may come twice."""

    def found(plan: Plan) -> Any:
        if not has(plan, id_)[0]:
            return None
        choose = data(node(plan, id_).op)["choose"]
        return next(iter(choose["n"]["constants"]["params"].values())), choose["replace"]

    return found


def votes(*ids: str) -> Any:
    """The ballots of votes."""
    return lambda plan: [ballots(plan, id_) for id_ in ids]


FURTHER = "rewritten_further"
HEADED = ("headed", "headed_further")
SHARE = "generic_share/chat.unlabelled"
CHECKS = ("pair_check", "question_check", "relevancy", "accuracy")
KEYS = "keyboard_augmentation"
FLIPS: dict[str, dict[str, Flip]] = {
    "passages": {
        "chunk_size": Flip(
            100, each(*(option("chunks", n, "text.chunk") for n in ("max_tokens", "min_tokens"))),
            [800, 160], [100, 20],
        ),
        "near_duplicates": Flip(0.5, option("unlike", "near"), 0.8, 0.5),
        "decontaminate_words": Flip(5, option("clean", "words"), 13, 5),
        "votes": Flip(5, votes("kept"), [1], [5]),
        "filter": Flip(False, nodes("kept", "unworthy"), [True, True], [False, False]),
        "dataset_context": Flip("old mills", knows("old mills", "kept"), False, True),
    },
    "represent": {
        "variations": Flip(
            9, each(forms("rewritten"), forms(FURTHER)), [(2, False), (2, False)],
            [(9, True), (9, True)],
        ),
        "inferred_facts": Flip(False, nodes("inferred", FURTHER), [True] * 2, [False] * 2),
        "inferred_variations": Flip(
            5, each(forms("rewritten"), forms(FURTHER)), [(2, False), (2, False)],
            [(2, False), (5, False)],
        ),
        "export_inferred_facts": Flip(
            False, nodes("inferred", "inferred_texts"), [True, True], [True, False]
        ),
        "filter": Flip(False, nodes("good"), [True], [False]),
        "votes": Flip(5, votes("good"), [1], [5]),
        "include_context": Flip(False, nodes(*HEADED), [True] * 2, [False] * 2),
        "dataset_context": Flip(
            "old mills",
            knows("old mills", "good", "atomic", "inferred", "rewritten", FURTHER, *HEADED),
            False, True,
        ),
        "code_variation_functions": Flip(
            ["allcaps", "snakecase"],
            nodes(*(f"respelt{more}/{form}" for more in ("", "_further")
                    for form in (KEYS, "allcaps", "snakecase"))),
            [True, False, False] * 2, [False, True, True] * 2,
        ),
    },
    "recall": {
        "ways": Flip(
            [{"name": "vague"}], nodes("asked/openended/0.ask", "asked/vague/0.ask"),
            [True, True], [False, True],
        ),
        "repeats": Flip(
            2, lambda plan: [(n.id, n.draw) for n in plan.nodes if n.id.endswith("vague/1.ask")],
            [], [("asked/vague/1.ask", "1/0")],
        ),
        "votes": Flip(7, votes("asked/vague/0.pair_check"), [3], [7]),
        "checks_together": Flip(
            False, nodes(*(f"asked/vague/0.{check}" for check in CHECKS)),
            [True, False, False, False], [False, True, True, True],
        ),
        "neighbours": Flip(8, option("related", "top"), 3, 8),
        "retrieval": Flip("embeddings", option("related", "scorer"), "bm25", "embeddings"),
        "near_duplicates": Flip(0.5, option("unlike", "near"), 0.95, 0.5),
        "decontaminate_words": Flip(5, option("clean", "words"), 13, 5),
        "neighbour_tokens": Flip(99, option("related", "budget"), {"tokens": 4000}, {"tokens": 99}),
        "conversation": Flip(
            True, nodes("asked/vague/0.told", "asked/vague/0.pair_turns"),
            [False, True], [True, False],
        ),
        "cite": Flip("own", const("asked/vague/0.cited", "cite"), "shown", "own"),
        "items_per_conversation": Flip(
            4, lambda plan: options(plan, "grouped")["size"] if has(plan, "grouped")[0] else None,
            None, 4,
        ),
        "dataset_context": Flip(
            "old mills", knows("old mills", "asked/vague/0.ask", "dressed"), False, True
        ),
        "system_prompts": Flip(["Hm."], knows('["Hm."]', "dressed"), False, True),
        "additional_context": Flip("As a pilot.", knows("As a pilot.", "dressed"), False, True),
    },
    "recall/way": {
        "way": Flip(
            {"name": "vague"}, lambda plan: '"name":"ask_vague"' in said(plan, "ask"), False, True
        ),
        "votes": Flip(7, votes("pair_check"), [3], [7]),
        "checks_together": Flip(
            False, nodes(*CHECKS), [True, False, False, False], [False, True, True, True]
        ),
        "conversation": Flip(True, nodes("told", "pair_turns"), [False, True], [True, False]),
        "cite": Flip("none", nodes("cited"), [True], [False]),
        "dataset_context": Flip("old mills", knows("old mills", "ask"), False, True),
    },
    "combine": {
        "target_pairs": Flip(
            9, option("groups", "target"), {"uniform": [1, 5]}, {"uniform": [1, 9]}
        ),
        "remove_system_prompt_ratio": Flip(
            1, const("stripped", "remove_system_prompt_ratio"), 0.2, 1
        ),
        "assent": Flip(
            "Aye.", option("joined", "equals", "conversation.replace_turn"), "Yes, please.", "Aye."
        ),
        "assents": Flip(
            ["Aye."], knows('"by":["Aye."]', "joined"), False, True
        ),
    },
    "mix": {
        "sets": Flip(
            [{"name": "mine", "file": "g.jsonl", "percent": 9}],
            nodes("generic_text/chat", "generic_text/mine"),
            [True, False], [False, True],
        ),
        "minimum_generic_sft": Flip(5, const(SHARE, "minimum_generic_sft"), 500, 5),
        "max_samples_per_dataset": Flip(6, option("local_rows/chat", "first"), None, 6),
        "pretrain_tokens": Flip(9, const("pretrain_share", "pretrain_tokens"), 200, 9),
        "pretrain_percent": Flip(9, const("pretrain_share", "pretrain_percent"), None, 9),
        "percent_of": Flip(["rag"], const(SHARE, "percent_of"), ["domain"], ["rag"]),
        "pretrain_share_of": Flip(
            ["rag"], const("pretrain_share", "pretrain_share_of"),
            ["domain", "generic", "rag", "correction"], ["rag"],
        ),
        "huggingface_cache_dir": Flip(
            "kept", option("hub_rows/a-b", "cache_dir"), None, "/here/kept",
            {"sets": [{"path": "a/b", "percent": 3}]},
        ),
        "shared_instruction": Flip("Hm.", knows("Hm.", "generic_text/chat"), False, True),
        "dataset_context": Flip("old mills", knows("old mills", "generic_text/chat"), False, True),
        "template": Flip(
            "chatml", option("generic_text/chat", "template", "chat.render"), "atk", "chatml"
        ),
        "template_kwargs": Flip(
            {"eos": "!"}, option("generic_text/chat", "variables", "chat.render"), {}, {"eos": "!"}
        ),
        "strict": Flip(
            True, each(option(SHARE, "shortage"), option("pretrain_share", "shortage")),
            ["warn"] * 2, ["error"] * 2,
        ),
    },
    "split": {
        "share": Flip(0.4, option("parts", "into"), {"train": 0.8, "held_out": 0.2},
                      {"train": 0.6, "held_out": 0.4}),
        "near": Flip(0.5, option("tied", "near"), 0.8, 0.5),
        "chunk_size": Flip(100, option("chunks", "max_tokens", "text.chunk"), 400, 100),
    },
    "report": {},
}  # fmt: skip


def params_of(part: str) -> set[str]:
    text = (RECIPES / f"factual/{part}.yaml").read_text("utf-8")
    return set(yaml.safe_load(text).get("params", {}))


def test_every_part_is_in_a_table() -> None:
    folder = RECIPES / "factual"
    specs = [*folder.glob("*.yaml"), *folder.glob("recall/*.yaml")]
    found = {path.relative_to(folder).with_suffix("").as_posix() for path in specs}
    assert found - {"types"} == FLIPS.keys() | TURNED_BY.keys()


@pytest.mark.parametrize("part", FLIPS)
def test_every_parameter_is_in_the_table(part: str) -> None:
    assert params_of(part) == FLIPS[part].keys() | (ALONE if part in PARTS else set())


@pytest.mark.parametrize(
    ("part", "name"), [(part, name) for part, flips in FLIPS.items() for name in flips]
)
def test_a_parameter_does_what_it_says(part: str, name: str) -> None:
    flip = FLIPS[part][name]
    assert flip.look(planned(f"factual/{part}", **flip.beside)) == flip.was
    assert flip.look(planned(f"factual/{part}", **flip.beside, **{name: flip.value})) == flip.now


# ---- what every part that asks a model says of it, where it runs by itself

MINE = {
    "model": "openai/mine", "api_base": "http://mine/v1", "api_key_env": "MINE", "price_in": 3,
    "price_out": 4, "structured": "schema", "concurrency_limit": 5, "rpm": 6, "tpm": 7,
    "timeout": 8,
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("given", [{}, MINE])
def test_each_part_asks_the_model_that_is_named_as_it_is_told(part: str, given: Any) -> None:
    usual = {"model": "atkc/extractive", "api_base": "", "structured": "off", "timeout": None}
    models = planned(f"factual/{part}", **given).models
    assert models
    for found in models.values():
        end = found.endpoint
        assert {
            "model": found.model, "api_base": end.api_base, "api_key_env": end.api_key_env,
            "price_in": found.price_in, "price_out": found.price_out,
            "structured": found.structured, "concurrency_limit": end.concurrency,
            "rpm": end.rpm, "tpm": end.tpm, "timeout": end.timeout,
        } == {**dict.fromkeys(MINE), **usual, **given}  # fmt: skip


def test_the_others_ask_none() -> None:
    assert MINE.keys() == ALONE
    for part in FLIPS.keys() - set(PARTS):
        assert planned(f"factual/{part}").models == {}
