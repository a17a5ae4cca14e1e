"""The format `completion`: one text per row, as it stands or rendered from turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import STRING, Record
from atkc.spec.signature import ExporterSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.rendering import render as render_turns
from atkc.stdlib.chat.roles import checked_turns
from atkc.stdlib.chat.templates import problem_in
from atkc.stdlib.exporters.writing import (
    MORE_COLUMNS,
    TOKENIZER,
    Rendered,
    check_columns,
    more_columns,
    write_json,
)
from atkc.stdlib.functions.fields import (
    TEMPLATE_OPTION,
    VARIABLES_OPTION,
    need,
    need_turns,
    top,
    value_at,
)


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads the turns if `turns` names them, else the text."""
    problem = _problem(options, record) or check_columns(options["columns"], record)
    source = options["turns"] or options["text"]
    return problem or Shape(top(record, source, *options["columns"].values()))


def _problem(options: Mapping[str, Any], record: Record) -> ShapeError | None:
    if not options["turns"]:
        return need(record, options["text"], STRING, "text")
    if problem := need_turns(record, options):
        return problem
    message = problem_in(options["template"], options["variables"])
    return ShapeError(message, "template") if message else None


SIGNATURE = ExporterSignature(
    name="completion",
    version=2,
    options={
        "text": Option(STRING, "text", description="the field with the text"),
        "turns": Option(STRING, "", description="or the field with turns, for `template`"),
        "template": TEMPLATE_OPTION,
        "variables": VARIABLES_OPTION,
        "columns": MORE_COLUMNS,
        "tokenizer": TOKENIZER,
    },
    shape=shape,
    writes=("text",),
    role="completion",
    description='{"text": …}',
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the rows as `{"text": …}`."""

    def render(row: Data) -> Rendered:
        text = _text(row, options)
        return {"text": text, **more_columns(row, options)}, [text]

    return write_json(rows, path, options["tokenizer"], render)


def _text(row: Data, options: Options) -> str:
    if not options["turns"]:
        return str(value_at(row, options["text"]))
    turns = checked_turns(value_at(row, options["turns"]), options["turns"])
    return render_turns(turns, options["template"], options["variables"])
