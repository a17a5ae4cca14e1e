"""Keys that hold for both models of a part."""

from __future__ import annotations

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.rules import unfilled
from atkc.cli.augmentoolkit.tables.composition import BOTH


def both_models(draft: Draft) -> None:
    """Settle the stop and completion keys of parts with a small and a large model."""
    for key, (part, name, why) in BOTH.items():
        leaf = draft.config.named(key)
        if leaf is None:
            continue
        places = [f"{part}_{role}/{name}" for role in ("small", "large")]
        if leaf.unfilled:
            draft.settle(leaf, unfilled(draft, places[0]))
            continue
        for place in places:
            draft.put(place, leaf.value)
        draft.settle(leaf, Fate("changed" if why else "carried", ", ".join(places), why))
