"""The one thread that writes to the store: groups what waits, commits, then tells the loop."""

from __future__ import annotations

import asyncio
import errno
import queue
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from atkc.runtime.errors import StoreError
from atkc.runtime.storage.dictionaries import StoredDictionaries
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.origin import Origins
from atkc.runtime.storage.schema import today
from atkc.runtime.storage.words import told

_LARGEST_BATCH = 200
# Seconds from one commit to the next at least while many entries come: a commit costs as much CPU
# as ten of them. Where fewer come it would cost more of them at a kill than it saves.
_APART, _MANY = 0.015, 12

# Callers told in one go: what they do next would hold up replies that come in meanwhile.
_AT_ONCE_TOLD = 6

# Rows of a statement: each statement gives the interpreter's lock away once, which costs more than
# a row does.
_AT_ONCE = 64
_INSERT = "INSERT OR IGNORE INTO entry VALUES "
_ROW = "(?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT value FROM entry WHERE key=?"
_REPLACE = "UPDATE entry SET value=? WHERE key=?"
_DROP = "DELETE FROM entry WHERE key=? AND value=?"
_ADD = """INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET entries=entries+excluded.entries, bytes=bytes+excluded.bytes"""
_COUNT_CORRUPT = "UPDATE meta SET value=value+1 WHERE name='corrupt'"


class Put(Struct):
    """A value to keep; `done` gets what the store holds once that is committed."""

    key: bytes
    kind: str
    generation: int
    value: bytes
    done: asyncio.Future[bytes]
    request: bytes = b""  # what was asked; empty where nobody was
    origin: str = ""  # who made the value, where no request says so: a model, a function
    day: int | None = None  # of another store's entry


class _Taken(Exception):
    """Another process has stored one of the keys."""


class Drop(Struct):
    """A corrupt entry to remove, if it still consists of those bytes."""

    key: bytes
    stored: bytes


class _Named(Struct, frozen=True):
    """A file by its name: SQLite goes on writing to one that has been removed."""

    path: Path
    inode: int

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> _Named:
        path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
        return cls(path, path.stat().st_ino)

    def check(self) -> None:
        """Raise OSError where the file is there no longer, or is another one."""
        if self.path.stat().st_ino != self.inode:
            raise FileNotFoundError(errno.ENOENT, "another file is in its place", str(self.path))


Result = tuple[asyncio.Future[bytes], bytes | None]
Row = tuple[bytes, str, int, bytes, bytes | None, int, str]  # of the table `entry`
Packed = tuple[Put, Row]
Counts = dict[tuple[str, int, int, str], list[int]]  # by kind, generation, day, origin


class Writer:
    """Owns a connection and the thread that uses it; the thread starts with the first item."""

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, *, largest_batch: int = _LARGEST_BATCH
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._file = _Named.of(connection)
        self._largest_batch = largest_batch
        self._dictionaries = StoredDictionaries(connection)
        self._packer = Packer(self._dictionaries)
        self._origins = Origins()
        self._items: queue.SimpleQueue[Put | Drop | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._committed_at, self._came = 0.0, 0  # when, and how many at once
        self._hurry = threading.Lock()  # free once nothing more will come
        self._hurry.acquire()
        self.error: str | None = None  # why nothing can be written any more

    def submit(self, item: Put | Drop) -> None:
        """Hand an item to the thread; a Put fails at once where an earlier write has failed."""
        if self.error is not None:
            if isinstance(item, Put):
                item.done.set_exception(StoreError(self.error))
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="atkc-store", daemon=True)
            self._thread.start()
        self._items.put(item)

    def close(self) -> None:
        """Commit what waits, end the thread, close the connection."""
        if self._thread is not None:
            self._items.put(None)
            self._hurry.release()
            self._thread.join()
            self._thread = None
        self._connection.close()

    def _run(self) -> None:
        while not self._closing:
            batch = self._take()
            self._came = len(batch)
            try:
                results = self._commit(batch) if self.error is None else []
            except (sqlite3.Error, OSError) as error:
                self._fail(told(error, self._folder, "written"), batch)
                continue
            except BaseException as error:
                self._fail(f"the writer of the cache ended: {error!r}", batch)
                raise
            if self.error is not None:
                self._fail(self.error, batch)
            elif results:
                _tell(results, None)

    def _take(self) -> list[Put | Drop]:
        """Return what waits, at least one item, at most a batch."""
        batch: list[Put | Drop] = []
        item = self._items.get()
        early = self._committed_at + _APART - time.monotonic()
        if early > 0 and self._came >= _MANY:
            self._hurry.acquire(timeout=early)
        self._committed_at = time.monotonic()
        try:
            while item is not None:
                batch.append(item)
                if len(batch) >= self._largest_batch:
                    return batch
                item = self._items.get_nowait()
        except queue.Empty:
            return batch
        self._closing = True
        return batch

    def _commit(self, batch: list[Put | Drop]) -> list[Result]:
        try:
            return self._committed(batch, _AT_ONCE)
        except _Taken:
            return self._committed(batch, 1)

    def _committed(self, batch: list[Put | Drop], at_once: int) -> list[Result]:
        """Return what the store holds for each Put. Raises _Taken if it takes several at once."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            self._dictionaries.refresh()
            day, came = today(), Counts()
            for item in batch:
                if isinstance(item, Drop):
                    self._drop(item)
            rows = [(item, self._row(item, day)) for item in batch if isinstance(item, Put)]
            results = list(self._insert(rows, came, at_once))
            for group, sums in came.items():
                execute(_ADD, (*group, *sums))
            execute("COMMIT")
            self._file.check()
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            self._dictionaries.forget()
            raise
        return results

    def _drop(self, item: Drop) -> None:
        if self._connection.execute(_DROP, (item.key, item.stored)).rowcount:
            self._connection.execute(_COUNT_CORRUPT)

    def _row(self, item: Put, day: int) -> Row:
        packed = self._packer.pack(item.key, item.value)
        asked = self._packer.pack_request(item.key, item.request) if item.request else None
        day = day if item.day is None else item.day
        origin = item.origin or self._origins.of(item.request)
        return item.key, item.kind, item.generation, packed, asked, day, origin

    def _insert(self, rows: Sequence[Packed], came: Counts, at_once: int) -> Iterator[Result]:
        for group in (rows[at : at + at_once] for at in range(0, len(rows), at_once)):
            values = [value for _, row in group for value in row]
            statement = _INSERT + ", ".join([_ROW] * len(group))
            if self._connection.execute(statement, values).rowcount == len(group):
                for item, row in group:
                    _count(came, row)
                    yield item.done, item.value
            elif len(group) > 1:
                raise _Taken
            else:
                item, row = group[0]
                yield item.done, self._first(item, row[3])

    def _first(self, item: Put, packed: bytes) -> bytes:
        """Return what somebody else has stored, which counts; our own where that is spoiled."""
        execute = self._connection.execute
        (stored,) = execute(_SELECT, (item.key,)).fetchone()
        value = self._packer.unpack(item.key, stored)
        if value is None:
            execute(_REPLACE, (packed, item.key))
            execute(_COUNT_CORRUPT)
            return item.value
        return value

    def _fail(self, message: str, batch: list[Put | Drop]) -> None:
        """Fail this batch and all that still waits, now and later."""
        self.error = message
        waiting = [*batch]
        try:
            while (item := self._items.get_nowait()) is not None:
                waiting.append(item)
            self._closing = True
        except queue.Empty:
            pass
        results: list[Result] = [(item.done, None) for item in waiting if isinstance(item, Put)]
        if results:
            _tell(results, message)


def _count(came: Counts, row: Row) -> None:
    _, kind, generation, packed, asked, day, origin = row
    sums = came.setdefault((kind, generation, day, origin), [0, 0])
    sums[0] += 1
    sums[1] += len(packed) + (len(asked) if asked else 0)


def _tell(results: list[Result], message: str | None) -> None:
    """Settle all futures of a batch in one callback; a loop that is gone waits for nothing."""
    loop = results[0][0].get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, results, message)


def _settle(results: list[Result], message: str | None) -> None:
    if len(results) > _AT_ONCE_TOLD:
        later = results[_AT_ONCE_TOLD:]
        later[0][0].get_loop().call_soon(_settle, later, message)
    for future, value in results[:_AT_ONCE_TOLD]:
        if future.done():
            continue
        if value is None:
            future.set_exception(StoreError(message or ""))
        else:
            future.set_result(value)
