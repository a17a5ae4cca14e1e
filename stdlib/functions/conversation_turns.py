"""The function `conversation.turns`: pairs, or turns of another dialect, as turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import ANY, STRING, TURNS, Fit, ListOf, Record, fits, show
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.roles import role_of, turn
from atkc.stdlib.functions.fields import find, top, value_at

_PAIR = ("question", "answer")
# The dialects, by the fields of an item.
DIALECTS = (_PAIR, ("role", "content"), ("from", "value"))
_ITEMS = [ListOf(Record.of(dict.fromkeys(names, STRING))) for names in DIALECTS]


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads a list of pairs or turns, adds turns."""
    name = options["from"]
    field = find(record, name, "from")
    if isinstance(field, ShapeError):
        return field
    if field.type != ANY and all(fits(field.type, wanted) is Fit.NO for wanted in _ITEMS):
        message = f"field `{name}` is {show(field.type)}, neither pairs nor turns"
        return ShapeError(message, "from", "use a list of {question, answer} or {role, content}")
    return Shape(top(record, name), Record.of({options["as"]: TURNS}))


SIGNATURE = FunctionSignature(
    name="conversation.turns",
    version=1,
    shape=shape,
    options={
        "from": Option(STRING, description="[{question, answer}], [{role, content}], ShareGPT"),
        "as": Option(STRING, "turns", description="the field to add"),
    },
    description="make turns of question-answer pairs or of another dialect's turns",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns; RecordError `bad-field` where an item has the fields of no dialect."""
    items = value_at(row, options["from"])
    if not isinstance(items, list) or not items:
        raise RecordError("bad-field", f"field `{options['from']}` holds no list with items")
    return {options["as"]: [t for item in items for t in _turns(item, options["from"])]}


def _turns(item: Any, field: str) -> list[dict[str, Any]]:
    for names in DIALECTS:
        first, second = (item.get(n) if isinstance(item, Mapping) else None for n in names)
        if isinstance(first, str) and isinstance(second, str):
            if names is _PAIR:
                return [turn("user", first), turn("assistant", second)]
            return [turn(role_of(first), second)]
    raise RecordError("bad-field", f"an item of `{field}` is neither a pair nor a turn")
