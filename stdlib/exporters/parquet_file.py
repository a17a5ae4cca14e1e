"""The format `parquet`: a columnar table with the same bytes for the same rows."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from atkc.runtime.api import Data, Options
from atkc.spec.signature import ExporterSignature
from atkc.stdlib.exporters.jsonl_file import COLUMNS, shape
from atkc.stdlib.exporters.writing import TOKENIZER, columns_of, mixed, texts_in
from atkc.stdlib.tokens import count

_GROUP = 8192  # rows of a row group

SIGNATURE = ExporterSignature(
    name="parquet",
    version=1,
    options={"columns": COLUMNS, "tokenizer": TOKENIZER},
    shape=shape,
    role="data",
    description="a Parquet file; types are those that hold all values of a column",
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the rows in groups of fixed size; InputError ATK420 where a column mixes types.

    The rows go through a temporary file: the types are known only when all have been seen.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent) as spool:
        records, tokens, schema = _spool(rows, spool, options)
        spool.seek(0)
        _write_table(map(json.loads, spool), path, schema, options)
    return records, tokens


def _write_table(rows: Iterable[Data], path: Path, schema: Any, options: Options) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = schema or pa.schema([(name, pa.string()) for name in options["columns"]])
    try:
        with pq.ParquetWriter(path, schema, compression="snappy", store_schema=False) as file:
            for batch in _batches(rows):
                file.write_table(pa.Table.from_pylist(batch, schema=schema), row_group_size=_GROUP)
    except pa.ArrowException as error:
        raise mixed(f"rows do not fit one table: {_first_line(error)}") from error


def _spool(rows: Iterable[Data], spool: IO[str], options: Options) -> tuple[int, int, Any]:
    records = tokens = 0
    schema: Any = None
    for batch in _batches(columns_of(row, options["columns"]) for row in rows):
        for row in batch:
            spool.write(json.dumps(row, allow_nan=False) + "\n")
            tokens += sum(count(text, options["tokenizer"]) for text in texts_in(row))
        records += len(batch)
        schema = _unified(schema, batch)
    return records, tokens, schema


def _unified(schema: Any, batch: list[Data]) -> Any:
    import pyarrow as pa

    try:
        found = pa.schema([(name, _type(name, batch)) for name in _names(batch)])
        if schema is None:
            return found
        return pa.unify_schemas([schema, found], promote_options="permissive")
    except pa.ArrowException as error:
        raise mixed(f"rows do not fit one table: {_first_line(error)}") from error


def _type(name: str, batch: list[Data]) -> Any:
    import pyarrow as pa

    try:
        return pa.array([row.get(name) for row in batch]).type
    except (pa.ArrowException, OverflowError, UnicodeEncodeError) as error:
        message = f"column `{name}` holds values of no one type: {_first_line(error)}"
        raise mixed(message) from error


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]


def _names(batch: list[Data]) -> list[str]:
    return list(dict.fromkeys(name for row in batch for name in row))


def _batches(rows: Iterable[Data]) -> Iterator[list[Data]]:
    stream = iter(rows)
    while batch := list(islice(stream, _GROUP)):
        yield batch
