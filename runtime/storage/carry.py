"""Between a store and a file of `store_transfer`: what to take along, and how it comes in."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct, field

from atkc.runtime.errors import StoreError
from atkc.runtime.storage.dictionaries import StoredDictionaries
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.scan import entries
from atkc.runtime.storage.schema import connect, prepare
from atkc.runtime.storage.store import FILE, Store, open_store
from atkc.runtime.storage.transfer import Carried, Refused, read, read_head, write
from atkc.runtime.storage.uses import PREFIX
from atkc.runtime.storage.words import told

_PATIENCE = 30.0  # seconds
_AT_ONCE = 500


class Exported(Struct):
    """Entries written; those that are corrupt were left out."""

    entries: int = 0
    corrupt: int = 0


class Imported(Struct):
    """Entries that came in, that were there already, and that belong to no generation here."""

    new: int = 0
    known: int = 0
    later: int = 0  # of generations that this cache has not come to
    earlier: int = 0  # of those that came in: no run here meets them
    refused: Refused = field(default_factory=Refused)


def export_store(folder: Path, file: BinaryIO, targets: tuple[str, ...] = ()) -> Exported:
    """Write the entries of a store, or those that the last runs into some folders used.

    Raises StoreError, also where nothing is known of such a run.
    """
    done = Exported()
    try:
        connection = connect(folder / FILE, _PATIENCE)
        try:
            prepare(connection, folder / FILE)
            (generation,) = connection.execute(
                "SELECT value FROM meta WHERE name='generation'"
            ).fetchone()
            wanted = _wanted(connection, folder, targets) if targets else None
            done.entries = write(file, generation, _carried(connection, done, wanted))
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreError(told(error, folder, "exported")) from error
    return done


def import_file(folder: Path, file: BinaryIO) -> Imported:
    """Bring the entries of a file into a store; what is there already stays as it is.

    Raises ForeignFileError for another file, StoreError.
    """
    generation = read_head(file)
    store = open_store(folder)
    try:
        if not store.stats()["entries"]:
            while store.generation < generation:  # an empty store goes on where the other is
                store.open_generation()
        done = Imported()
        coming = read(file, done.refused)
        while batch := list(islice(coming, _AT_ONCE)):
            asyncio.run(_bring(store, batch, done))
    finally:
        store.close()
    return done


async def _bring(store: Store, batch: list[Carried], done: Imported) -> None:
    """Put a batch into the store and wait until it is durable."""
    puts = []
    for entry in batch:
        if entry.generation > store.generation:
            done.later += 1
        elif store.get(entry.key) is not None:
            done.known += 1
        else:
            done.new += 1
            done.earlier += entry.generation < store.generation
            puts.append(store.bring(entry))
    await asyncio.gather(*puts)


def _wanted(connection: sqlite3.Connection, folder: Path, targets: tuple[str, ...]) -> set[bytes]:
    wanted: set[bytes] = set()
    for target in targets:
        rows = connection.execute(
            "SELECT uses FROM run WHERE target=?", (str(Path(target).resolve()),)
        ).fetchall()
        if not rows:
            known = connection.execute("SELECT DISTINCT target FROM run ORDER BY 1").fetchall()
            some = ", ".join(f"`{name}`" for (name,) in known) or "none"
            raise StoreError(
                f"the cache `{folder}` knows of no run into `{target}`; it knows of: {some}"
            )
        for (uses,) in rows:
            wanted.update(uses[at : at + PREFIX] for at in range(0, len(uses), PREFIX))
    return wanted


def _carried(
    connection: sqlite3.Connection, done: Exported, wanted: set[bytes] | None
) -> Iterator[Carried]:
    packer = Packer(StoredDictionaries(connection))
    for entry in entries(connection):
        if wanted is not None and entry.key[:PREFIX] not in wanted:
            continue
        value = packer.unpack(entry.key, entry.value)
        if value is None:
            done.corrupt += 1
            continue
        request = None if entry.request is None else packer.unpack(entry.key, entry.request)
        facts = (entry.key, entry.kind, entry.generation, value)
        yield Carried(*facts, request or b"", entry.day, entry.origin)
