"""The function `text.variation`: a text spelt another way, drawn from a list of forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import STRING, Enum, ListOf, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.functions.fields import need, top
from atkc.stdlib.functions.variation_forms import FORMS


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites the text and adds the name of the form."""
    field = options["field"]
    if problem := need(record, field, STRING, "field"):
        return problem
    if field not in record:
        return ShapeError(f"`{field}` is nested; a field of the record is changed", "field")
    if not options["forms"]:
        return ShapeError("`forms` is empty", "forms", "name at least one form")
    adds = Record.of({field: STRING, options["as"]: Enum(tuple(dict.fromkeys(options["forms"])))})
    return Shape(top(record, field), adds, frozenset({field}))


SIGNATURE = FunctionSignature(
    name="text.variation",
    version=1,
    shape=shape,
    options={
        "forms": Option(ListOf(Enum(tuple(FORMS))), list(FORMS), description="forms to draw from"),
        "field": Option(STRING, "text", description="the field to change"),
        "as": Option(STRING, "form", description="the field that names the form"),
        "draw": Option(STRING, "variation", description="the label of the draw"),
    },
    description="spell a text another way: letter cases, joined words, keyboard slips",
)


def apply(row: Data, options: Options, context: Context) -> Data:
    """Return the text in its new form and the form's name; both seeded by record and label."""
    chance = context.rng(options["draw"])
    form = chance.choice(options["forms"])
    field = options["field"]
    return {field: FORMS[form](row[field], chance), options["as"]: form}
