"""How a reply lies in the store, what of it is data, and how a failed one is asked for again."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from atkc.runtime.api import Message, Reply
from atkc.runtime.errors import ReplyError

_QUOTED_AT_MOST = 4000  # characters of a failed reply that go back to the model

_AGAIN = "Your reply cannot be used: {}. Reply again in the form asked for, with nothing else."

# Reasoning comes first. Some servers leave the opening tag in the prompt.
_THOUGHT = re.compile(r"\s*<think>.*?(?:</think>\s*|\Z)", re.DOTALL)
_CLOSED = "</think>"

_DECODER = msgspec.json.Decoder(Reply)

Messages = tuple[Message, ...]


def encode(reply: Reply) -> bytes:
    """Return a reply as it is stored: raw, as JSON."""
    return msgspec.json.encode(reply)


def decode(stored: bytes) -> Reply:
    """Return a stored reply, its text less what the model only thought."""
    reply = _DECODER.decode(stored)
    text = visible(reply.text)
    return reply if text is reply.text else msgspec.structs.replace(reply, text=text)


def visible(text: str) -> str:
    """Return a reply's text without the reasoning that stands before it."""
    if "think>" not in text:
        return text
    if thought := _THOUGHT.match(text):
        return text[thought.end() :]
    if _CLOSED in text and "<think>" not in text:
        return text.partition(_CLOSED)[2].lstrip()
    return text


def ask_again(messages: Sequence[Message], reply: Reply, error: ReplyError) -> Messages:
    """Return the messages of the next attempt: the failed reply and what was wrong with it."""
    said = reply.text[:_QUOTED_AT_MOST] or "(nothing)"
    why = _AGAIN.format(error.message.rstrip("."))
    return (*messages, {"role": "assistant", "content": said}, {"role": "user", "content": why})
