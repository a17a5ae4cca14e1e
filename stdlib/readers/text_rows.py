"""Reads JSON and JSON Lines rows that have a `text` as documents."""

from __future__ import annotations

from collections.abc import Iterator

from atkc.runtime.api import Data, ReadFailure
from atkc.stdlib.readers.decoding import unify_line_ends
from atkc.stdlib.readers.document import Parsed
from atkc.stdlib.readers.json_lines import parse_array, parse_lines


def parse(data: bytes, source: str, format_name: str) -> Iterator[Data | ReadFailure]:
    """Yield one document per row; its source is the row's own `source` or `file#row`."""
    rows = (
        parse_array(data, source)
        if format_name == "json"
        else parse_lines(data.split(b"\n"), source)
    )
    for number, row in rows:
        yield row if isinstance(row, ReadFailure) else _document(row, source, number, format_name)


def _document(row: Data, source: str, number: int, format_name: str) -> Data | ReadFailure:
    place = f"{source}#{number}"
    text = row.get("text")
    if not isinstance(text, str):
        return ReadFailure(place, "bad-row", f"row {number} has no `text` that is a string")
    if "\0" in text:
        return ReadFailure(place, "binary", f"row {number} holds NUL characters")
    if not text.strip():
        return ReadFailure(place, "empty", f"row {number} has an empty `text`")
    own, title = row.get("source"), row.get("title")
    parsed = Parsed(unify_line_ends(text), title if isinstance(title, str) else None)
    name = own if isinstance(own, str) and own else place
    return parsed.record(name, format_name, len(text.encode("utf-8", errors="replace")))
