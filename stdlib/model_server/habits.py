"""What an endpoint always does or never does, and real ones differ in; faults come by share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from atkc.runtime.api import Reply
from atkc.stdlib.model_server.wire import BadRequest, ChatRequest


class Habits(Struct, frozen=True):
    """As they stand: an endpoint that keeps to the protocol."""

    ignore_format: bool = False  # `response_format` has no effect
    refuse_format: bool = False  # `response_format` is a 400
    refuse_seed: bool = False  # `seed` is a 400
    ignore_length: bool = False  # `max_tokens` has no effect
    hide_length: bool = False  # a reply that was cut says `stop`
    ignore_stop: bool = False  # `stop` has no effect
    no_models: bool = False  # GET /models is a 404
    open_models: bool = False  # GET /models asks for no key
    no_usage: bool = False  # replies tell no token counts
    reasoning: str = ""  # "field": beside the text, "text": in front of it as `<think>`
    context: int | None = None  # told in the list of models, as vLLM does


THOUGHT = "The request is short; the answer will be too."


def refused(habits: Habits, asked: ChatRequest) -> None:
    """Raise BadRequest for what this endpoint does not take."""
    for wanted, key in ((habits.refuse_format, "response_format"), (habits.refuse_seed, "seed")):
        if wanted and asked.body.get(key) is not None:
            raise BadRequest(f"`{key}` is not supported by this endpoint", key)


def response_format(habits: Habits, asked: ChatRequest) -> Mapping[str, Any] | None:
    """Return the response format that the model gets to see."""
    return None if habits.ignore_format else asked.response_format


def bounded(habits: Habits, asked: ChatRequest, reply: Reply) -> Reply:
    """Return the reply up to a stop sequence and within the greatest length.

    Where the model counts its tokens, each stands for an equal share of the text.
    """
    if habits.reasoning == "text":
        reply = _thoughtful(reply)
    if not habits.ignore_stop:
        reply = _stopped(reply, _stops(asked.body.get("stop")))
    most = asked.body.get("max_completion_tokens") or asked.body.get("max_tokens")
    if most is None or habits.ignore_length or reply.completion_tokens <= most:
        return reply
    kept = reply.text[: len(reply.text) * most // reply.completion_tokens]
    reason = "stop" if habits.hide_length else "length"
    return replace(reply, text=kept, completion_tokens=most, finish_reason=reason)


def _thoughtful(reply: Reply) -> Reply:
    """Return the reply with a thought before it, which counts as much per token as its text."""
    text = f"<think>{THOUGHT}</think>\n{reply.text}"
    tokens = -(-len(text) * reply.completion_tokens // max(len(reply.text), 1))
    return replace(reply, text=text, completion_tokens=tokens)


def _stops(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]


def _stopped(reply: Reply, stops: list[str]) -> Reply:
    cuts = [at for stop in stops if (at := reply.text.find(stop)) >= 0]
    return replace(reply, text=reply.text[: min(cuts)]) if cuts else reply
