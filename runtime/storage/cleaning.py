"""Removes chosen entries from a store, in short transactions beside whoever runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from atkc.runtime.errors import StoreError
from atkc.runtime.storage.frame import dictionary_number
from atkc.runtime.storage.lock import alone, release, shared
from atkc.runtime.storage.schema import connect, prepare, today
from atkc.runtime.storage.uses import PREFIX
from atkc.runtime.storage.words import told

_PATIENCE = 30.0  # seconds
_AT_ONCE = 500
_GRACE = 2  # days within which nothing counts as unused: a run that was killed wrote down no uses

_TABLES = (
    "CREATE TEMP TABLE used (prefix BLOB PRIMARY KEY, day INTEGER) WITHOUT ROWID",
    "CREATE TEMP TABLE doomed (number INTEGER PRIMARY KEY, key BLOB, size INTEGER)",
    # 8 bytes of a key are noted of its uses; 110 is what an entry takes besides its contents.
    """CREATE TEMP VIEW known AS SELECT entry.rowid AS number, key, kind, origin, generation,
        entry.day AS day, used.day AS used, max(entry.day, coalesce(used.day, 0)) AS last,
        length(value)+coalesce(length(request), 0)+110 AS size
        FROM entry LEFT JOIN used ON used.prefix=substr(entry.key, 1, 8)""",
)
_USED = """INSERT INTO used VALUES (?, ?) ON CONFLICT DO UPDATE SET day=max(day, excluded.day)"""
_DOOM = """INSERT INTO doomed SELECT number, key, size FROM known
    WHERE (:before IS NULL OR last<:before)
    AND (:unused IS NULL OR (used IS NULL AND day<=:unused))
    AND (:current IS NULL OR generation<:current)
    AND (:generations IS NULL OR generation IN (SELECT value FROM json_each(:generations)))
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:origins IS NULL OR origin IN (SELECT value FROM json_each(:origins)))"""
_OLDEST = """SELECT number, key, size FROM known
    WHERE number NOT IN (SELECT number FROM doomed) ORDER BY last, number"""
_TOLD = """SELECT kind, origin, generation, count(*), sum(doomed.size)
    FROM doomed JOIN entry ON entry.rowid=doomed.number GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
_DELETE = "DELETE FROM entry WHERE rowid=? AND key=?"
_LEFT_OVER = """DELETE FROM dictionary WHERE id NOT IN
    (SELECT DISTINCT dictionary_number(substr(request, 1, 9)) FROM entry
     WHERE dictionary_number(substr(request, 1, 9)) IS NOT NULL)"""


class Choice(Struct, frozen=True):
    """What is to go: entries that fit all that is said here, then the oldest beyond `max_size`.

    `older_than` are days since an entry was made or last used by a run; `unused`: no run whose
    output folder is there used it; `stale_generations`: before the present one.
    """

    older_than: int | None = None
    unused: bool = False
    generations: tuple[int, ...] = ()
    stale_generations: bool = False
    kinds: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    max_size: int | None = None

    @property
    def selects(self) -> bool:
        """Return whether anything but the size is said."""
        few = (self.unused, self.generations, self.stale_generations, self.kinds, self.origins)
        return self.older_than is not None or any(few)


class Group(NamedTuple):
    """Entries that go, by kind, origin and generation; `size` in bytes."""

    kind: str
    origin: str
    generation: int
    entries: int
    size: int


class Collected(Struct):
    """What went, or would go. `shrunk`: the file gave its room back, as nobody else has it open."""

    groups: list[Group]
    runs: list[str]  # output folders whose last run counts as a user
    left: int = 0  # entries that stay
    removed: bool = False
    shrunk: bool = False

    @property
    def entries(self) -> int:
        """Return how many go."""
        return sum(group.entries for group in self.groups)

    @property
    def size(self) -> int:
        """Return their bytes."""
        return sum(group.size for group in self.groups)


def collect(folder: Path, file: str, choice: Choice, *, dry_run: bool) -> Collected:
    """Remove what is chosen, or only tell; raises StoreError."""
    try:
        lock = shared(folder, _PATIENCE)
        try:
            done = _within(folder / file, lambda c: _collected(c, choice, dry_run))
        finally:
            release(lock)
        if done.removed:
            with alone(folder) as free:
                if free:
                    _within(folder / file, _vacuum)
                    done.shrunk = True
    except (sqlite3.Error, OSError) as error:
        raise StoreError(told(error, folder, "cleared")) from error
    return done


def _within(file: Path, work: Callable[[sqlite3.Connection], Collected]) -> Collected:
    connection = connect(file, _PATIENCE)
    try:
        prepare(connection, file)
        return work(connection)
    finally:
        connection.close()


def _vacuum(connection: sqlite3.Connection) -> Collected:
    connection.execute("VACUUM")
    return Collected([], [])


def _collected(connection: sqlite3.Connection, choice: Choice, dry_run: bool) -> Collected:
    for statement in _TABLES:
        connection.execute(statement)
    done = Collected([], _read_uses(connection))
    if choice.selects:
        connection.execute(_DOOM, _values(connection, choice))
    if choice.max_size is not None:
        _doom_oldest(connection, choice.max_size)
    done.groups = [Group(*row) for row in connection.execute(_TOLD)]
    (count,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    done.left = count - done.entries
    if not dry_run and done.entries:
        _delete(connection)
        _delete_dictionaries(connection)
        done.removed = True
    return done


def _read_uses(connection: sqlite3.Connection) -> list[str]:
    """Fill the table of uses; return the output folders of the runs that count."""
    counted = []
    for target, day in connection.execute("SELECT target, day FROM run ORDER BY target").fetchall():
        if not Path(target).exists():
            continue
        counted.append(target)
        for (uses,) in connection.execute("SELECT uses FROM run WHERE target=?", (target,)):
            prefixes = (uses[at : at + PREFIX] for at in range(0, len(uses), PREFIX))
            connection.executemany(_USED, ((prefix, day) for prefix in prefixes))
    return list(dict.fromkeys(counted))


def _values(connection: sqlite3.Connection, choice: Choice) -> dict[str, object]:
    """Return what `_DOOM` is to hold entries against, None for what is not said."""
    (present,) = connection.execute("SELECT value FROM meta WHERE name='generation'").fetchone()
    older = choice.older_than
    return {
        "before": None if older is None else today() - older,
        "unused": today() - _GRACE if choice.unused else None,
        "current": present if choice.stale_generations else None,
        "generations": json.dumps(choice.generations) if choice.generations else None,
        "kinds": json.dumps(choice.kinds) if choice.kinds else None,
        "origins": json.dumps(choice.origins) if choice.origins else None,
    }


def _doom_oldest(connection: sqlite3.Connection, most: int) -> None:
    """Add what was used longest ago until the rest is at most so large."""
    whole = connection.execute("SELECT coalesce(sum(size), 0) FROM known").fetchone()[0]
    gone = connection.execute("SELECT coalesce(sum(size), 0) FROM doomed").fetchone()[0]
    excess, rows = whole - gone - most, []
    for row in connection.execute(_OLDEST):
        if excess <= 0:
            break
        rows.append(row)
        excess -= row[2]
    connection.executemany("INSERT INTO doomed VALUES (?, ?, ?)", rows)


def _delete(connection: sqlite3.Connection) -> None:
    read = "SELECT number, key FROM doomed WHERE number>? ORDER BY number LIMIT ?"
    last = -1
    while rows := connection.execute(read, (last, _AT_ONCE)).fetchall():
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_DELETE, rows)
        connection.execute("COMMIT")
        last = rows[-1][0]


def _delete_dictionaries(connection: sqlite3.Connection) -> None:
    """Remove dictionaries that no request needs; a new epoch tells those who have read them."""
    connection.create_function("dictionary_number", 1, dictionary_number, deterministic=True)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_LEFT_OVER)
    connection.execute("UPDATE meta SET value=value+1 WHERE name='epoch'")
    connection.execute("DELETE FROM tally WHERE entries<=0")
    connection.execute("COMMIT")
