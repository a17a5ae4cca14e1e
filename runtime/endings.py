"""How replies end: which endings make a reply one that is no data."""

from __future__ import annotations

from atkc.runtime.api import Reply
from atkc.runtime.errors import ReplyError

STOP, LENGTH, REFUSAL, FILTERED, ERROR = "stop", "length", "refusal", "content_filter", "error"

# How else endpoints call them.
_OTHERS = {
    "": STOP,
    "eos": STOP,
    "eos_token": STOP,
    "end_turn": STOP,
    "stop_sequence": STOP,
    "max_tokens": LENGTH,
    "max_output_tokens": LENGTH,
    "model_length": LENGTH,
    "model_context_window_exceeded": LENGTH,
    "safety": FILTERED,
    "recitation": FILTERED,
    "blocklist": FILTERED,
    "prohibited_content": FILTERED,
    "abort": ERROR,
    "aborted": ERROR,
    "cancelled": ERROR,
}


def ending(told: object) -> str:
    """Return how a reply ended in OpenAI's words; what has none there stays as it is told."""
    said = str(told or "")
    return said if said in (STOP, LENGTH) else _OTHERS.get(said.lower(), said)


def check(reply: Reply, *, accepts_cut: bool) -> None:
    """Raise ReplyError where a reply is no data for how it ended.

    `refusal`: the model would not answer; `filtered`: the endpoint's filter took it; `truncated`:
    it came to its greatest length.
    """
    match reply.finish_reason:
        case "refusal":
            raise ReplyError("refusal", "the model refused to answer")
        case "content_filter":
            raise ReplyError("filtered", "the endpoint's content filter withheld the reply")
        case "length" if not accepts_cut:
            raise ReplyError("truncated", "the reply was cut off at its greatest length")
