"""Reads every entry of a store and holds it against its checksums and its key."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from msgspec import Struct, field

from atkc.runtime.errors import StoreError
from atkc.runtime.storage.dictionaries import StoredDictionaries
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.lock import release, shared
from atkc.runtime.storage.scan import Entry, entries
from atkc.runtime.storage.schema import connect, prepare
from atkc.runtime.storage.words import is_damage, told

_STRUCTURE = "PRAGMA integrity_check(5)"
_DROP = "DELETE FROM entry WHERE rowid=? AND key=? AND value=?"
_CLEAR = "UPDATE entry SET request=NULL WHERE rowid=? AND key=? AND request=?"
_COUNT = "UPDATE meta SET value=value+? WHERE name='corrupt'"
_PATIENCE = 30.0  # seconds


class Verified(Struct):
    """What was found. `structure` are SQLite's own words on a file that it cannot make sense of."""

    entries: int = 0
    with_request: int = 0
    values: int = 0  # entries whose value is not what was stored
    keys: int = 0  # entries whose key is not that of their request
    requests: int = 0  # requests that cannot be read; the value beside them is whole
    structure: list[str] = field(default_factory=list)
    repaired: bool = False

    @property
    def is_sound(self) -> bool:
        """Return whether nothing was found."""
        return not (self.values or self.keys or self.requests or self.structure)


def verify(folder: Path, file: str, *, repair: bool) -> Verified:
    """Return what is wrong with a store; with `repair`, single entries that are wrong are dropped.

    A reply whose request alone is lost is kept. A file with a damaged structure is left as it is:
    it is for `salvage`. Raises StoreError for what is no damage.
    """
    done = Verified()
    lock = shared(folder, _PATIENCE)
    try:
        connection = connect(folder / file, _PATIENCE)
        try:
            prepare(connection, folder / file)
            done.structure = _structure(connection)
            _read(connection, done, repair and not done.structure)
        finally:
            connection.close()
    except sqlite3.Error as error:
        if not is_damage(error):
            raise StoreError(told(error, folder, "verified")) from error
        done.structure.append(str(error))
    finally:
        release(lock)
    return done


def _structure(connection: sqlite3.Connection) -> list[str]:
    said = [str(line) for (line,) in connection.execute(_STRUCTURE)]
    return [] if said == ["ok"] else said


def _read(connection: sqlite3.Connection, done: Verified, repair: bool) -> None:
    packer = Packer(StoredDictionaries(connection))
    for entry in entries(connection):
        done.entries += 1
        statement, damaged = _judged(packer, done, entry)
        if statement and repair:
            connection.execute(statement, (entry.number, entry.key, damaged))
            done.repaired = True
    if done.repaired and (done.values or done.keys):
        connection.execute(_COUNT, (done.values + done.keys,))


def _judged(packer: Packer, done: Verified, entry: Entry) -> tuple[str, bytes | None]:
    """Count what is wrong with an entry; return what mends it, if anything is to be mended."""
    if packer.unpack(entry.key, entry.value) is None:
        done.values += 1
        return _DROP, entry.value
    if entry.request is None:
        return "", None
    done.with_request += 1
    request = packer.unpack(entry.key, entry.request)
    if request is None:
        done.requests += 1
        return _CLEAR, entry.request
    if hashlib.sha256(request).digest() != entry.key:
        done.keys += 1
        return _DROP, entry.value
    return "", None
