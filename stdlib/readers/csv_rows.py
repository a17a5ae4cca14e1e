"""The reader `csv`: rows of tables in text files."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from atkc.runtime.api import Options, ReadFailure
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import STRING, STRINGS, Enum, MapOf
from atkc.spec.signature import Option, ReaderSignature
from atkc.stdlib.readers.json_lines import bad_row, parse_json
from atkc.stdlib.readers.row_checks import plain_row
from atkc.stdlib.readers.row_files import Rows, file_options, files, first, placed

_SUFFIXES = (".csv", ".tsv")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": lambda cell: _BOOLEANS[cell.strip().lower()],
    "json": lambda cell: parse_json(cell.encode("utf-8")),
}

SIGNATURE = ReaderSignature(
    name="csv",
    version=1,
    options={
        **file_options(_SUFFIXES),
        "delimiter": Option(STRING, "", description="by default `,`, and a tab in .tsv files"),
        "header": Option(STRINGS, [], description="names of columns, where no first row has them"),
        "convert": Option(
            MapOf(Enum(tuple(CONVERSIONS))),
            {},
            description="type by column; an empty cell is null, others stay strings",
        ),
    },
    fields=None,
    description="rows of CSV or TSV files; cells are strings unless converted",
)


def read(options: Options) -> Rows:
    """Yield rows by column name; a row of another length is a failure `bad-row`."""
    return first(_rows(options), options)


def _rows(options: Options) -> Rows:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    for found in files(options, _SUFFIXES):
        if isinstance(found, ReadFailure):
            yield found
        else:
            yield from _file(found.file, found.source, options)


def _file(file: Path, source: str, options: Options) -> Rows:
    delimiter = options["delimiter"] or ("\t" if file.suffix.lower() == ".tsv" else ",")
    # Bytes that are not UTF-8 become surrogates, which fail their own row and no other.
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        cells = _cells(reader, source)
        names = options["header"] or next((c for _, c in cells if isinstance(c, list)), [])
        if len(set(names)) < len(names):
            yield ReadFailure(source, "bad-header", f"`{source}` names a column twice")
            return
        for line, row in cells:
            if isinstance(row, ReadFailure):
                yield row
            elif row:
                yield placed(_row(names, row, source, line, options["convert"]), source, line)


def _cells(reader: Any, source: str) -> Iterator[tuple[int, list[str] | ReadFailure]]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, bad_row(source, reader.line_num, str(error))
        else:
            yield reader.line_num, cells


def _row(
    names: list[str], cells: list[str], source: str, line: int, convert: dict[str, str]
) -> dict[str, Any] | ReadFailure:
    if len(cells) != len(names):
        return bad_row(source, line, f"has {len(cells)} cells where {len(names)} are named")
    try:
        row = {n: _converted(n, c, convert.get(n)) for n, c in zip(names, cells, strict=True)}
        return plain_row(row)
    except RecordError as error:
        return bad_row(source, line, error.message)


def _converted(name: str, cell: str, kind: str | None) -> Any:
    if kind is None:
        return cell
    if not cell.strip():
        return None
    try:
        return CONVERSIONS[kind](cell)
    except (ValueError, KeyError) as error:
        raise RecordError("bad-row", f"column `{name}` holds `{cell}`, not {kind}") from error
