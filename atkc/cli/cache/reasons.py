"""In words: how a request differs from the nearest one in the cache, and what that means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from atkc.runtime.storage.beginnings import common
from atkc.runtime.storage.call_parts import Difference
from atkc.runtime.storage.nearest import Near
from atkc.spec.screen import printable

_AROUND = 40  # characters shown before and behind a difference
_SHOWN = 160  # characters shown of it

# What brings a difference about, by the part that differs; the first that fits.
_WHY = (
    ("provider", "another provider is asked"),
    ("model", "another model is asked"),
    ("revision", "the model's `revision` is another"),
    (
        "address",
        "the endpoint has another address; a `revision` would make replies independent of it",
    ),
    ("mode", "the model is asked in another mode"),
    ("messages", "the messages are others: the prompt, its examples or the record's fields"),
    ("sampling", "a sampling parameter is another"),
    (
        "response_format",
        "the response format is another: the contract, or the model's `structured`",
    ),
    ("generation", "it was stored before `--fresh`"),
    ("attempt", "it is another attempt: the reply before it could not be accepted"),
    ("seed", "the seed is another: the `seed` of the run, the sample's number or `draw`"),
)


def verdict(near: Near) -> str:
    """Return in a sentence why the nearest request does not serve."""
    parts = {difference.part.partition("[")[0].partition(".")[0] for difference in near.differences}
    return "; ".join(words for part, words in _WHY if part in parts)


def difference_lines(difference: Difference) -> Iterator[str]:
    """Yield the lines that show a difference: `-` what is stored, `+` what is asked now."""
    stored, asked = _text(difference.stored), _text(difference.asked)
    yield f"{difference.part}{_role(difference)}"
    if len(stored) > _AROUND or len(asked) > _AROUND:
        stored, asked = _excerpts(stored, asked)
    yield f"  - {printable(stored)}"
    yield f"  + {printable(asked)}"


def _text(value: Any) -> str:
    if isinstance(value, Mapping) and isinstance(value.get("content"), str):
        return str(value["content"])
    return "(none)" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _role(difference: Difference) -> str:
    roles = [
        v["role"]
        for v in (difference.stored, difference.asked)
        if isinstance(v, Mapping) and "role" in v
    ]
    return f" ({' → '.join(dict.fromkeys(roles))})" if roles else ""


def _excerpts(one: str, other: str) -> tuple[str, str]:
    """Return both texts around the place where they differ, on one line each."""
    least = min(len(one), len(other))
    head = common(one, other, least)
    tail = common(one[::-1], other[::-1], least - head)
    return _excerpt(one, head, tail), _excerpt(other, head, tail)


def _excerpt(text: str, head: int, tail: int) -> str:
    start, end = max(0, head - _AROUND), len(text) - tail
    middle = text[head:end]
    if len(middle) > _SHOWN:
        middle = f"{middle[:_SHOWN]} … ({len(middle)} characters)"
    before = ("…" if start else "") + text[start:head]
    after = text[end : end + _AROUND] + ("…" if len(text) > end + _AROUND else "")
    return f"{before}[{middle}]{after}"
