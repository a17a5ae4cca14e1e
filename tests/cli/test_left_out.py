"""Sampling parameters that never reach a model."""

from __future__ import annotations

from typing import Any

import pytest

from atkc.cli.left_out import left_out_warnings
from atkc.cli.models import models_of
from atkc.compiler.plan import Endpoint, Model, Node, Plan, Prompt, PromptOp, Variant, VoteOp


def plan(sampling: dict[str, Any], own: dict[str, Any], *, vote: bool = False) -> Plan:
    """Return a plan of one step that asks `o3`, with `m2` to fall back to; `own` is the step's."""
    prompt = Prompt(name="p", messages=[], sampling=own)
    op = (
        VoteOp(model="m", prompt=prompt, name="v")
        if vote
        else PromptOp(model="m", variants=[Variant(prompt=prompt)])
    )
    node = Node(id="a", type="prompt", op=op, ports={"main": "{}"}, cardinality="1:1")
    models = {
        "m": Model(model="openai/o3", endpoint=Endpoint(), sampling=sampling, fallback=["m2"]),
        "m2": Model(model="openai/gpt-4o", endpoint=Endpoint(), sampling={"top_p": 0.5}),
        "unused": Model(model="openai/o4", endpoint=Endpoint(), sampling={"top_p": 0.5}),
    }
    return Plan(name="p", nodes=[node], models=models)


@pytest.mark.parametrize("vote", [False, True])
@pytest.mark.parametrize(
    ("sampling", "own", "told"),
    [
        ({}, {}, []),
        ({"max_tokens": 9}, {}, []),
        ({"temperature": 1}, {"top_p": 0.5}, ["`o3` takes no `temperature`, `top_p`"]),
        ({}, {"seed": 3}, ["`seed` under `sampling` is not sent"]),
        ({"seed": 3, "logprobs": 1}, {}, ["`o3` takes no `logprobs`", "`seed` under"]),
    ],
)
def test_what_is_not_sent_is_told(
    sampling: dict[str, Any], own: dict[str, Any], told: list[str], vote: bool
) -> None:
    made = plan(sampling, own, vote=vote)
    found = left_out_warnings(made, models_of(made))
    assert len(found) == len(told)
    assert all(text.startswith(start) for text, start in zip(found, told, strict=True))
