"""What a config does not say, where the recipe's own default is one for trying it."""

from __future__ import annotations

from atkc.cli.augmentoolkit.draft import Draft

# What the original's own config gives.
_USUAL = {
    "factual_chunk_size": 3000,
    "num_tokens_pretraining_in_sft": 2_000_000,
    "minimum_generic_sft": 2_000_000,
}


def absent_sizes(draft: Draft) -> None:
    """Leave out the example set, and note sizes that the config does not give."""
    draft.params.setdefault("generic_dataset_paths", [])
    for name, usual in _USUAL.items():
        if draft.config.named(name) is None:
            note = f"the config gives no `{name}`, so a small default for trying counts"
            draft.notes.append(f"{note}: set it, usually to {usual}")
