"""The function `chat.segments`: a conversation in pieces that say what is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import BOOLEAN, STRING, Enum, ListOf, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.rendering import render_segments
from atkc.stdlib.chat.roles import ROLES, checked_turns
from atkc.stdlib.functions.fields import (
    SEGMENTS,
    TEMPLATE_OPTION,
    TURNS_OPTION,
    VARIABLES_OPTION,
    value_at,
)
from atkc.stdlib.functions.turn_shapes import from_turns


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads turns, adds segments."""
    return from_turns(options, record, SEGMENTS)


SIGNATURE = FunctionSignature(
    name="chat.segments",
    version=2,
    shape=shape,
    options={
        "train": Option(ListOf(Enum(ROLES)), ["assistant"], description="roles trained on"),
        "headers": Option(BOOLEAN, False, description="train on the names of those roles too"),
        "template": TEMPLATE_OPTION,
        "as": Option(STRING, "segments", description="the field to add"),
        "turns": TURNS_OPTION,
        "variables": VARIABLES_OPTION,
    },
    description="render turns as masked segments; a turn's own `train` outweighs its role",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return segments whose texts, joined, are what `chat.render` gives.

    RecordError `nothing-trained` if every label is false.
    """
    turns = checked_turns(value_at(row, options["turns"]), options["turns"])
    trained = [bool(t.get("train", t["role"] in options["train"])) for t in turns]
    segments = render_segments(
        turns, trained, options["headers"], options["template"], options["variables"]
    )
    if not any(segment["label"] for segment in segments):
        raise RecordError("nothing-trained", "no turn of the conversation is trained on")
    return {options["as"]: segments}
