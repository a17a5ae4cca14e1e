"""Every field of the records that settings hold: directories, models, ways of asking, general sets.

One plan per record type: each item of a list turns one field, so that what the others do shows
that nothing else was turned.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from atkc.compiler.plan import Model, Plan
from tests.recipes.looks import Look, each, knows, nodes
from tests.recipes.planned import (
    RECIPES,
    data,
    files,
    has,
    model,
    node,
    options,
    planned,
    said,
    taken,
)
from tests.recipes.test_settings import BASE, GENERIC, LARGE, SMALL


def fields_of(record: str) -> set[str]:
    """Return the fields of a record type, as the recipe or its types declare it."""
    specs = [yaml.safe_load((RECIPES / f"factual{name}.yaml").read_text("utf-8"))
             for name in ("", "/types")]  # fmt: skip
    (found,) = [spec["records"][record] for spec in specs if record in spec["records"]]
    return set(found)


# ---- InputDir: each directory turns one field

SUBSETS = {
    "factual_gen": "recall/{}.asked/openended/0.ask",
    "rag": "retrieved/{}.dialogue",
    "correction": "corrected/{}.mistaken",
}
SIZES = {
    "factual_gen": "factual_gen_subset_size_per_way",
    "rag": "rag_subset_size",
    "correction": "correction_subset_size",
}
DIRS: dict[str, Any] = {
    "path": "elsewhere/x",
    "name": "Another Name",
    "variation_generation_counts": 5,
    "final_system_prompt_additional_context": "As a pilot.",
    **{f"{part}_use_subset": True for part in SUBSETS},
    **dict.fromkeys(SIZES.values(), 3),
}


def dirs() -> Plan:
    """A plan with a directory for each field, `d_<field>`, and a plain one."""
    items: list[dict[str, Any]] = [{"path": "dirs/plain"}]
    for name, value in DIRS.items():
        used = {f"{part}_use_subset": True for part in SUBSETS if "size" in name}
        items.append({"path": f"dirs/d_{name}", **used, name: value})
    return planned("factual", **{**BASE, "input_dirs": items})


def test_every_field_of_a_directory_is_turned() -> None:
    assert fields_of("InputDir") == DIRS.keys()


def test_a_directory_is_read_where_its_path_says_and_named_by_its_end() -> None:
    assert options(dirs(), "documents/x")["path"] == "/here/elsewhere/x"
    assert "documents_x.jsonl" in files(dirs())


def test_the_name_of_a_directory_is_that_of_its_files() -> None:
    plan = dirs()
    mine = {path for path in files(plan) if "another-name" in path}
    plain = {path for path in files(plan) if "plain" in path}
    assert mine == {path.replace("plain", "another-name") for path in plain}
    assert not [path for path in files(plan) if "d_name" in path]


def test_rewrites_are_counted_by_directory() -> None:
    plan = dirs()
    names = ("plain", "d_variation_generation_counts")
    for part in ("rewritten", "rewritten_further"):
        ops = [data(node(plan, f"represented/{n}.{part}").op) for n in names]
        counts = [list(op["choose"]["n"]["constants"]["params"].values()) for op in ops]
        assert counts == [[2], [5]]


@pytest.mark.parametrize(
    "step", ["recall/{}.dressed", "retrieved/{}.focused", "corrected/{}.talks"]
)
def test_the_added_context_is_that_of_the_directory_and_of_no_other(step: str) -> None:
    plan = dirs()
    seen = [n.id for n in plan.nodes if "As a pilot." in said(plan, n.id) and n.id[:5] == step[:5]]
    assert seen == [step.format("d_final_system_prompt_additional_context")]


@pytest.mark.parametrize("part", SUBSETS)
def test_a_subset_is_taken_for_the_part_that_asks_for_it(part: str) -> None:
    plan = dirs()
    for name in ("plain", *(f"d_{n}" for n in DIRS if n not in ("path", "name"))):
        sized = "size" in name
        wanted = 3 if name == f"d_{SIZES[part]}" else 30 if sized else None
        wanted = 30 if name == f"d_{part}_use_subset" else wanted
        assert (name, taken(plan, SUBSETS[part].format(name))) == (name, wanted)


# ---- Small and Large: all nine at once, each with values of its own

MODELS = {**SMALL, **LARGE}


def turned(n: int) -> dict[str, Any]:
    """The n-th model, of which nothing is as in the others."""
    return {
        "model": f"openai/m{n}", "api_base": f"http://h{n}/v1", "api_key_env": f"KEY_{n}",
        "price_in": n, "price_out": 100 + n, "use_stop": n % 2 == 0, "completion_mode": n % 3 == 0,
    }  # fmt: skip


def seen(found: Model) -> dict[str, Any]:
    """What a plan says of a model, in the words of the setting."""
    return {
        "model": found.model, "api_base": found.endpoint.api_base,
        "api_key_env": found.endpoint.api_key_env, "price_in": found.price_in,
        "price_out": found.price_out, "use_stop": found.sampling.get("stop") is not None,
        "completion_mode": found.mode == "completion",
    }  # fmt: skip


@pytest.mark.parametrize("record", ["Small", "Large"])
def test_every_field_of_a_model_is_turned(record: str) -> None:
    assert fields_of(record) == turned(0).keys()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_a_part_is_its_own(name: str) -> None:
    plan = planned("factual", **BASE, **{key: turned(n) for n, key in enumerate(MODELS)})
    assert seen(model(plan, MODELS[name])) == turned(list(MODELS).index(name))


# ---- Way: each way turns one field

CHAIN = {"min_pairs": 2, "max_pairs": 4}  # what is not turned in a way of several pairs
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "chain": CHAIN,
    "prompt": {"prompt": str(RECIPES / "factual/prompts/ask_vague.yaml")},
    "checks": {"checks": "negative"},
    "multi_source": {"multi_source": False},
    "neighbours": {"neighbours": 1},
    "min_pairs": {"min_pairs": 2},
    "max_pairs": {"max_pairs": 3},
    "single_turn": {**CHAIN, "single_turn": True},
    "skip_question_check": {"skip_question_check": True},
    "skip_answer_relevancy_check": {"skip_answer_relevancy_check": True},
    "skip_answer_accuracy_check": {"skip_answer_accuracy_check": True},
    "skip_repair_qa_tuples": {"skip_repair_qa_tuples": True},
    "not_in_rag_data": {"not_in_rag_data": True},
}


def at(way: str, step: str) -> str:
    return f"recall/docs.asked/{way}/0.{step}"


def prompt_of(step: str, way: str) -> Look:
    """The name of the prompt that a step asks."""

    def found(plan: Plan) -> Any:
        op = data(node(plan, at(way, step)).op)
        return (op["variants"][0]["prompt"] if "variants" in op else op["prompt"])["name"]

    return found


def shown(way: str) -> Look:
    """How many related passages are shown."""
    return lambda plan: next(
        iter(data(node(plan, at(way, "shown")).op)["actions"][0]["values"]["related"]
             ["constants"]["params"].values())
    )["neighbours"]  # fmt: skip


def pairs(way: str) -> Look:
    """The pairs of a reply: least and most."""

    def found(plan: Plan) -> Any:
        op = data(node(plan, at(way, "ask")).op)
        most = op["variants"][0]["prompt"]["contract"]["each"]
        return most["least"], most["most"]

    return found


def there(step: str) -> Any:
    """A look for a step of a way."""
    return lambda way: nodes(at(way, step))


# field -> (what is looked at, as the plain way or the chain has it, as this one has it)
SEEN_OF_WAYS: dict[str, Any] = {
    "name": (lambda way: prompt_of("ask", way), "ask_openended", None),
    "prompt": (lambda way: prompt_of("ask", way), "ask_openended", "ask_vague"),
    "checks": (
        lambda way: each(prompt_of("question_check", way), prompt_of("accuracy", way)),
        ["check_question_plain", "check_answer_plain"],
        ["check_question_negative", "check_answer_negative"],
    ),
    "multi_source": (shown, 3, 0),
    "neighbours": (shown, 3, 1),
    "min_pairs": (pairs, (1, 1), (2, 2)),
    "max_pairs": (pairs, (1, 1), (1, 3)),
    "single_turn": (lambda w: nodes(at(w, "of_chunk"), at(w, "alone")), [True, False],
                    [False, True]),
    "skip_question_check": (there("question_check"), [True], [False]),
    "skip_answer_relevancy_check": (there("relevancy"), [True], [False]),
    "skip_answer_accuracy_check": (there("accuracy"), [True], [False]),
    "skip_repair_qa_tuples": (there("repair"), [True], [False]),
    "not_in_rag_data": (there("for_rag"), [True], [False]),
}  # fmt: skip


def ways() -> Plan:
    """A plan with these ways; each has the prompt of `openended` unless it turns it."""
    prompt = str(RECIPES / "factual/prompts/ask_openended.yaml")
    items = [{"name": name, "prompt": prompt, **more} for name, more in WAYS.items()]
    given = {"checks_together": False, "factual_sft": [*items, {"name": "negative"}]}
    return planned("factual", **{**BASE, **given})


def test_every_field_of_a_way_is_turned() -> None:
    assert fields_of("Way") == SEEN_OF_WAYS.keys()


@pytest.mark.parametrize("name", [name for name in SEEN_OF_WAYS if name != "name"])
def test_a_field_of_a_way_does_what_it_says(name: str) -> None:
    look, was, now = SEEN_OF_WAYS[name]
    assert look("chain" if name == "single_turn" else "plain")(ways()) == was
    assert look(name)(ways()) == now


def test_a_way_is_named_like_its_prompt() -> None:
    assert prompt_of("ask", "negative")(ways()) == "ask_negative"
    assert SEEN_OF_WAYS["name"][0]("plain")(ways()) == "ask_openended"


# ---- GenericSet: each set turns one field

FILE = {"file": "g.jsonl"}
SETS: dict[str, dict[str, Any]] = {
    "plain": FILE,
    "hub": {"path": "a/b"},
    "path": {"path": "c/d"},
    "file": {"file": "h.jsonl"},
    "split": {"path": "a/b", "split": "test"},
    "percent": {**FILE, "percent": 40},
    "context_to_add": {**FILE, "context_to_add": "Hm."},
    "context_to_add_type": {**FILE, "context_to_add_type": "human"},
}


def sets() -> Plan:
    """A plan with these sets, and one that is named by its file."""
    items = [{"name": name, "percent": 3, **more} for name, more in SETS.items()]
    items.append({"file": "by_its_file.jsonl", "percent": 3})
    return planned("factual", **{**BASE, "generic_dataset_paths": items})


def added(name: str) -> Look:
    """What is added to a set, and where."""
    where = GENERIC.replace("chat", name)
    return lambda plan: [
        options(plan, where, "conversation.add_context")[key] for key in ("text", "to")
    ]


def share(name: str) -> Look:
    """The percentage that a share is reckoned by."""
    where = f"mixed.generic_share/{name}.unlabelled"
    return lambda plan: data(node(plan, where).op)["expressions"]["tokens"]["constants"][
        "set"]["percent"]  # fmt: skip


def rows(reader: str, option: str) -> Any:
    """A look at an option of the reader of a set."""
    return lambda name: lambda plan: options(plan, f"mixed.{reader}_rows/{name}")[option]


SEEN_OF_SETS: dict[str, Any] = {
    "path": (rows("hub", "path"), "hub", "a/b", "c/d"),
    "file": (rows("local", "path"), "plain", "/here/g.jsonl", "/here/h.jsonl"),
    "split": (rows("hub", "split"), "hub", "train", "test"),
    "percent": (share, "plain", 3, 40),
    "context_to_add": (added, "plain", ["", "none"], ["Hm.", "none"]),
    "context_to_add_type": (added, "plain", ["", "none"], ["", "human"]),
}


def test_every_field_of_a_set_is_turned() -> None:
    assert fields_of("GenericSet") == SEEN_OF_SETS.keys() | {"name"}


@pytest.mark.parametrize("name", SEEN_OF_SETS)
def test_a_field_of_a_set_does_what_it_says(name: str) -> None:
    look, other, was, now = SEEN_OF_SETS[name]
    assert (look(other)(sets()), look(name)(sets())) == (was, now)


def test_a_set_is_named_by_its_file_or_as_you_say() -> None:
    assert has(sets(), "mixed.generic_text/by_its_file", "mixed.generic_text/g") == [True, False]


def test_a_set_of_its_own_name_is_a_file_of_that_name() -> None:
    (values,) = [data(n.op)["values"] for n in sets().nodes if n.id == "generic_file"]
    assert values == [*SETS, "by_its_file"]


def test_what_is_shared_is_said_in_every_set() -> None:
    looks = each(*(knows("You are a capable", f"mixed.generic_text/{name}") for name in SETS))
    assert looks(sets()) == [True] * len(SETS)
