"""The function `chat.render`: a conversation as one text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import STRING, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.rendering import render
from atkc.stdlib.chat.roles import checked_turns
from atkc.stdlib.functions.fields import (
    TEMPLATE_OPTION,
    TURNS_OPTION,
    VARIABLES_OPTION,
    value_at,
)
from atkc.stdlib.functions.turn_shapes import from_turns


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads turns, adds a text."""
    return from_turns(options, record, STRING)


SIGNATURE = FunctionSignature(
    name="chat.render",
    version=2,
    shape=shape,
    options={
        "template": TEMPLATE_OPTION,
        "as": Option(STRING, "text", description="the field to add"),
        "turns": TURNS_OPTION,
        "variables": VARIABLES_OPTION,
    },
    description="render turns by a chat template",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the text, stripped at both ends."""
    turns = checked_turns(value_at(row, options["turns"]), options["turns"])
    return {options["as"]: render(turns, options["template"], options["variables"])}
