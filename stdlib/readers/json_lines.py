"""Rows out of JSON Lines and JSON arrays, with the line on which each stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from atkc.runtime.api import Data, ReadFailure
from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.row_checks import plain_row


def parse_lines(lines: Iterable[bytes], source: str) -> Iterator[tuple[int, Data | ReadFailure]]:
    """Yield (line, row or failure) for every line that is not blank; lines count from 1."""
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        try:
            yield number, plain_row(parse_json(line))
        except RecordError as error:
            yield number, bad_row(source, number, error.message)


def parse_array(data: bytes, source: str) -> Iterator[tuple[int, Data | ReadFailure]]:
    """Yield (position, row or failure) for a JSON array of objects, or one object."""
    try:
        value = parse_json(data.removeprefix(b"\xef\xbb\xbf"))
    except RecordError as error:
        yield 1, ReadFailure(source, error.kind, error.message)
        return
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        try:
            yield number, plain_row(item)
        except RecordError as error:
            yield number, ReadFailure(source, "bad-row", f"item {number}: {error.message}")


def bad_row(source: str, line: int, message: str) -> ReadFailure:
    """Return the failure of one row; lines count from 1."""
    return ReadFailure(source, "bad-row", f"line {line}: {message}")


def parse_json(data: bytes) -> Any:
    """Return the value; integers of any size stay exact. Raises RecordError `bad-row`."""
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RecordError("bad-row", f"byte {error.start + 1} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise RecordError("bad-row", f"is not JSON: {error.msg} at {_place(error)}") from error
    except RecursionError as error:
        raise RecordError("bad-row", "is nested too deeply") from error
    except ValueError as error:  # an integer of thousands of digits
        raise RecordError("bad-row", f"is not JSON: {error}") from error


def _refuse(word: str) -> Any:
    raise RecordError("bad-row", f"holds {word}, which JSON cannot write")


_DECODER = json.JSONDecoder(parse_constant=_refuse)  # `json.loads` would make one for each line


def _place(error: json.JSONDecodeError) -> str:
    return (
        f"line {error.lineno}, column {error.colno}"
        if error.lineno > 1
        else (f"column {error.colno}")
    )
