"""The store: durable, first commit wins, safe for two processes, never serves what is corrupt."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from atkc.runtime.errors import StoreError
from atkc.runtime.keys import digest
from atkc.runtime.storage import schema as store_schema
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.mounts import network_file_system
from atkc.runtime.storage.store import CALL, FILE, VALUE, Store, Tally, open_store
from atkc.runtime.storage.writer import Put, Writer

KEY, OTHER = digest("key"), digest("other")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "cache", busy_timeout=0.2)
    yield opened
    opened.close()


def put(store: Store, key: bytes, value: bytes, request: bytes = b"", kind: str = CALL) -> bytes:
    async def go() -> bytes:
        return await store.put(key, kind, value, request)

    return asyncio.run(go())


def child(code: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, args)]
    root = Path(__file__).resolve().parents[3]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)


def test_a_value_comes_back(store: Store) -> None:
    assert store.get(KEY) is None
    assert put(store, KEY, b"value") == b"value"
    assert store.get(KEY) == b"value"


@pytest.mark.parametrize("value", [b"", b"\0" * 100_000, os.urandom(10_000), "Größe".encode()])
def test_any_bytes_survive(store: Store, value: bytes) -> None:
    put(store, KEY, value)
    assert store.get(KEY) == value


def test_the_first_commit_wins(store: Store) -> None:
    put(store, KEY, b"first")
    assert put(store, KEY, b"second") == b"first"
    assert store.get(KEY) == b"first"


def test_the_first_of_one_batch_wins(store: Store) -> None:
    async def go() -> list[bytes]:
        puts = [store.put(KEY, CALL, b"%d" % n) for n in range(50)]
        return await asyncio.gather(*puts)

    assert set(asyncio.run(go())) == {b"0"}


def test_another_store_on_the_file_sees_it_at_once(store: Store) -> None:
    second = open_store(store.folder)
    put(store, KEY, b"first")
    assert second.get(KEY) == b"first"
    assert put(second, KEY, b"second") == b"first"
    second.close()


def test_one_callback_per_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    callbacks = []

    async def go() -> None:
        loop = asyncio.get_running_loop()
        plain = loop.call_soon_threadsafe
        monkeypatch.setattr(
            loop, "call_soon_threadsafe", lambda *a, **k: (callbacks.append(a), plain(*a, **k))
        )
        await asyncio.gather(*[store.put(digest(n), CALL, b"v") for n in range(1000)])

    asyncio.run(go())
    store.close()
    assert 1000 / 200 <= len(callbacks) <= 60
    assert max(len(args[1]) for args in callbacks) <= 200


@pytest.mark.parametrize("place", [0, 4, -1])
def test_a_corrupt_entry_is_dropped_and_counted(store: Store, place: int) -> None:
    put(store, KEY, b"value " * 50)
    damage(store, KEY, place)
    assert store.get(KEY) is None
    put(store, OTHER, b"")  # the drop is committed before this
    assert store.stats()["corrupt_dropped"] == 1
    assert store.stats()["entries"] == 1
    assert put(store, KEY, b"new") == b"new"
    assert store.get(KEY) == b"new"


def test_a_corrupt_entry_loses_against_a_new_value(store: Store) -> None:
    put(store, KEY, b"old")
    damage(store, KEY, 5)
    assert put(store, KEY, b"new") == b"new"
    assert store.get(KEY) == b"new"
    assert store.stats()["corrupt_dropped"] == 1


def test_an_entry_under_a_foreign_key_is_corrupt(store: Store) -> None:
    put(store, KEY, b"value")
    with sqlite3.connect(store.folder / FILE) as connection:
        connection.execute("UPDATE entry SET key=?", (OTHER,))
    connection.close()
    assert store.get(OTHER) is None


def damage(store: Store, key: bytes, place: int) -> None:
    connection = sqlite3.connect(store.folder / FILE)
    (stored,) = connection.execute("SELECT value FROM entry WHERE key=?", (key,)).fetchone()
    spoiled = bytearray(stored)
    spoiled[place] ^= 1
    connection.execute("UPDATE entry SET value=? WHERE key=?", (bytes(spoiled), key))
    connection.commit()
    connection.close()


def test_a_lock_beyond_the_timeout_fails_all_who_wait_and_all_who_come(store: Store) -> None:
    blocker = sqlite3.connect(store.folder / FILE, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")

    async def go() -> list[object]:
        waiting = [store.put(digest(n), CALL, b"v") for n in range(300)]
        results: list[object] = await asyncio.gather(*waiting, return_exceptions=True)
        blocker.execute("ROLLBACK")
        later = await asyncio.gather(store.put(KEY, CALL, b"v"), return_exceptions=True)
        return [*results, *later]

    results = asyncio.run(asyncio.wait_for(go(), 10))
    blocker.close()
    assert [type(result) for result in results] == [StoreError] * 301
    assert store.get(KEY) is None


def test_a_full_disk_fails_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    connection = store_schema.connect(tmp_path / FILE, 1)
    connection.execute("PRAGMA max_page_count=12")
    writer = Writer(connection, tmp_path)

    async def go() -> list[object]:
        loop = asyncio.get_running_loop()
        puts = [Put(digest(n), CALL, 0, os.urandom(4000), loop.create_future()) for n in range(99)]
        for item in puts:
            writer.submit(item)
        return await asyncio.gather(*[item.done for item in puts], return_exceptions=True)

    results = asyncio.run(asyncio.wait_for(go(), 10))
    writer.close()
    assert {type(result) for result in results} == {StoreError}
    assert "full" in str(results[0])


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_is_gone_is_told_with_the_next_value(store: Store, replaced: bool) -> None:
    """SQLite would go on writing where nothing can be read any more."""
    put(store, KEY, b"v")
    for path in store.folder.glob("store.sqlite*"):
        path.unlink()
    if replaced:
        open_store(store.folder).close()
    with pytest.raises(StoreError, match="removed or replaced while it was in use"):
        put(store, OTHER, b"v")


def test_a_new_generation_deletes_nothing(store: Store) -> None:
    put(store, KEY, b"old")
    assert (store.generation, store.open_generation(), store.generation) == (0, 1, 1)
    put(store, OTHER, b"new")
    second = open_store(store.folder)
    assert second.generation == 1
    assert (second.get(KEY), second.get(OTHER)) == (b"old", b"new")
    assert {n: t.entries for n, t in second.stats()["generations"].items()} == {0: 1, 1: 1}
    second.close()


def test_stats_count_by_kind(store: Store) -> None:
    put(store, KEY, b"call")
    put(store, OTHER, b"value", kind=VALUE)
    stats = store.stats()
    assert {kind: tally.entries for kind, tally in stats["kinds"].items()} == {CALL: 1, VALUE: 1}
    assert stats["entries"] == 2
    assert stats["bytes"] == sum(tally.bytes for tally in stats["kinds"].values()) > 0
    assert isinstance(stats["kinds"][CALL], Tally)


def test_forgotten_entries_are_asked_again(store: Store) -> None:
    put(store, KEY, b"1")
    put(store, OTHER, b"2")
    store.forget([KEY])
    assert (store.get(KEY), store.get(OTHER)) == (None, b"2")


def test_the_folder_hides_itself_from_version_control(store: Store) -> None:
    assert (store.folder / ".gitignore").read_bytes() == b"*\n"


def test_a_cached_run_starts_no_thread(store: Store) -> None:
    import threading

    store.get(KEY)
    assert not any(thread.name == "atkc-store" for thread in threading.enumerate())


@pytest.mark.parametrize("version", [0, 99])
def test_a_store_of_another_version_is_refused(tmp_path: Path, version: int) -> None:
    open_store(tmp_path).close()
    set_version(tmp_path, version)
    with pytest.raises(StoreError, match=f"format {version}"):
        open_store(tmp_path)


def test_an_older_store_is_upgraded(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    put(store, KEY, b"kept")
    store.close()
    set_version(tmp_path, 0)
    connection = store_schema.connect(tmp_path / FILE, 1)
    upgrade = {0: ("INSERT INTO meta VALUES ('upgraded', 1)",), 1: (), 2: ()}
    store_schema.prepare(connection, tmp_path / FILE, upgrade)
    rows = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    connection.close()
    assert (rows["version"], rows["upgraded"]) == (store_schema.VERSION, 1)
    again = open_store(tmp_path)
    assert again.get(KEY) == b"kept"
    again.close()


def test_a_store_of_version_1_keeps_its_replies_and_knows_no_requests(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(
        """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
        CREATE TABLE entry (key BLOB PRIMARY KEY, kind TEXT NOT NULL, generation INTEGER NOT NULL,
            value BLOB NOT NULL);
        INSERT INTO meta VALUES ('generation', 0), ('corrupt', 0), ('version', 1);
        """
    )
    stored = (KEY, "call", 0, Packer().pack(KEY, b"old"))
    connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?)", stored)
    connection.commit()
    connection.close()
    store = open_store(tmp_path)
    assert (store.get(KEY), store.request(KEY)) == (b"old", None)
    put(store, OTHER, b"new", b"asked")
    assert (store.get(OTHER), store.request(OTHER)) == (b"new", b"asked")
    store.close()


def test_a_request_stays_with_the_reply_that_came_first(store: Store) -> None:
    put(store, KEY, b"first", b"asked")
    put(store, KEY, b"second", b"asked otherwise")
    assert store.request(KEY) == b"asked"
    assert store.request(OTHER) is None
    store.forget([KEY])
    assert store.request(KEY) is None


def test_requests_count_among_the_bytes(store: Store) -> None:
    put(store, KEY, b"reply")
    before = store.stats()["bytes"]
    put(store, OTHER, b"reply", b"asked")
    assert store.stats()["bytes"] == 2 * before + len(Packer().pack(OTHER, b"asked"))


def set_version(folder: Path, version: int) -> None:
    connection = sqlite3.connect(folder / FILE)
    connection.execute("UPDATE meta SET value=? WHERE name='version'", (version,))
    connection.commit()
    connection.close()


def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="songs"):
        open_store(tmp_path)


@pytest.mark.parametrize("content", [b"no database" * 200, None])
def test_what_is_no_database_is_a_store_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / FILE
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(StoreError):
        open_store(tmp_path)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data/x", "nfs4"),
        ("/data", "nfs4"),
        ("/data/local/x", None),
        ("/", None),
        ("/a b/c", "cifs"),
    ],
)
def test_a_network_file_system_is_seen(tmp_path: Path, folder: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    lines = ["d / ext4 rw", "h:/x /data nfs4 rw", "d /data/local xfs rw", r"//h/s /a\040b cifs rw"]
    mounts.write_text("\n".join(lines), encoding="utf-8")
    assert network_file_system(Path(folder), mounts) == kind


def test_without_a_list_of_mounts_nothing_is_known(tmp_path: Path) -> None:
    assert network_file_system(tmp_path, tmp_path / "none") is None


WRITE = """
import asyncio, sys
from pathlib import Path
from atkc.runtime.keys import digest
from atkc.runtime.storage.store import CALL, open_store

store = open_store(Path(sys.argv[1]))
name, count = sys.argv[2], int(sys.argv[3])

async def one(n):
    value = await store.put(digest(n), CALL, f"{name} {n}".encode() * 50)
    print(n, value.split()[0].decode(), flush=True)

async def main():
    for start in range(0, count, 50):
        await asyncio.gather(*[one(n) for n in range(start, start + 50)])

asyncio.run(main())
store.close()
"""


def test_two_processes_write_at_once_and_agree(tmp_path: Path) -> None:
    count = 600
    writers = [child(WRITE, tmp_path, name, count) for name in "ab"]
    told = [
        dict(line.split() for line in writer.communicate(timeout=60)[0].splitlines())
        for writer in writers
    ]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert told[0] == told[1]
    assert len(told[0]) == count
    store = open_store(tmp_path)
    for n, winner in told[0].items():
        assert (store.get(digest(int(n))) or b"").startswith(f"{winner} {n}".encode())
    store.close()


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    writer = child(WRITE, tmp_path, "a", 1_000_000)
    assert writer.stdout is not None
    told = [int(writer.stdout.readline().split()[0]) for _ in range(700)]
    writer.send_signal(signal.SIGKILL)
    rest = writer.communicate(timeout=30)[0].splitlines(keepends=True)
    told += [int(line.split()[0]) for line in rest if line.endswith("\n")]
    store = open_store(tmp_path)
    lost = [n for n in told if store.get(digest(n)) is None]
    assert lost == []
    assert store.stats()["corrupt_dropped"] == 0
    store.close()


def test_what_another_process_commits_is_seen_at_once_within_a_turn_of_the_loop(
    store: Store,
) -> None:
    put(store, KEY, b"1")

    async def go() -> list[bytes | None]:
        found = [store.get(KEY), store.get(KEY), store.get(OTHER), store.get(KEY), store.get(KEY)]
        second = open_store(store.folder)
        await second.put(OTHER, CALL, b"2")
        second.close()
        return [*found, store.get(OTHER)]

    assert asyncio.run(go()) == [b"1", b"1", None, b"1", b"1", b"2"]


def test_readers_hold_up_no_clearing_of_the_log(store: Store) -> None:
    put(store, KEY, b"1")

    async def go() -> tuple[int, ...]:
        store.get(KEY)
        store.get(KEY)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with sqlite3.connect(store.folder / FILE) as other:
            told = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        other.close()
        return tuple(told)

    assert asyncio.run(go())[0] == 0  # not busy


def test_hits_within_a_turn_are_forgotten_when_told_to(store: Store) -> None:
    put(store, KEY, b"1")

    async def go() -> list[bytes | None]:
        found = [store.get(KEY), store.get(KEY)]
        store.forget([KEY])
        return [*found, store.get(KEY)]

    assert asyncio.run(go()) == [b"1", b"1", None]
