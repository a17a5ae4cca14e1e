"""The store of replies and costly values: one SQLite file, safe for many processes.

A value counts only as read back after its commit: the first commit under a key wins.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atkc.runtime.errors import StoreError
from atkc.runtime.store_frame import Packer
from atkc.runtime.store_mounts import network_file_system
from atkc.runtime.store_schema import connect, prepare
from atkc.runtime.store_writer import Drop, Put, Writer

FILE = "store.sqlite"
CALL, VALUE, EMBEDDING = "call", "value", "embedding"  # the kinds of entries
_BUSY_TIMEOUT = 30.0  # seconds

_GET = "SELECT value FROM entry WHERE key=?"
_REQUEST = "SELECT request FROM entry WHERE key=?"
_FORGET = "DELETE FROM entry WHERE key=?"
_META = "SELECT value FROM meta WHERE name=?"
_RAISE_GENERATION = "UPDATE meta SET value=value+1 WHERE name='generation' RETURNING value"
_TALLY = (
    "SELECT {0}, count(*), sum(length(value) + coalesce(length(request), 0)) FROM entry "
    "GROUP BY {0} ORDER BY {0}"
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries, and their bytes as stored."""

    entries: int
    bytes: int


class Store:
    """An open store; made by `open_store`, used by one event loop at a time."""

    def __init__(self, folder: Path, reader: sqlite3.Connection, writer: Writer) -> None:
        self.folder = folder
        self._reader = reader
        self._writer = writer
        self._packer = Packer()
        with _telling(folder):
            self.generation = int(self._meta("generation"))

    @property
    def warning(self) -> str | None:
        """Return what makes this folder a doubtful place for a store, or None."""
        kind = network_file_system(self.folder)
        if kind is None:
            return None
        return f"the cache `{self.folder}` lies on a network file system (`{kind}`)"

    def get(self, key: bytes) -> bytes | None:
        """Return the value under a key; an entry with a wrong checksum is dropped: None."""
        try:
            row = self._reader.execute(_GET, (key,)).fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"the cache `{self.folder}` cannot be read: {error}") from error
        if row is None:
            return None
        value = self._packer.unpack(key, row[0])
        if value is None:
            self._writer.submit(Drop(key, row[0]))
        return value

    def put(
        self, key: bytes, kind: str, value: bytes, request: bytes = b""
    ) -> asyncio.Future[bytes]:
        """Return a future of what the store holds under the key once it is durable.

        That is another value if somebody committed first. Fails with StoreError. `request` is kept
        beside the value, for `request`.
        """
        done = asyncio.get_running_loop().create_future()
        self._writer.submit(Put(key, kind, self.generation, value, done, request))
        return done

    def request(self, key: bytes) -> bytes | None:
        """Return what was asked under a key; None where nothing, or something corrupt, is kept."""
        with _telling(self.folder):
            row = self._reader.execute(_REQUEST, (key,)).fetchone()
        return None if row is None or row[0] is None else self._packer.unpack(key, row[0])

    def forget(self, keys: Iterable[bytes]) -> None:
        """Remove entries at once, so that they are asked for again."""
        with _telling(self.folder):
            for key in keys:
                self._reader.execute(_FORGET, (key,))

    def open_generation(self) -> int:
        """Begin a new generation, whose keys meet no older entry, and return its number."""
        with _telling(self.folder):
            (number,) = self._reader.execute(_RAISE_GENERATION).fetchall()[0]
        self.generation = int(number)
        return self.generation

    def stats(self) -> dict[str, Any]:
        """Return entries, bytes, kinds, generations and the corrupt entries dropped so far."""
        with _telling(self.folder):
            kinds, generations = self._tallies("kind"), self._tallies("generation")
            corrupt = self._meta("corrupt")
        return {
            "entries": sum(tally.entries for tally in kinds.values()),
            "bytes": sum(tally.bytes for tally in kinds.values()),
            "kinds": kinds,
            "generations": generations,
            "generation": self.generation,
            "corrupt_dropped": int(corrupt),
        }

    def close(self) -> None:
        """Commit what waits and let go of the file."""
        self._writer.close()
        self._reader.close()

    def _meta(self, name: str) -> int:
        (value,) = self._reader.execute(_META, (name,)).fetchone()
        return int(value)

    def _tallies(self, column: str) -> dict[Any, Tally]:
        rows = self._reader.execute(_TALLY.format(column)).fetchall()
        return {name: Tally(entries, size) for name, entries, size in rows}


def open_store(folder: Path, *, busy_timeout: float = _BUSY_TIMEOUT) -> Store:
    """Return the store in a folder, made where there is none; raises StoreError.

    `busy_timeout` is how many seconds to wait while another process writes.
    """
    with _telling(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _hide(folder)
        reader = connect(folder / FILE, busy_timeout)
        try:
            prepare(reader, folder / FILE)
            return Store(folder, reader, Writer(connect(folder / FILE, busy_timeout)))
        except BaseException:
            reader.close()
            raise


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
        raise StoreError(f"the cache `{folder}` cannot be used: {error}") from error
