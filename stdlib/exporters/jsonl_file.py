"""The format `jsonl`: records as they are, or chosen columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import STRING, MapOf, Record
from atkc.spec.signature import ExporterSignature, Option, Shape, ShapeError
from atkc.stdlib.exporters.writing import (
    TOKENIZER,
    Rendered,
    check_columns,
    columns_of,
    texts_in,
    write_json,
)
from atkc.stdlib.functions.fields import top

COLUMNS = Option(MapOf(STRING), {}, description="name in the file -> field; by default all fields")


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads the fields of the columns, or all."""
    columns = options["columns"]
    reads = top(record, *columns.values()) if columns else record
    return check_columns(columns, record) or Shape(reads)


SIGNATURE = ExporterSignature(
    name="jsonl",
    version=1,
    options={"columns": COLUMNS, "tokenizer": TOKENIZER},
    shape=shape,
    role="data",
    description="one JSON object per line; an array if the path ends in .json",
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the rows; the tokens are those of all texts in them."""

    def render(row: Data) -> Rendered:
        out = columns_of(row, options["columns"])
        return out, texts_in(out)

    return write_json(rows, path, options["tokenizer"], render)
