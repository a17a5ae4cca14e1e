"""A written file once more with some of its records; these keep their bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, pairwise
from pathlib import Path

from atkc.runtime.api import Data
from atkc.stdlib.exporters.writing import texts_in
from atkc.stdlib.tokens import TOKENIZERS, count

_ROWS = 8192  # of a row group
_PARTS = ("instruction", "input", "output", "system")

# What of a record each format counts; of the others all texts.
_TEXTS: dict[str, Callable[[Data], Iterable[str]]] = {
    "sharegpt": lambda row: [turn["value"] for turn in row["conversations"]],
    "chat": lambda row: [turn["content"] for turn in row["messages"]],
    "completion": lambda row: [row["text"]],
    "alpaca": lambda row: [row[part] for part in _PARTS if part in row],
    "segments": lambda row: [segment["text"] for segment in row["segments"]],
}


def keep(
    old: Path, new: Path, format_name: str, columns: Sequence[str], kept: Sequence[bool]
) -> None:
    """Write the records of `old` for which `kept` is true to `new`."""
    if format_name == "parquet":
        _keep_rows(old, new, kept)
        return
    head, records = _records(old, format_name, columns)
    left = list(compress(records, kept))
    text = _array(left) if old.suffix == ".json" else _lines(head, left)
    with new.open("w", encoding="utf-8", newline="") as file:
        file.write(text)


def tokens_of(
    path: Path, format_name: str, columns: Sequence[str], kept: Sequence[bool], told: int
) -> int | None:
    """Return the tokens of the kept records, counted in the way that gave `told` for all.

    None where no way gives that number: then it is not known what was counted.
    """
    if told == 0 or all(kept):
        return told
    texts: Callable[[Data], Iterable[str]] = _TEXTS.get(format_name, texts_in)
    for tokenizer in TOKENIZERS:
        counts = [
            sum(count(text, tokenizer) for text in texts(record))
            for record in _data(path, format_name, columns)
        ]
        if sum(counts) == told:
            return sum(compress(counts, kept))
    return None


def _data(path: Path, format_name: str, columns: Sequence[str]) -> Iterator[Data]:
    if format_name == "parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(path).iter_batches(_ROWS):
            yield from batch.to_pylist()
        return
    head, records = _records(path, format_name, columns)
    if format_name != "csv":
        yield from map(json.loads, records)
        return
    sign = _delimiter(head, columns)
    for record in records:
        (cells,) = csv.reader([f"{line}\n" for line in record.split("\n")], delimiter=sign)
        yield dict(zip(columns, cells, strict=False))


def _records(path: Path, format_name: str, columns: Sequence[str]) -> tuple[str, list[str]]:
    """Return what stands before the records of a text file, and the text of each."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    if not lines[-1]:
        lines.pop()
    if format_name == "csv":
        return _table(lines, columns)
    if path.suffix == ".json":
        return "", [line.removesuffix(",") for line in lines[1:-1]]
    return "", lines


def _array(records: list[str]) -> str:
    return "[\n" + ",\n".join(records) + "\n]\n" if records else "[]\n"


def _lines(head: str, records: list[str]) -> str:
    return head + "".join(f"{record}\n" for record in records)


def _table(lines: list[str], columns: Sequence[str]) -> tuple[str, list[str]]:
    """Return the head row and the others; a cell in quotes may hold line ends."""
    ended = [f"{line}\n" for line in lines]
    table = csv.reader(ended, delimiter=_delimiter("".join(ended[:1]), columns))
    ends = [0, *(table.line_num for _ in table)]
    records = ["".join(ended[start:end]).removesuffix("\n") for start, end in pairwise(ends)]
    return _lines("", records[:1]), records[1:]


def _delimiter(head: str, columns: Sequence[str]) -> str:
    """Return the character under which the head row names the columns."""
    for sign in sorted(set(head) - set('"\r\n')):
        if list(csv.reader([head], delimiter=sign)) == [list(columns)]:
            return sign
    return ","


def _keep_rows(old: Path, new: Path, kept: Sequence[bool]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(old).filter(pa.array(kept, pa.bool_()))
    with pq.ParquetWriter(new, table.schema, compression="snappy", store_schema=False) as file:
        file.write_table(table, row_group_size=_ROWS)
