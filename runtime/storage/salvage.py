"""A new store of all that can be read of a damaged one. The damaged file is kept beside it.

Every value is held against its checksum, so nothing comes along that was not stored so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field

from atkc.runtime.errors import StoreError
from atkc.runtime.storage.frame import dictionary_number, is_whole
from atkc.runtime.storage.lock import alone
from atkc.runtime.storage.pages import Cell, Pages
from atkc.runtime.storage.schema import COUNT_ALL, connect, prepare, today
from atkc.runtime.storage.words import told

_ENTRY = "INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)"
_DICTIONARY = "INSERT OR IGNORE INTO dictionary VALUES (?, ?, ?, ?)"
_RUN = "INSERT OR IGNORE INTO run VALUES (?, ?, ?, ?, ?)"
_META = "UPDATE meta SET value=max(value, ?) WHERE name=?"
_KEY = 32  # bytes
_AT_ONCE = 500


class Salvaged(Struct):
    """What came of it: entries that are whole, those that are not, requests that are lost."""

    kept: Path
    entries: int = 0
    spoiled: int = 0
    requests_lost: int = 0
    dictionaries: set[int] = field(default_factory=set)

    def told(self) -> dict[str, object]:
        """Return it as data."""
        counts = {"entries": self.entries, "spoiled": self.spoiled}
        return {**counts, "requests_lost": self.requests_lost, "kept": str(self.kept)}


def salvage(folder: Path, file: str) -> Salvaged:
    """Put a new store in the place of a damaged one; raises StoreError."""
    try:
        with alone(folder) as free:
            if not free:
                raise StoreError(
                    f"the cache `{folder}` is in use by another process; end it, then repair"
                )
            return _salvage(folder / file, _free_name(folder, file))
    except (sqlite3.Error, OSError) as error:
        raise StoreError(told(error, folder, "repaired")) from error


def _salvage(file: Path, aside: Path) -> Salvaged:
    new = file.with_name(f"{file.name}-new")
    _remove(new)
    done = Salvaged(aside)
    connection = connect(new, 1)
    try:
        prepare(connection, new)
        with Pages(file) as pages:
            # Dictionaries first: only then is it known which requests can be read.
            for take in (_take_dictionary, _take_other):
                for number, cells in _in_batches(connection, pages):
                    take(connection, done, number, cells)
        connection.execute("DELETE FROM tally")
        connection.execute(COUNT_ALL)
        connection.execute("UPDATE meta SET value=value+1 WHERE name='epoch'")
    finally:
        connection.close()
    for suffix in ("", "-wal"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    file.with_name(f"{file.name}-shm").unlink(missing_ok=True)
    new.rename(file)
    return done


def _in_batches(
    connection: sqlite3.Connection, pages: Pages
) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    connection.execute("BEGIN IMMEDIATE")
    for count, row in enumerate(pages.rows(), 1):
        yield row
        if count % _AT_ONCE == 0:
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")


def _take_dictionary(
    connection: sqlite3.Connection, done: Salvaged, number: int, cells: tuple[Cell, ...]
) -> None:
    match cells:
        case (None, bytes() as head, bytes() as tail, bytes() as text):
            if is_whole(head + tail, text):
                connection.execute(_DICTIONARY, (number, head, tail, text))
                done.dictionaries.add(number)


def _take_other(
    connection: sqlite3.Connection, done: Salvaged, _number: int, cells: tuple[Cell, ...]
) -> None:
    match cells:
        case (bytes() as key, str() as kind, int() as generation, bytes() as value, *rest) if (
            len(key) == _KEY
        ):
            if is_whole(key, value):
                request, day, origin = _rest(done, key, rest)
                row = (key, kind, generation, value, request, day, origin)
                done.entries += connection.execute(_ENTRY, row).rowcount
                connection.execute(_META, (generation, "generation"))
            else:
                done.spoiled += 1
        case (str(), int(), str(), int(), bytes()):
            connection.execute(_RUN, cells)
        case (("generation" | "corrupt") as name, int() as value):
            connection.execute(_META, (value, name))


def _rest(done: Salvaged, key: bytes, rest: list[Cell]) -> tuple[bytes | None, int, str]:
    """Return request, day and origin, as far as an entry of its version has them."""
    request, day, origin = (*rest, *(None, None, None)[len(rest) :])[:3]
    if not isinstance(request, bytes):
        kept = None
    else:
        number = dictionary_number(request)
        known = number is None or number in done.dictionaries
        kept = request if known and is_whole(key, request) else None
        done.requests_lost += kept is None
    return kept, day if isinstance(day, int) else today(), origin if isinstance(origin, str) else ""


def _free_name(folder: Path, file: str) -> Path:
    number = 1
    while (folder / f"{file}.damaged-{number}").exists():
        number += 1
    return folder / f"{file}.damaged-{number}"


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
