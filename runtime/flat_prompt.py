"""Messages as one plain text, for models that only go on with a text (`mode: completion`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from atkc.runtime.api import Message

# Part of the key of calls in this form: changes whenever what is sent for equal messages does.
FORM = "completion"
HEADS = {"user": "### User:", "assistant": "### Assistant:"}
STOP = "\n" + HEADS["user"]  # where a model would go on with the other side's turn


def flat(messages: Sequence[Message]) -> str:
    """Return the messages under headings, ending with that of the reply; system texts bare."""
    parts = [_part(str(m.get("role")), str(m.get("content") or "")) for m in messages]
    return "\n\n".join([*parts, HEADS["assistant"]])


def _part(role: str, content: str) -> str:
    return f"{HEADS[role]}\n{content}" if role in HEADS else content


def with_stop(stop: Any) -> list[str]:
    """Return the stop texts with the one that keeps the model to its own turn."""
    given = [stop] if isinstance(stop, str) else list(stop or ())
    return [*given[:3], STOP]  # providers take four at most
