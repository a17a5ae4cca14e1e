"""Ways of asking: a folder of prompts there, a name and a prompt file here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from msgspec.structs import replace

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.leaves import Leaf
from atkc.cli.augmentoolkit.rules import IGNORED

PROMPT = "atkc:recipes/factual/prompts/ask_{name}.yaml"
# What our own ways have beside what a config says: see `ways` in recipes/factual/recall.yaml.
KNOWN: Mapping[str, Mapping[str, Any]] = {
    "openended": {},
    "negative": {"checks": "negative"},
    "hallucination": {},
    "vague": {},
    "followup": {"min_pairs": 3, "max_pairs": 5},
    "comparison": {},
}
_SKIPS = (
    "skip_question_check",
    "skip_answer_relevancy_check",
    "skip_answer_accuracy_check",
    "skip_repair_qa_tuples",
)
_UNKNOWN = (
    "no way of ours has this folder's name: write its prompt as a file "
    "(docs/language.md, Prompt files) and add `{{name: {way}, prompt: my/{way}.yaml}}` to "
    "`factual_sft`"
)


def way_of(folder: object) -> str | None:
    """Return our name of the way that a folder of prompts is for, None if it is not known."""
    last = PurePosixPath(str(folder).replace("\\", "/")).name
    word = re.sub(r"[^a-z]", "", last.lower())
    for end in ("questions", "question", "local"):
        word = word.removesuffix(end)
    return word if word in KNOWN else None


def ways(draft: Draft) -> None:
    """Settle `factual_sft`: a way for each of its keys whose prompts are known here."""
    by_way: dict[str, list[Leaf]] = {}
    for leaf in draft.config.leaves:
        if leaf.name.startswith("factual_sft.*"):
            by_way.setdefault(str(leaf.nested[1]), []).append(leaf)
    if not by_way:
        return
    carried: list[dict[str, Any]] = []
    for name, leaves in by_way.items():
        made = _way(name, leaves, len(carried), draft)
        if made is not None:
            carried.append(made)
    draft.put("factual_sft", carried)


def _way(name: str, leaves: list[Leaf], number: int, draft: Draft) -> dict[str, Any] | None:
    given = {str(leaf.nested[-1]): leaf for leaf in leaves}
    folder = given["prompts"].value if "prompts" in given else name
    known = way_of(folder)
    if known is None:
        for leaf in leaves:
            draft.settle(leaf, Fate("not carried", "", _UNKNOWN.format(way=name)))
        return None
    made = {"name": name, **({} if name == known else {"prompt": PROMPT.format(name=known)})}
    made |= KNOWN[known]
    several = given["multi_source"].value is not False if "multi_source" in given else True
    for key, leaf in given.items():
        value, fate = _setting(key, leaf, known, several)
        if key == "prompts" and name == known:
            fate = replace(fate, to="name")
        if value is not None:
            made[key] = value
        to = f"factual_sft/{number}/{fate.to}" if fate.to else ""
        draft.settle(leaf, Fate(fate.verdict, to, fate.why))
    return made


def _setting(key: str, leaf: Leaf, known: str, several: bool) -> tuple[Any, Fate]:
    """Return the value of a way's key, None where it is not carried, and what becomes of it."""
    if key == "prompts":
        return None, Fate("changed", "prompt", f"the folder is our way `{known}`")
    if key == "default_prompts":
        return None, Fate("not carried", "", "the other prompts are files of the recipe")
    if not isinstance(leaf.value, bool):
        return None, Fate("not carried", "", f"`{leaf.value}` is neither true nor false")
    if key == "multi_source" and known == "followup":
        why = "its prompt shows no related passages there either"
        return False, Fate("changed" if leaf.value else "carried", key, why if leaf.value else "")
    if key in ("multi_source", "not_in_rag_data"):
        return leaf.value, Fate("carried", key)
    if key == "single_turn":
        return leaf.value, Fate("changed", key, IGNORED)
    if key in _SKIPS:
        if several and not leaf.value:
            return False, Fate("changed", key, "checked here; the original skips it in every case")
        return leaf.value, Fate("carried", key)
    return None, Fate("not carried", "", "not a key of a way")
