"""The reader `parquet`: rows of columnar files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options, ReadFailure
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import STRINGS
from atkc.spec.signature import Option, ReaderSignature
from atkc.stdlib.readers.foreign import foreign
from atkc.stdlib.readers.row_checks import plain_row
from atkc.stdlib.readers.row_files import Rows, file_options, files, first, placed

_SUFFIXES = (".parquet",)
_BATCH = 1024

SIGNATURE = ReaderSignature(
    name="parquet",
    version=1,
    options={
        **file_options(_SUFFIXES),
        "columns": Option(STRINGS, [], description="columns to read; by default all"),
    },
    fields=None,
    description="rows of Parquet files",
)


def read(options: Options) -> Rows:
    """Yield rows as plain data: dates as ISO text, decimals as numbers, maps as objects."""
    return first(_rows(options), options)


def _rows(options: Options) -> Rows:
    for found in files(options, _SUFFIXES):
        if isinstance(found, ReadFailure):
            yield found
            continue
        try:
            yield from checked(_file(found.file, options["columns"]), found.source)
        except RecordError as error:
            yield ReadFailure(found.source, error.kind, f"`{found.source}` {error.message}")


def checked(rows: Iterable[Any], source: str) -> Iterator[Data | ReadFailure]:
    """Yield rows as plain data; rows count from 1 in failures."""
    for number, row in enumerate(rows, 1):
        try:
            yield placed(plain_row(row), source, number)
        except RecordError as error:
            yield ReadFailure(source, "bad-row", f"row {number}: {error.message}")


def _file(file: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    with foreign("Parquet"):
        table = pq.ParquetFile(file)
        absent = [name for name in columns if name not in table.schema_arrow.names]
        if absent:
            raise RecordError("bad-header", f"has no column `{absent[0]}`")
        batches = table.iter_batches(_BATCH, columns=columns or None)
    while True:
        with foreign("Parquet"):
            batch = next(batches, None)
            if batch is None:
                return
            rows = batch.to_pylist(maps_as_pydicts="strict")
        yield from rows
