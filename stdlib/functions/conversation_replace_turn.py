"""The function `conversation.replace_turn`: a stock phrase said in several ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import STRING, STRINGS, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.roles import checked_turns, role_of
from atkc.stdlib.functions.fields import TURNS_OPTION
from atkc.stdlib.functions.turn_shapes import of_role


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites the turns."""
    if not options["by"]:
        return ShapeError("`by` has no phrase to put in", "by", "give at least one")
    return of_role(options, record)


SIGNATURE = FunctionSignature(
    name="conversation.replace_turn",
    version=1,
    shape=shape,
    options={
        "role": Option(STRING, "user", description="system, user (human) or assistant (gpt)"),
        "equals": Option(STRING, description="the phrase to replace, less space at both ends"),
        "by": Option(STRINGS, description="phrases of which one is drawn for each turn"),
        "draw": Option(STRING, "replace_turn", description="the label of the draw"),
        "turns": TURNS_OPTION,
    },
    description="replace turns that say a phrase by one drawn from a list",
)


def apply(row: Data, options: Options, context: Context) -> Data:
    """Return the turns; draws are seeded by run seed, record and label."""
    chance = context.rng(options["draw"])
    role, phrase, name = role_of(options["role"]), options["equals"].strip(), options["turns"]
    turns = []
    for turn in checked_turns(row[name], name):
        if turn["role"] == role and turn["content"].strip() == phrase:
            turn = {**turn, "content": chance.choice(options["by"])}
        turns.append(turn)
    return {name: turns}
