"""The format `alpaca`: instruction, input, output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import STRING, Record, nullable
from atkc.spec.signature import ExporterSignature, Option, Shape, ShapeError
from atkc.stdlib.exporters.writing import (
    MORE_COLUMNS,
    TOKENIZER,
    Rendered,
    check_columns,
    more_columns,
    write_json,
)
from atkc.stdlib.functions.fields import need, top, value_at

_PARTS = ("instruction", "input", "output", "system")


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads the fields of the parts."""
    for part in _PARTS:
        if not options[part] and part in ("instruction", "output"):
            return ShapeError(f"`{part}` must name a field", part)
        wanted = STRING if part in ("instruction", "output") else nullable(STRING)
        if options[part] and (problem := need(record, options[part], wanted, part)):
            return problem
    fields = [options[part] for part in _PARTS]
    problem = check_columns(options["columns"], record)
    return problem or Shape(top(record, *fields, *options["columns"].values()))


SIGNATURE = ExporterSignature(
    name="alpaca",
    version=1,
    options={
        "instruction": Option(STRING, "instruction", description="the field of the instruction"),
        "input": Option(STRING, "", description="the field of the input; empty: none"),
        "output": Option(STRING, "output", description="the field of the output"),
        "system": Option(STRING, "", description="the field of the system prompt; empty: none"),
        "columns": MORE_COLUMNS,
        "tokenizer": TOKENIZER,
    },
    shape=shape,
    writes=("instruction", "input", "output"),
    role="alpaca",
    description='{"instruction": …, "input": …, "output": …}',
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the rows; `system` is written where the option names a field."""
    parts = [part for part in _PARTS if part != "system" or options["system"]]

    def render(row: Data) -> Rendered:
        out = {part: value_at(row, options[part]) or "" for part in parts}
        return {**out, **more_columns(row, options)}, out.values()

    return write_json(rows, path, options["tokenizer"], render)
