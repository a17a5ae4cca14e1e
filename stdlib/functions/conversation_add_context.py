"""The function `conversation.add_context`: words that set the scene for a whole data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import STRING, Enum, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.roles import checked_turns
from atkc.stdlib.functions.conversation_instruct import prefixed
from atkc.stdlib.functions.fields import TURNS_OPTION
from atkc.stdlib.functions.turn_shapes import in_place

_ROLE = {"system": "system", "human": "user"}


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites the turns."""
    return in_place(options, record)


SIGNATURE = FunctionSignature(
    name="conversation.add_context",
    version=1,
    shape=shape,
    options={
        "text": Option(STRING, description="the words to add"),
        "to": Option(Enum(("system", "human", "none")), "system", description="which turn"),
        "turns": TURNS_OPTION,
    },
    description="put words before the system turn or before the first question",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns with the words at `to`; `none` changes nothing."""
    name = options["turns"]
    turns = checked_turns(row[name], name)
    if options["to"] == "none":
        return {name: turns}
    return {name: prefixed(turns, _ROLE[options["to"]], options["text"], "\n")}
