"""Sampling parameters that are given and never sent, told before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atkc.compiler.plan import Op, Plan, PromptOp, VoteOp, asked_model
from atkc.runtime.modelspec import ModelSpec


def left_out_warnings(plan: Plan, models: Mapping[str, ModelSpec]) -> list[str]:
    """Return a sentence per model whose family refuses what it is given, and one about seeds."""
    refused: dict[str, set[str]] = {}
    seeds = False
    for op in (node.op for node in plan.nodes if asked_model(node.op)):
        first = models[asked_model(op)]
        for model in (first, *first.fallback):
            given = {name for sampling in _given(op, model) for name in sampling}
            seeds |= "seed" in given
            refused.setdefault(model.model, set()).update(given & model.family.refused)
    said = [
        f"`{model}` takes no {', '.join(f'`{name}`' for name in sorted(names))}: not sent"
        for model, names in refused.items()
        if names
    ]
    if seeds:
        said.append("`seed` under `sampling` is not sent: each call gets one made from the spec's")
    return said


def _given(op: Op, model: ModelSpec) -> Iterator[Mapping[str, Any]]:
    yield model.sampling
    if isinstance(op, PromptOp):
        yield from (variant.prompt.sampling for variant in op.variants)
    elif isinstance(op, VoteOp):
        yield op.prompt.sampling
