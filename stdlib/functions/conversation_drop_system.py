"""The function `conversation.drop_system`: a conversation without its system turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import Record
from atkc.spec.signature import FunctionSignature, Shape, ShapeError
from atkc.stdlib.chat.roles import checked_turns
from atkc.stdlib.functions.fields import TURNS_OPTION
from atkc.stdlib.functions.turn_shapes import in_place


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites the turns."""
    return in_place(options, record)


SIGNATURE = FunctionSignature(
    name="conversation.drop_system",
    version=1,
    shape=shape,
    options={"turns": TURNS_OPTION},
    description="take the system turn away; with `if: draw(…) < ratio`, from a share of records",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns of the other roles."""
    name = options["turns"]
    return {name: [t for t in checked_turns(row[name], name) if t["role"] != "system"]}
