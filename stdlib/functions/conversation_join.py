"""The function `conversation.join`: several conversations as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import INTEGER, STRING, TURNS, ListOf, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.roles import checked_turns
from atkc.stdlib.functions.fields import TURNS_OPTION, need, top, value_at


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads a list of records with turns, adds turns."""
    parts = ListOf(Record.of({options["turns"]: TURNS}))
    if problem := need(record, options["field"], parts, "field"):
        return problem
    focus = options["focus"]
    if focus and (problem := need(record, focus, INTEGER, "focus")):
        return problem
    return Shape(top(record, options["field"], focus), Record.of({options["as"]: TURNS}))


SIGNATURE = FunctionSignature(
    name="conversation.join",
    version=1,
    shape=shape,
    options={
        "field": Option(STRING, description="a list of records that have turns"),
        "turns": TURNS_OPTION,
        "focus": Option(
            STRING,
            "",
            description="a field with the number of one part, from 0: the turns of all others are "
            "marked as not trained on",
        ),
        "as": Option(STRING, "turns", description="the field to add"),
    },
    description="join conversations; the first system turn stays and stands first",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns of all parts in order, with at most one system turn.

    RecordError `bad-field` where there are no parts, or none has the number in `focus`.
    """
    parts = value_at(row, options["field"])
    if not isinstance(parts, list) or not parts:
        raise RecordError("bad-field", f"field `{options['field']}` holds no list with items")
    name = options["turns"]
    talks = [checked_turns(part.get(name), name) for part in parts]
    if options["focus"]:
        talks = _focused(talks, value_at(row, options["focus"]), options["focus"])
    turns = [t for talk in talks for t in talk]
    system = [t for t in turns if t["role"] == "system"][:1]
    return {options["as"]: system + [t for t in turns if t["role"] != "system"]}


def _focused(talks: list[list[Data]], focus: Any, field: str) -> list[list[Data]]:
    """Return the conversations with `train: false` in the turns of all but one."""
    if not isinstance(focus, int) or not 0 <= focus < len(talks):
        raise RecordError("bad-field", f"field `{field}` is {focus!r}, not the number of a part")
    return [
        talk if n == focus else [{**t, "train": False} for t in talk]
        for n, talk in enumerate(talks)
    ]
