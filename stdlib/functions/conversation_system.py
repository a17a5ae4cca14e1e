"""The function `conversation.system`: a system turn at the head of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import ANY, STRING, MapOf, Record, Scalar
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.rendering import render_text
from atkc.stdlib.chat.roles import checked_turns, turn
from atkc.stdlib.functions.fields import TURNS_OPTION, VARIABLES_OPTION, need, value_at
from atkc.stdlib.functions.turn_shapes import check_text, in_place, with_context


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites the turns; exactly one of `field` and `text` must be given."""
    field, text = options["field"], options["text"]
    if bool(field) == bool(text):
        return ShapeError("exactly one of `field` and `text` says what the system turn is", "field")
    fields = options["fields"]
    problem = (
        need(record, field, STRING, "field")
        if field
        else check_text(text, {**options["variables"], **fields}, "text")
    )
    for name in fields.values():
        problem = problem or need(record, name, ANY, "fields")
    return problem or in_place(options, record, field, *fields.values())


SIGNATURE = FunctionSignature(
    name="conversation.system",
    version=1,
    shape=shape,
    options={
        "field": Option(STRING, "", description="the field with the words of the system turn"),
        "text": Option(Scalar("template"), "", description="or the words themselves"),
        "variables": VARIABLES_OPTION,
        "fields": Option(
            MapOf(STRING), {}, description="variables that are fields of the record: name -> field"
        ),
        "turns": TURNS_OPTION,
    },
    description="put a system turn first, in place of one that is there",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns under the new system turn; empty words give none.

    A field's words are filled in as a template only where `variables` or `fields` are given.
    """
    field = options["field"]
    named = {name: value_at(row, path) for name, path in options["fields"].items()}
    words = value_at(row, field) if field else options["text"]
    if not isinstance(words, str):
        raise RecordError("bad-field", f"field `{field}` holds no text")
    if options["text"] or options["variables"] or named:
        words = render_text(words, with_context({**options["variables"], **named}))
    name = options["turns"]
    rest = [t for t in checked_turns(row[name], name) if t["role"] != "system"]
    return {name: ([turn("system", words)] if words.strip() else []) + rest}
