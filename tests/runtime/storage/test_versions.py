"""Stores of each older version are brought up to date; a newer one is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import zstandard

from atkc.runtime.errors import StoreError
from atkc.runtime.keys import digest
from atkc.runtime.storage.schema import UPGRADES, VERSION, today
from atkc.runtime.storage.store import CALL, FILE, open_store
from tests.runtime.storage.kit import put_all, sql

KEY = digest("old")
META = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    INSERT INTO meta VALUES ('generation', 2), ('corrupt', 1), ('version', {});
"""
COLUMNS = (
    "key BLOB PRIMARY KEY, kind TEXT NOT NULL, generation INTEGER NOT NULL, value BLOB NOT NULL"
)
# As the versions wrote them: tables, and how a row was laid out.
OLD = {
    1: (f"CREATE TABLE entry ({COLUMNS});", False),
    2: (f"CREATE TABLE entry ({COLUMNS}, request BLOB);", True),
}


def frame(key: bytes, value: bytes) -> bytes:
    """Return a value as versions 1 and 2 stored it."""
    import zlib

    packed = zstandard.ZstdCompressor(level=3).compress(value)
    return zlib.crc32(packed, zlib.crc32(key)).to_bytes(4, "big") + packed


def make(folder: Path, version: int) -> None:
    folder.mkdir(exist_ok=True)
    tables, with_request = OLD[version]
    connection = sqlite3.connect(folder / FILE)
    connection.executescript(META.format(version) + tables)
    row: tuple[object, ...] = (KEY, CALL, 2, frame(KEY, b"reply " * 50))
    row += (frame(KEY, b"asked " * 50),) if with_request else ()
    connection.execute(f"INSERT INTO entry VALUES ({', '.join('?' * len(row))})", row)
    connection.commit()
    connection.close()


def test_there_is_a_way_up_from_every_version() -> None:
    assert sorted(OLD) == sorted(UPGRADES) == list(range(1, VERSION))


@pytest.mark.parametrize("version", OLD)
def test_an_older_store_keeps_what_it_holds(tmp_path: Path, version: int) -> None:
    make(tmp_path, version)
    store = open_store(tmp_path)
    assert store.get(KEY) == b"reply " * 50
    assert store.request(KEY) == (b"asked " * 50 if OLD[version][1] else None)
    assert store.generation == 2
    stats = store.stats()
    assert (stats["entries"], stats["corrupt_dropped"]) == (1, 1)
    assert list(stats["days"]) == [today()]  # its true day is not known: nothing is too old by it
    assert list(stats["origins"]) == [""]
    put_all(store, range(10))
    assert store.stats()["entries"] == 11
    store.close()


@pytest.mark.parametrize("version", OLD)
def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, version)
    last = (*UPGRADES[VERSION - 1], "INSERT INTO nowhere VALUES (1)")
    monkeypatch.setitem(UPGRADES, VERSION - 1, last)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="nowhere"):
        open_store(tmp_path)
    assert sql(tmp_path, "SELECT value FROM meta WHERE name='version'") == [(version,)]
    names = [row[1] for row in sql(tmp_path, "PRAGMA table_info(entry)")]
    assert "day" not in names


def test_two_processes_upgrade_once(tmp_path: Path) -> None:
    make(tmp_path, 1)
    first, second = open_store(tmp_path), open_store(tmp_path)
    assert first.get(KEY) == second.get(KEY) == b"reply " * 50
    assert first.stats()["entries"] == 1
    first.close()
    second.close()
