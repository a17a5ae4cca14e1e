"""All entries of a store, one after the other, in short transactions beside whoever writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

_AT_ONCE = 200
_READ = """SELECT rowid, key, kind, generation, value, request, day, origin FROM entry
    WHERE rowid>? ORDER BY rowid LIMIT ?"""


class Entry(NamedTuple):
    """A row as it is stored."""

    number: int
    key: bytes
    kind: str
    generation: int
    value: bytes
    request: bytes | None
    day: int
    origin: str


def entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    """Iterate over entries in the order they came; raises sqlite3.Error."""
    last = 0
    while rows := connection.execute(_READ, (last, _AT_ONCE)).fetchall():
        for row in rows:
            yield Entry(*row)
        last = rows[-1][0]
