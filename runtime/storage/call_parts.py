"""What a call's text says, part by part, and in which parts two texts differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from msgspec import Struct

Message = Mapping[str, Any]


class CallParts(Struct, frozen=True):
    """All that the key of a call is made of."""

    provider: str
    model: str
    revision: str | None
    address: str  # of a private endpoint whose models have no revision
    messages: tuple[Message, ...]
    sampling: Mapping[str, Any]
    response_format: Any
    seed: int
    attempt: int  # from 0
    mode: str
    generation: int


class Difference(Struct, frozen=True):
    """A part that differs: what is stored, what is asked now; None where there is no such part."""

    part: str
    stored: Any
    asked: Any


def call_parts(text: bytes) -> CallParts | None:
    """Return the parts of a text of `keys.call_text`, None where it is none."""
    try:
        kind, (provider, model, revision, address), request, *later = orjson.loads(text)
        messages, sampling, response_format, seed, attempt = request
    except (ValueError, TypeError):
        return None
    if kind != "call":
        return None
    modes = [part for part in later if isinstance(part, str)]
    generations = [part for part in later if isinstance(part, int)]
    return CallParts(
        provider,
        model,
        None if revision == [] else revision,
        address,
        tuple(messages),
        sampling,
        None if response_format == [] else response_format,
        seed,
        attempt,
        modes[0] if modes else "chat",
        generations[0] if generations else 0,
    )


def differences(stored: CallParts, asked: CallParts) -> list[Difference]:
    """Return what tells two calls apart; the seed only where the messages do not explain it."""
    found = [
        Difference(name, getattr(stored, name), getattr(asked, name))
        for name in ("provider", "model", "revision", "address", "mode")
        if getattr(stored, name) != getattr(asked, name)
    ]
    found += _of_messages(stored, asked)
    found += _of_sampling(stored, asked)
    if stored.response_format != asked.response_format:
        found.append(Difference("response_format", stored.response_format, asked.response_format))
    names = ["attempt", "generation"]
    if stored.messages == asked.messages:
        names.insert(0, "seed")
    found += [
        Difference(name, getattr(stored, name), getattr(asked, name))
        for name in names
        if getattr(stored, name) != getattr(asked, name)
    ]
    return found


def _of_messages(stored: CallParts, asked: CallParts) -> Iterator[Difference]:
    for number in range(max(len(stored.messages), len(asked.messages))):
        one = stored.messages[number] if number < len(stored.messages) else None
        other = asked.messages[number] if number < len(asked.messages) else None
        if one != other:
            yield Difference(f"messages[{number}]", one, other)


def _of_sampling(stored: CallParts, asked: CallParts) -> Iterator[Difference]:
    for name in sorted({*stored.sampling, *asked.sampling}):
        one, other = stored.sampling.get(name), asked.sampling.get(name)
        if one != other or type(one) is not type(other):
            yield Difference(f"sampling.{name}", one, other)
