"""The function `conversation.instruct`: one instruction before whatever the system turn says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import Record, Scalar
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.rendering import render_text
from atkc.stdlib.chat.roles import checked_turns, turn
from atkc.stdlib.functions.fields import TURNS_OPTION, VARIABLES_OPTION
from atkc.stdlib.functions.turn_shapes import check_text, in_place, with_context


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites the turns."""
    return check_text(options["text"], options["variables"], "text") or in_place(options, record)


SIGNATURE = FunctionSignature(
    name="conversation.instruct",
    version=1,
    shape=shape,
    options={
        "text": Option(
            Scalar("template"),
            description="may read context, context_uppercase, context_lowercase and `variables`",
        ),
        "variables": VARIABLES_OPTION,
        "turns": TURNS_OPTION,
    },
    description="put an instruction before the system turn's words, or make that turn",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns with the instruction; an empty one changes nothing."""
    name = options["turns"]
    turns = checked_turns(row[name], name)
    words = render_text(options["text"], with_context(options["variables"]))
    return {name: prefixed(turns, "system", words, "\n")}


def prefixed(turns: list[Data], role: str, words: str, glue: str) -> list[Data]:
    """Return turns with words before the first turn of a role; a system turn is made if absent."""
    if not words.strip():
        return turns
    at = next((n for n, t in enumerate(turns) if t["role"] == role), None)
    if at is not None:
        changed = {**turns[at], "content": f"{words}{glue}{turns[at]['content']}"}
        return [*turns[:at], changed, *turns[at + 1 :]]
    return [turn("system", words), *turns] if role == "system" else turns
