"""The tables of the store, their version, and how a connection to them is opened."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

from atkc.runtime.errors import StoreError

VERSION = 3

_TALLY = """CREATE TABLE IF NOT EXISTS tally (
    kind TEXT NOT NULL, generation INTEGER NOT NULL, day INTEGER NOT NULL, origin TEXT NOT NULL,
    entries INTEGER NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (kind, generation, day, origin)
) WITHOUT ROWID"""
# AUTOINCREMENT: a number is never used again, so who has read a dictionary may keep it.
_DICTIONARY = """CREATE TABLE IF NOT EXISTS dictionary (
    id INTEGER PRIMARY KEY AUTOINCREMENT, head BLOB NOT NULL, tail BLOB NOT NULL, text BLOB NOT NULL
)"""
_RUN = """CREATE TABLE IF NOT EXISTS run (
    target TEXT NOT NULL, complete INTEGER NOT NULL, spec TEXT NOT NULL, day INTEGER NOT NULL,
    uses BLOB NOT NULL, PRIMARY KEY (target, complete)
)"""
# Whoever removes or changes entries need not think of the tally; the writer adds to it.
_GONE = """CREATE TRIGGER IF NOT EXISTS entry_gone AFTER DELETE ON entry BEGIN
    UPDATE tally SET entries=entries-1,
        bytes=bytes-length(old.value)-coalesce(length(old.request), 0)
    WHERE kind=old.kind AND generation=old.generation AND day=old.day AND origin=old.origin;
END"""
_CHANGED = """CREATE TRIGGER IF NOT EXISTS entry_changed AFTER UPDATE OF value, request ON entry
BEGIN
    UPDATE tally SET bytes=bytes-length(old.value)-coalesce(length(old.request), 0)
        +length(new.value)+coalesce(length(new.request), 0)
    WHERE kind=old.kind AND generation=old.generation AND day=old.day AND origin=old.origin;
END"""
COUNT_ALL = """INSERT INTO tally SELECT kind, generation, day, origin, count(*),
    sum(length(value)+coalesce(length(request), 0)) FROM entry GROUP BY 1, 2, 3, 4"""
_NEW_PARTS = (
    *(_TALLY, _DICTIONARY, _RUN, _GONE, _CHANGED),
    "INSERT OR IGNORE INTO meta VALUES ('epoch', 0)",
)

# What brings a store of the version on the left to the next one; `{day}` is that of the upgrade.
UPGRADES: Mapping[int, tuple[str, ...]] = {
    # Of replies stored before, what was asked is not known.
    1: ("ALTER TABLE entry ADD COLUMN request BLOB",),
    # Nor when and by whom: they count from the day of the upgrade on.
    2: (
        "ALTER TABLE entry ADD COLUMN day INTEGER NOT NULL DEFAULT {day}",
        "ALTER TABLE entry ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        *(*_NEW_PARTS, COUNT_ALL),
    ),
}

_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    # WITHOUT ROWID would cost three times as much on each put.
    """CREATE TABLE IF NOT EXISTS entry (
        key BLOB PRIMARY KEY, kind TEXT NOT NULL, generation INTEGER NOT NULL, value BLOB NOT NULL,
        request BLOB, day INTEGER NOT NULL DEFAULT 0, origin TEXT NOT NULL DEFAULT ''
    )""",
    "INSERT OR IGNORE INTO meta VALUES ('generation', 0), ('corrupt', 0)",
    *_NEW_PARTS,
)


def today() -> int:
    """Return the number of this day, by which the ages of entries are told."""
    return int(time.time() // 86_400)


def connect(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """Return a connection in autocommit mode; raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=busy_timeout, isolation_level=None, check_same_thread=False
    )
    _use_wal(connection, time.monotonic() + busy_timeout)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")  # what is removed is nowhere in the file
    return connection


def prepare(
    connection: sqlite3.Connection, path: Path, upgrades: Mapping[int, tuple[str, ...]] = UPGRADES
) -> None:
    """Make the tables, or bring them up to date; raises StoreError where that cannot be done."""
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        _bring_up_to_date(connection, path, upgrades)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _bring_up_to_date(
    connection: sqlite3.Connection, path: Path, upgrades: Mapping[int, tuple[str, ...]]
) -> None:
    found = _version(connection)  # again: another process may have come first
    if found is None:
        _refuse_foreign(connection, path)
    for statement in _TABLES if found is None else ():
        connection.execute(statement)
    for version in range(VERSION if found is None else found, VERSION):
        if version not in upgrades:
            raise StoreError(f"the cache `{path}` has the old format {version}; move it away")
        for statement in upgrades[version]:
            connection.execute(statement.replace("{day}", str(today())))
    if found is not None and found > VERSION:
        raise StoreError(
            f"the cache `{path}` has the format {found} of a newer atkc, this one knows {VERSION}"
        )
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('version', ?)", (VERSION,))


def _version(connection: sqlite3.Connection) -> int | None:
    """Return the version of the tables, None where there are none of ours."""
    if not _table_names(connection) >= {"meta", "entry"}:
        return None
    row = connection.execute("SELECT value FROM meta WHERE name='version'").fetchone()
    return None if row is None else int(row[0])


def _table_names(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    return {name for (name,) in rows}


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    if foreign := sorted(_table_names(connection)):
        raise StoreError(f"`{path}` is a database of something else: it has a table `{foreign[0]}`")


def _use_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch to the write-ahead log; two processes at once get `busy` in spite of the time-out."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
