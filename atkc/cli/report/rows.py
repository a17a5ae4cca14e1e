"""A few records of a file, and the lengths of some hundred, without reading all of a large one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

WHOLE = 8_000_000  # bytes of a file that is read whole
MEASURED = 400  # records whose length is looked at
SHOWN = 4  # the first, and some by chance


class Few(NamedTuple):
    """Records to show with their numbers (0: not known), and lengths in characters.

    `says` tells which records the lengths are of; `problem` why there are none.
    """

    shown: tuple[tuple[int, Any], ...] = ()
    lengths: tuple[int, ...] = ()
    says: str = ""
    problem: str = ""


def few(path: Path, seed: int) -> Few:
    """Return some records of a file. The same file and seed give the same ones."""
    read = _READERS.get(path.suffix, _of_lines)
    try:
        return read(path, random.Random(f"{seed}/{path.name}"))
    except (OSError, ValueError) as error:
        return Few(problem=f"cannot be read: {error}")


def record_at(line: bytes) -> Any:
    """Return the record of a line, also of one of an array that is written line by line."""
    text = line.strip().removesuffix(b",")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # numbers and halves of letters that only Python reads


def _of_lines(path: Path, chance: random.Random) -> Few:
    size = path.stat().st_size
    if size > WHOLE:
        return _spread(path, size, chance)
    lines = [line for line in path.read_bytes().split(b"\n") if line.strip() not in _AROUND]
    measured = _every(len(lines), MEASURED)
    shown = _chosen(len(lines), chance)
    records = {at: record_at(lines[at]) for at in {*measured, *shown}}
    return Few(
        tuple((at + 1, records[at]) for at in shown),
        tuple(characters(records[at]) for at in measured),
        "all records" if len(measured) == len(lines) else f"{len(measured)} records, evenly spread",
    )


_AROUND = (b"", b"[", b"]", b"[]")


def _spread(path: Path, size: int, chance: random.Random) -> Few:
    """Look at the first record, and at those that follow evenly spread places."""
    with path.open("rb") as file:
        records = [record_at(next(line for line in file if line.strip() not in _AROUND))]
        for at in range(1, MEASURED):
            file.seek(size * at // MEASURED)
            file.readline()
            line = file.readline()
            if line.strip() not in _AROUND:
                records.append(record_at(line))
    shown = _chosen(len(records), chance)
    return Few(
        tuple((0 if at else 1, records[at]) for at in shown),
        tuple(map(characters, records)),
        f"{len(records)} records, evenly spread",
    )


def _of_first(path: Path, chance: random.Random, *, rows: Callable[[Path], Iterator[Any]]) -> Few:
    records = list(islice(rows(path), MEASURED + 1))
    whole, records = len(records) <= MEASURED, records[:MEASURED]
    says = "all records" if whole else f"the first {len(records)} records"
    shown = tuple((at + 1, records[at]) for at in _chosen(len(records), chance))
    return Few(shown, tuple(map(characters, records)), says)


def _csv(path: Path) -> Iterator[Any]:
    import csv

    csv.field_size_limit(2**31 - 1)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    except csv.Error as error:
        raise ValueError(str(error)) from None


def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=MEASURED + 1):
            yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise ValueError(str(error)) from None


_READERS: dict[str, Callable[[Path, random.Random], Few]] = {
    ".csv": partial(_of_first, rows=_csv),
    ".parquet": partial(_of_first, rows=_parquet),
}


def _every(count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return [at * count // most for at in range(most)]


def _chosen(count: int, chance: random.Random) -> list[int]:
    """Return the first and a few by chance, in order."""
    rest = range(1, count)
    return [*range(min(count, 1)), *sorted(chance.sample(rest, min(SHOWN - 1, len(rest))))]


def characters(value: Any) -> int:
    """Return the length of all texts in a record, names of fields left out."""
    match value:
        case str():
            return len(value)
        case dict():
            return sum(map(characters, value.values()))
        case list():
            return sum(map(characters, value))
    return 0
