"""The store of replies and costly values: one SQLite file, safe for many processes.

A value counts only as read back after its commit: the first commit under a key wins.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from atkc.runtime.errors import StoreError
from atkc.runtime.storage.dictionaries import StoredDictionaries
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.lock import release, shared
from atkc.runtime.storage.mounts import network_file_system
from atkc.runtime.storage.reader import Reader
from atkc.runtime.storage.schema import connect, prepare
from atkc.runtime.storage.uses import Ran, Uses
from atkc.runtime.storage.words import told
from atkc.runtime.storage.writer import Drop, Put, Writer

if TYPE_CHECKING:
    from atkc.runtime.storage.transfer import Carried

FILE = "store.sqlite"
CALL, VALUE, EMBEDDING = "call", "value", "embedding"  # the kinds of entries
_BUSY_TIMEOUT = 30.0  # seconds

_REQUEST = "SELECT request FROM entry WHERE key=?"
_FORGET = "DELETE FROM entry WHERE key=?"
_META = "SELECT value FROM meta WHERE name=?"
_RAISE_GENERATION = "UPDATE meta SET value=value+1 WHERE name='generation' RETURNING value"
_TALLY = "SELECT {0}, sum(entries), sum(bytes) FROM tally WHERE entries>0 GROUP BY 1 ORDER BY 1"


class Tally(Struct, frozen=True):
    """How many entries, and their bytes as stored."""

    entries: int
    bytes: int


class Store:
    """An open store; made by `open_store`, used by one event loop at a time."""

    def __init__(
        self,
        folder: Path,
        reader: sqlite3.Connection,
        writer: Writer,
        *,
        lock: int | None = None,
        emptied: bool = False,
    ) -> None:
        self.folder = folder
        self.uses = Uses(reader)
        self._reader = Reader(reader)
        self._writer = writer
        self._lock = lock
        self._emptied = emptied
        self._packer = Packer(StoredDictionaries(reader))
        with self._statements() as connection:
            self.generation = _meta(connection, "generation")

    @property
    def warning(self) -> str | None:
        """Return what is doubtful about this store or its place, or None."""
        if self._emptied:
            return f"the file of the cache `{self.folder}` was empty: it begins anew"
        kind = network_file_system(self.folder)
        if kind is None:
            return None
        return f"the cache `{self.folder}` lies on a network file system (`{kind}`)"

    def get(self, key: bytes) -> bytes | None:
        """Return the value under a key; an entry with a wrong checksum is dropped: None."""
        try:
            stored = self._reader.get(key)
        except sqlite3.Error as error:
            raise StoreError(told(error, self.folder, "read")) from error
        if stored is None:
            return None
        value = self._packer.unpack(key, stored)
        if value is None:
            self._writer.submit(Drop(key, stored))
            return None
        self.uses.note(key)
        return value

    def put(
        self, key: bytes, kind: str, value: bytes, request: bytes = b"", origin: str = ""
    ) -> asyncio.Future[bytes]:
        """Return a future of what the store holds under the key once it is durable.

        That is another value if somebody committed first. Fails with StoreError. `request` is kept
        beside the value, for `request`; `origin` is who made the value, where no request says so.
        """
        done = asyncio.get_running_loop().create_future()
        self._writer.submit(Put(key, kind, self.generation, value, done, request, origin))
        self.uses.note(key)
        return done

    def bring(self, entry: Carried) -> asyncio.Future[bytes]:
        """Put an entry of another store, which keeps its generation, day and origin."""
        done = asyncio.get_running_loop().create_future()
        self._writer.submit(
            Put(
                entry.key,
                entry.kind,
                entry.generation,
                entry.value,
                done,
                entry.request,
                entry.origin,
                entry.day,
            )
        )
        return done

    def request(self, key: bytes) -> bytes | None:
        """Return what was asked under a key; None where nothing, or something corrupt, is kept."""
        with self._statements() as reader:
            row = reader.execute(_REQUEST, (key,)).fetchone()
            return None if row is None or row[0] is None else self._packer.unpack(key, row[0])

    def forget(self, keys: Iterable[bytes]) -> None:
        """Remove entries at once, so that they are asked for again."""
        with self._statements() as reader:
            for key in keys:
                reader.execute(_FORGET, (key,))

    def open_generation(self) -> int:
        """Begin a new generation, whose keys meet no older entry, and return its number."""
        with self._statements() as reader:
            (number,) = reader.execute(_RAISE_GENERATION).fetchall()[0]
        self.generation = int(number)
        return self.generation

    def stats(self) -> dict[str, Any]:
        """Return sums of entries and bytes, also by kind, generation, origin and day.

        And how many corrupt entries have been dropped so far.
        """
        with self._statements() as reader:
            by = {name: _tallies(reader, name) for name in ("kind", "generation", "origin", "day")}
            corrupt = _meta(reader, "corrupt")
        kinds = by["kind"]
        return {
            "entries": sum(tally.entries for tally in kinds.values()),
            "bytes": sum(tally.bytes for tally in kinds.values()),
            "kinds": kinds,
            "generations": by["generation"],
            "origins": by["origin"],
            "days": by["day"],
            "generation": self.generation,
            "corrupt_dropped": corrupt,
        }

    def runs(self) -> list[Ran]:
        """Return what is known of the last run into each output folder, the newest first."""
        with self._statements():
            return self.uses.all()

    @contextmanager
    def noting(self, target: str, spec: str) -> Iterator[None]:
        """Write down which entries a run into an output folder uses; raises StoreError."""
        try:
            with self.uses.of_run(target, spec):
                try:
                    yield
                finally:
                    self._reader.end()
        except sqlite3.Error as error:
            raise StoreError(told(error, self.folder, "written")) from error

    def close(self) -> None:
        """Commit what waits and let go of the file."""
        self._writer.close()
        self._reader.close()
        release(self._lock)

    @contextmanager
    def _statements(self) -> Iterator[sqlite3.Connection]:
        with _telling(self.folder), self._reader.connection() as connection:
            yield connection


def _meta(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(_META, (name,)).fetchone()
    return int(value)


def _tallies(connection: sqlite3.Connection, column: str) -> dict[Any, Tally]:
    rows = connection.execute(_TALLY.format(column)).fetchall()
    return {name: Tally(entries, size) for name, entries, size in rows}


def open_store(folder: Path, *, busy_timeout: float = _BUSY_TIMEOUT) -> Store:
    """Return the store in a folder, made where there is none; raises StoreError.

    `busy_timeout` is how many seconds to wait while another process writes.
    """
    with _telling(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _hide(folder)
        lock = shared(folder, busy_timeout)
        try:
            return _opened(folder, busy_timeout, lock)
        except BaseException:
            release(lock)
            raise


def _opened(folder: Path, busy_timeout: float, lock: int | None) -> Store:
    emptied = _is_emptied(folder / FILE)
    reader = connect(folder / FILE, busy_timeout)
    try:
        prepare(reader, folder / FILE)
        writer = Writer(connect(folder / FILE, busy_timeout), folder)
        return Store(folder, reader, writer, lock=lock, emptied=emptied)
    except BaseException:
        reader.close()
        raise


def _is_emptied(file: Path) -> bool:
    """Return whether a file is there that has no content, which SQLite would take for a new one."""
    log = file.with_name(f"{FILE}-wal")
    return file.is_file() and file.stat().st_size == 0 and not log.exists()


def _hide(folder: Path) -> None:
    """Keep the folder, which holds documents and replies in clear, out of version control."""
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8", newline="\n")


@contextmanager
def _telling(folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(told(error, folder)) from error
