"""What the configs of single and multi source recall say by several keys together."""

from __future__ import annotations

from typing import Any

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.rules import prompt
from atkc.cli.augmentoolkit.tables.composition import CONTEXT
from atkc.cli.augmentoolkit.ways import KNOWN, way_of

_PROMPTS = {True: "system_prompts", False: ""}
_SKIPS = (
    "skip_question_check",
    "skip_answer_relevancy_check",
    "skip_answer_accuracy_check",
    "skip_repair_qa_tuples",
)


def single_way(draft: Draft) -> None:
    """Settle the way of asking of single source recall, with its checks."""
    way = _way(draft, several=False)
    for key in _SKIPS:
        leaf = draft.config.named(key)
        if leaf is not None and isinstance(leaf.value, bool):
            way[key] = leaf.value
            draft.settle(leaf, Fate("carried", f"ways/0/{key}"))
    _system_prompts(draft)


def multi_way(draft: Draft) -> None:
    """Settle the way of asking of multi source recall, which checks no answer, and citing."""
    way = _way(draft, several=True)
    way.update(dict.fromkeys(_SKIPS, True))
    draft.notes.append(_UNCHECKED)
    leaf = draft.config.named("cite_sources_at_end")
    draft.put("cite", "none" if leaf is not None and leaf.value is False else "shown")
    if leaf is not None:
        why = "`shown` lists what was shown; `own` is new"
        draft.settle(leaf, Fate("changed", "cite", why))
    for key in _SKIPS:
        skip = draft.config.named(key)
        if skip is not None:
            why = "the original accepts it here and checks nothing"
            draft.settle(skip, Fate("not carried", "", why))
    _system_prompts(draft)


def _way(draft: Draft, *, several: bool) -> dict[str, Any]:
    """Return the only way, which stands in the parameters already."""
    leaf = draft.config.named("prompts")
    name = way_of(leaf.value) if leaf is not None else None
    shown = name or "openended"
    way: dict[str, Any] = {"name": shown, **KNOWN[shown]}
    way["multi_source"] = several and shown != "followup"
    draft.put("ways", [way])
    if leaf is not None and name is not None:
        draft.settle(leaf, Fate("changed", "ways/0/name", f"the folder is our way `{name}`"))
    elif leaf is not None:
        why = f"no way of ours has the name of `{leaf.value}`; `openended` stands in its place"
        draft.settle(leaf, Fate("changed", "ways/0/name", f"{why}. {_OWN}"))
    return way


_UNCHECKED = (
    "no answer is checked, as there: take the `skip_` keys out of `ways/0` in params.yaml to have "
    "question and answer judged"
)
_OWN = "For one of your own write a prompt file and name it: `ways/0/prompt`"


def _system_prompts(draft: Draft) -> None:
    switch = draft.config.named("do_not_use_system_prompts")
    without = switch is not None and switch.value is True
    if without:
        draft.put("system_prompts", [])
    if switch is not None:
        why = "true empties `system_prompts`"
        draft.settle(switch, Fate("changed" if without else "not carried", _PROMPTS[without], why))
    leaf = draft.config.named("final_assistant_prompts_no_rag")
    if leaf is not None and without:
        draft.settle(leaf, Fate("not carried", "", "`do_not_use_system_prompts` is true"))
    elif leaf is not None:
        draft.settle(leaf, prompt("system_prompts", *CONTEXT)(leaf, draft))
