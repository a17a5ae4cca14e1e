"""Whether `response_format` is honoured: JSON at all, and JSON by a schema.

The model is asked for a plain sentence; JSON comes only of a format that is enforced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, problem
from atkc.cli.doctor.model.asking import ask, told
from atkc.stdlib.replies.reasoning import without_reasoning

# The word JSON must be there: OpenAI refuses the format `json_object` without it.
_TEXT = "Name a colour and a number in one plain English sentence, not as JSON."
_JSON = {"type": "json_object"}
_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "reply",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"colour": {"type": "string"}, "number": {"type": "integer"}},
            "required": ["colour", "number"],
            "additionalProperties": False,
        },
    },
}


async def check_json(seat: Seat) -> list[Finding]:
    """Ask with the format `json_object`."""
    return [await _judged(seat, "json", _JSON)]


async def check_schema(seat: Seat) -> list[Finding]:
    """Ask with the format `json_schema`."""
    return [await _judged(seat, "schema", _SCHEMA)]


async def _judged(seat: Seat, kind: str, response_format: Mapping[str, Any]) -> Finding:
    heard = await ask(seat, _TEXT, response_format=response_format)
    if heard.reply is not None and _fits(kind, heard.reply.text):
        unused = seat.structured == {"off"}
        return ok(f"honoured; `structured: {kind}` may be set" if unused else "honoured")
    why = "is ignored" if heard.reply else f"is refused: {told(heard.error)}"
    said = f"the response format `{response_format['type']}` {why}"
    if kind in seat.structured:
        other = "`schema` or `off`" if kind == "json" else "`json` or `off`"
        return problem(said, f"set `structured` to {other}")
    return ok(f"{said}; the plan does not use it")


def _fits(kind: str, text: str) -> bool:
    try:
        value = json.loads(without_reasoning(text))
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict) or kind == "json":
        return isinstance(value, dict)
    return value.keys() == {"colour", "number"} and type(value["number"]) is int
