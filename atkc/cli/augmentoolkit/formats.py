"""The three formats of turns, which are one template in parts."""

from __future__ import annotations

from atkc.cli.augmentoolkit.draft import Draft, Fate

_FORMATS = ("system_format", "user_format", "assistant_format")
_WHY = "another of the three formats is not carried, and they are one template: `template` counts"


def all_formats(draft: Draft) -> None:
    """Carry all three formats or none: a turn without its format would be left out of the text."""
    carried = [name for name in _FORMATS if draft.params.get(name)]
    if len(carried) in (0, len(_FORMATS)):
        return
    for name in (*carried, "bos"):
        leaf = draft.config.named(name)
        draft.params.pop(name, None)
        if leaf is not None and draft.fates[leaf.path].verdict != "not carried":
            draft.fates[leaf.path] = Fate("not carried", "", _WHY)
