"""The small questions that checks ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.talk import Heard
from atkc.runtime.api import Request
from atkc.runtime.errors import CallError

ENOUGH = 512  # tokens: a model that thinks first needs some


async def ask(
    seat: Seat,
    text: str,
    *,
    sampling: Mapping[str, Any] | None = None,
    response_format: Mapping[str, Any] | None = None,
) -> Heard:
    """Return what the model says to a text, with the sampling of the plan's model and a seed."""
    given = {**seat.spec.sampling, "max_tokens": ENOUGH, **(sampling or {})}
    messages = ({"role": "user", "content": text},)
    return await seat.visit.talk.complete(
        Request(seat.spec.model, messages, given, response_format, seed=1)
    )


def told(error: CallError | None) -> str:
    """Return an error's words."""
    return error.message if error is not None else ""
