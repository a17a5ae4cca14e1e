"""What exporters share: rows to JSON files, counts of tokens, further columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.runtime.errors import AtkcError, InputError, RecordError
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.rowtype import STRING, Enum, MapOf, Record
from atkc.spec.signature import Option, ShapeError
from atkc.stdlib.functions.fields import find, value_at
from atkc.stdlib.tokens import TOKENIZERS, count

TOKENIZER = Option(Enum(TOKENIZERS), "cl100k", description="what counts the tokens reported")
MORE_COLUMNS = Option(MapOf(STRING), {}, description="further columns: name in the file -> field")

# A row of the file, and the texts whose tokens count.
Rendered = tuple[Data, Iterable[str]]


def write_json(
    rows: Iterable[Data], path: Path, tokenizer: str, render: Callable[[Data], Rendered]
) -> tuple[int, int]:
    """Write one JSON object per line, or an array if the path ends in `.json`.

    Returns (records, tokens).
    """
    array = path.suffix == ".json"
    records = tokens = 0
    with path.open("wb") as file:
        for row in rows:
            try:
                out, texts = render(row)
                found = sum(count(text, tokenizer) for text in texts)
                text = _json_bytes(out)
            except Exception as error:  # noqa: BLE001  # the row tells of it, the others are written
                _refuse(rows, error)
                continue
            file.write(_before(array, records) + text)
            tokens += found
            records += 1
        file.write((b"\n]\n" if records else b"[]\n") if array else b"\n" if records else b"")
    return records, tokens


def _refuse(rows: Iterable[Data], error: Exception) -> None:
    """Leave out the row at hand; raises the error where the rows cannot be told."""
    refuse = getattr(rows, "refuse", None)
    if refuse is None or (isinstance(error, AtkcError) and not isinstance(error, RecordError)):
        raise error
    if isinstance(error, RecordError):
        refuse(error)
    elif isinstance(error, ValueError):
        refuse(RecordError("bad-field", f"the record cannot be written: {error}"))
    else:
        what = f"the record cannot be written: {type(error).__name__}: {error}"
        refuse(RecordError("crashed", what))


def _before(array: bool, records: int) -> bytes:
    if array:
        return b",\n" if records else b"[\n"
    return b"\n" if records else b""


def to_json(value: Any) -> str:
    """Return JSON in one line; text that UTF-8 cannot carry is escaped, so that it survives."""
    return _json_bytes(value).decode("utf-8")


def _json_bytes(value: Any) -> bytes:
    try:
        return _AS_TEXT.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        return _ESCAPED.encode(value).encode("utf-8")


# `json.dumps` would make one for each record.
_AS_TEXT = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_ESCAPED = json.JSONEncoder(ensure_ascii=True, allow_nan=False)


def columns_of(row: Data, columns: Mapping[str, str]) -> Data:
    """Return the columns as the mapping names them; all fields if it is empty."""
    return {name: value_at(row, field) for name, field in columns.items()} if columns else row


def more_columns(row: Data, options: Options) -> Data:
    """Return the further columns of a row."""
    return {name: value_at(row, field) for name, field in options["columns"].items()}


def check_columns(columns: Mapping[str, str], record: Record) -> ShapeError | None:
    """Return why a column cannot be written, or None."""
    for field in columns.values():
        found = find(record, field, "columns")
        if isinstance(found, ShapeError):
            return found
    return None


def texts_in(value: Any) -> Iterable[str]:
    """Yield the texts of a value, nested ones included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def mixed(message: str) -> InputError:
    """Return the error of rows that do not fit one table."""
    return InputError(
        Diagnostic("ATK420", message, help="name the columns, or give their fields one type")
    )
