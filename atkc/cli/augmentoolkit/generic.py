"""General sets and their percentages, two lists there and one here."""

from __future__ import annotations

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.rules import UNFILLED
from atkc.spec.diagnostic import Diagnostic

_KEYS = ("path", "context_to_add", "context_to_add_type")


def generic_sets(draft: Draft) -> None:
    """Settle the general sets; lists of different lengths are an error."""
    config = draft.config
    leaves = [leaf for leaf in config.leaves if leaf.name.startswith("generic_dataset_paths")]
    percents = config.named("generic_dataset_percentages")
    count = 1 + max((n for leaf in leaves for n in leaf.nested if isinstance(n, int)), default=-1)
    sets: list[dict[str, object]] = [{} for _ in range(count)]
    for leaf in leaves:
        key, number = str(leaf.nested[-1]), next((n for n in leaf.nested if isinstance(n, int)), 0)
        to = f"generic_dataset_paths/{number}/{key}"
        if not sets:
            draft.settle(leaf, Fate("carried", "generic_dataset_paths"))
        elif key not in _KEYS:
            draft.settle(leaf, Fate("not carried", "", "not a key of a general set"))
        else:
            sets[number][key] = None if leaf.unfilled else leaf.value
            fate = Fate("not carried", to, UNFILLED) if leaf.unfilled else Fate("carried", to)
            draft.settle(leaf, fate)
    if leaves or percents:
        draft.put("generic_dataset_paths", sets)
    if percents is None:
        return
    shares = percents.value if isinstance(percents.value, list) else [percents.value]
    if len(shares) != count and not percents.unfilled:
        message = f"{len(shares)} percentages for {count} general sets"
        advice = "give `generic_dataset_percentages` one number for each of `generic_dataset_paths`"
        draft.found.append(Diagnostic("ATK041", message, percents.span, help=advice))
        draft.settle(percents, Fate("not carried", "", message))
        return
    if percents.unfilled:
        draft.settle(percents, Fate("not carried", "generic_dataset_paths/#/percent", UNFILLED))
        return
    for one, share in zip(sets, shares, strict=True):
        one["percent"] = share
    why = "a number of each set"
    draft.settle(percents, Fate("changed", "generic_dataset_paths/#/percent", why))
