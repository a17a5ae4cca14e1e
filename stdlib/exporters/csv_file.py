"""The format `csv`: a table as text; lists and records in a cell are JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import STRING, Record
from atkc.spec.signature import ExporterSignature, Option, Shape, ShapeError
from atkc.stdlib.exporters.jsonl_file import COLUMNS
from atkc.stdlib.exporters.jsonl_file import shape as columns_shape
from atkc.stdlib.exporters.writing import TOKENIZER, columns_of, mixed, texts_in, to_json
from atkc.stdlib.tokens import count


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads the fields of the columns, or all, which must then be in every record."""
    optional = [name for name, field in record.items() if field.optional]
    if optional and not options["columns"]:
        message = f"field `{optional[0]}` may be absent, so the columns of the table are not known"
        return ShapeError(message, "columns", "name the columns under `columns`")
    return columns_shape(options, record)


SIGNATURE = ExporterSignature(
    name="csv",
    version=1,
    options={
        "columns": COLUMNS,
        "delimiter": Option(STRING, ",", description="one character"),
        "tokenizer": TOKENIZER,
    },
    shape=shape,
    role="data",
    description="comma-separated values with a head row; null is an empty cell",
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the rows below a head row; InputError ATK420 for a row with further fields."""
    records = tokens = 0
    shaped = (columns_of(row, options["columns"]) for row in rows)
    first = next(shaped, None)
    names = list(first if first is not None else options["columns"])
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table = csv.writer(file, delimiter=options["delimiter"], lineterminator="\n")
        if names:
            table.writerow(names)
        for row in chain([] if first is None else [first], shaped):
            if further := [name for name in row if name not in names]:
                raise mixed(f"row {records + 1} has a field `{further[0]}` that the first has not")
            table.writerow([_cell(row.get(name)) for name in names])
            tokens += sum(count(text, options["tokenizer"]) for text in texts_in(row))
            records += 1
    return records, tokens


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return "" if value is None else value
    return to_json(value)
