"""The names of the speakers, and what other formats call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.errors import RecordError

ROLES = ("system", "user", "assistant")
ALIASES = {
    "human": "user",
    "gpt": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
}
SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}


def role_of(name: str) -> str:
    """Return the role in our spelling; a name that is no alias stays (`tool`)."""
    return ALIASES.get(name.lower(), name.lower())


def turn(role: str, content: str) -> dict[str, Any]:
    """Return a turn."""
    return {"role": role, "content": content}


def checked_turns(value: Any, field: str) -> list[dict[str, Any]]:
    """Return turns with roles in our spelling; RecordError `bad-field` if they are none."""
    if not isinstance(value, list):
        raise RecordError("bad-field", f"field `{field}` holds no list of turns")
    return [_checked(item, field) for item in value]


def _checked(item: Any, field: str) -> dict[str, Any]:
    if (
        not isinstance(item, Mapping)
        or not isinstance(item.get("role"), str)
        or not isinstance(item.get("content"), str)
    ):
        raise RecordError("bad-field", f"a turn in `{field}` has no text as `role` and `content`")
    return {**item, "role": role_of(item["role"])}
