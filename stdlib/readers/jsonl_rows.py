"""The reader `jsonl`: rows of JSON Lines files, or of a JSON array."""

from __future__ import annotations

from pathlib import Path

from atkc.runtime.api import Options, ReadFailure
from atkc.spec.signature import ReaderSignature
from atkc.stdlib.readers.json_lines import parse_array, parse_lines
from atkc.stdlib.readers.row_files import Rows, file_options, files, first, placed

_SUFFIXES = (".jsonl", ".ndjson", ".json")

SIGNATURE = ReaderSignature(
    name="jsonl",
    version=1,
    options=file_options(_SUFFIXES),
    fields=None,
    description="rows of JSON Lines files or JSON arrays",
)


def read(options: Options) -> Rows:
    """Yield rows as they stand; a line that is no JSON object is a failure `bad-row`."""
    return first(_rows(options), options)


def _rows(options: Options) -> Rows:
    for found in files(options, _SUFFIXES):
        if isinstance(found, ReadFailure):
            yield found
        else:
            yield from _file(found.file, found.source)


def _file(file: Path, source: str) -> Rows:
    with file.open("rb") as lines:
        whole = file.suffix.lower() == ".json" and _is_array(file)
        rows = parse_array(lines.read(), source) if whole else parse_lines(lines, source)
        yield from (placed(row, source, number) for number, row in rows)


def _is_array(file: Path) -> bool:
    with file.open("rb") as head:
        start = head.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    # A lone object may be spread over lines; JSON Lines end theirs on the first.
    return start.startswith(b"[") or start.split(b"\n")[0].strip() == b"{"
