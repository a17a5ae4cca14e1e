"""The function `conversation.keep_after`: of a turn with a preamble, what follows a marker."""

from __future__ import annotations

import re

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import STRING
from atkc.spec.signature import FunctionSignature, Option
from atkc.stdlib.chat.roles import checked_turns, role_of
from atkc.stdlib.functions.fields import TURNS_OPTION
from atkc.stdlib.functions.turn_shapes import of_role

SIGNATURE = FunctionSignature(
    name="conversation.keep_after",
    version=1,
    shape=of_role,
    options={
        "role": Option(STRING, "assistant", description="system, user (human) or assistant (gpt)"),
        "begins": Option(STRING, "", description="only turns that begin so; empty: all"),
        "marker": Option(STRING, description="what the turn keeps follows this; empty: nothing"),
        "turns": TURNS_OPTION,
    },
    description="keep what follows a marker, such as the answer below a thought process",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns; one without the marker, or with nothing behind it, stays as it is."""
    name, role, begins = options["turns"], role_of(options["role"]), options["begins"]
    turns = checked_turns(row[name], name)
    return {
        name: [
            {**t, "content": _kept(t["content"], options["marker"])}
            if t["role"] == role and begins_with(t["content"], begins)
            else t
            for t in turns
        ]
    }


def begins_with(text: str, words: str) -> bool:
    """Return whether a text begins with these words, marks of headings and emphasis aside."""
    return text.lstrip(" \t\n*#_>").startswith(words.strip())


def _kept(text: str, marker: str) -> str:
    """Return what follows the first marker that begins a line, else the first of all."""
    words = re.escape(marker.strip())
    found = re.search(rf"(?m)^[ \t*#_>]*{words}[*_]*", text) or re.search(words, text)
    if not words or found is None:
        return text
    return text[found.end() :].strip() or text
