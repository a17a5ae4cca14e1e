"""The records of a written file, one by one, with their lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Unreadable(ValueError):
    """A line that holds no record."""


def records(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line, record), or (line, Unreadable) for a line that holds none.

    For Parquet the line is the number of the row.
    """
    readers = {".parquet": _parquet, ".csv": _csv, ".json": _array}
    line = 0
    try:
        for line, record in readers.get(path.suffix, _lines)(path):
            yield line, record
    except (ValueError, OSError, csv.Error) as error:  # what tables raise that are none
        yield line + 1, Unreadable(_first_line(error))


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _parsed(line)


def _array(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the items of an array with one item a line, as the exporters write it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            bare = line.strip()
            if bare in (b"[", b"]", b"[]", b""):
                continue
            yield number, _parsed(bare.removesuffix(b","))


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(_first_line(error))


def _first_line(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0]


def _csv(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        for row in table:
            yield table.line_num, row


def _parquet(path: Path) -> Iterator[tuple[int, Any]]:
    import pyarrow.parquet as pq

    number = 0
    for batch in pq.ParquetFile(path).iter_batches(batch_size=1000):
        for row in batch.to_pylist():
            number += 1
            yield number, row
