"""The function `text.header`: lines before a text that say what it is about and where from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import STRING, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.functions.fields import need, top, value_at


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites the text; reads the source if that is wanted."""
    field, source = options["field"], options["source"]
    if problem := need(record, field, STRING, "field"):
        return problem
    if not options["context"] and not source:
        return ShapeError("neither `context` nor `source` gives a line", "context")
    if source and (problem := need(record, source, STRING, "source")):
        return problem
    if field not in record:
        return ShapeError(f"`{field}` is nested; a field of the record is changed", "field")
    return Shape(top(record, field, source), Record.of({field: STRING}), frozenset({field}))


SIGNATURE = FunctionSignature(
    name="text.header",
    version=1,
    shape=shape,
    options={
        "context": Option(STRING, "", description="what the whole set is about"),
        "source": Option(STRING, "source", description="the field naming the source; empty: none"),
        "field": Option(STRING, "text", description="the field to change"),
    },
    description="put `Context: …` and `Source: …` before a text",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the text below its header and a blank line."""
    field, lines = options["field"], []
    if options["context"]:
        lines.append(f"Context: {options['context']}")
    if options["source"]:
        source = value_at(row, options["source"])
        if not isinstance(source, str):
            raise RecordError("bad-field", f"field `{options['source']}` holds no text")
        lines.append(f"Source: {source}")
    return {field: "\n".join(lines) + f"\n\n{row[field]}"}
