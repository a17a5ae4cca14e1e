"""Directories, and what the config says of all of them."""

from __future__ import annotations

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.rules import unfilled

_ALL = ("correction_use_subset", "correction_subset_size")


def global_subsets(draft: Draft) -> None:
    """Give settings that stand for all directories to those without one of their own."""
    dirs = {leaf.nested[1] for leaf in draft.config.leaves if leaf.name.startswith("input_dirs[]")}
    for key in _ALL:
        leaf = draft.config.named(key)
        if leaf is None:
            continue
        own = {given.nested[1] for given in draft.config.all(f"input_dirs[].{key}")}
        lacking = sorted(str(number) for number in dirs - own)
        to = f"input_dirs/#/{key}"
        if leaf.unfilled:
            draft.settle(leaf, unfilled(draft, to))
        elif lacking:
            for number in lacking:
                draft.put(f"input_dirs/{number}/{key}", leaf.value)
            why = "for the directories without their own; the original ignored it"
            draft.settle(leaf, Fate("changed", to, why))
        else:
            why = "each directory has its own; the original ignored this one"
            draft.settle(leaf, Fate("not carried", "", why))
