"""Files that SQLite cannot read: told at once, all whole entries saved, the damaged file kept."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from atkc.runtime.errors import StoreError
from atkc.runtime.keys import text_key
from atkc.runtime.storage.salvage import salvage
from atkc.runtime.storage.store import FILE, open_store
from atkc.runtime.storage.verify import verify
from tests.runtime.storage.kit import asked, fill, held

MANY = range(600)


def header(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"\0" * 100)


def first_pages(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"\xff" * 3 * 4096)


def middle(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(size // 2 // 4096 * 4096)
        opened.write(b"\xa5" * 20 * 4096)


def cut(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def cut_within_a_page(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2 + 1000)


DAMAGES = [header, first_pages, middle, cut, cut_within_a_page]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_whole_is_saved_and_nothing_else(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    replies = fill(tmp_path, MANY)
    damage(tmp_path / FILE)
    found = verify(tmp_path, FILE, repair=True)
    assert found.structure
    assert not found.repaired  # a damaged file is not written to
    saved = salvage(tmp_path, FILE)
    got = held(tmp_path)
    assert saved.entries == len(got)
    assert got.items() <= replies.items()
    assert len(got) >= len(replies) * (1 if damage is header else 0.35)
    assert saved.kept.name == f"{FILE}.damaged-1"
    assert saved.kept.exists()
    assert verify(tmp_path, FILE, repair=False).is_sound
    store = open_store(tmp_path)
    assert store.stats()["entries"] == len(got)
    store.close()


@pytest.mark.parametrize("damage", [header, cut])
def test_a_damaged_store_is_not_opened_and_told_with_a_way_out(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    fill(tmp_path, MANY)
    damage(tmp_path / FILE)
    with pytest.raises(StoreError, match="atkc cache verify --repair") as told:
        open_store(tmp_path)
    assert str(tmp_path) in str(told.value)


def test_without_its_header_a_store_loses_nothing(tmp_path: Path) -> None:
    fill(tmp_path, range(300))
    store = open_store(tmp_path)
    store.open_generation()
    with store.noting("/out", "spec"):
        store.get(text_key(asked(1)))
    store.close()
    header(tmp_path / FILE)
    salvage(tmp_path, FILE)
    store = open_store(tmp_path)
    assert store.generation == 1
    assert [(run.target, run.uses) for run in store.runs()] == [("/out", 1)]
    for number in range(300):
        assert store.request(text_key(asked(number))) == asked(number)
    store.close()


def test_what_stands_in_the_log_is_saved_too(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a")
    fill(tmp_path / "a", range(200))  # closed, but not the last to close: the log stays
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    store.close()
    assert (tmp_path / "b" / f"{FILE}-wal").stat().st_size > 0
    with (tmp_path / "b" / FILE).open("r+b") as opened:
        opened.truncate(0)
    assert salvage(tmp_path / "b", FILE).entries == 200


def test_a_long_row_goes_on_over_pages(tmp_path: Path) -> None:
    value = os.urandom(50_000)
    store = open_store(tmp_path)

    async def go() -> None:
        await store.put(text_key(b"long"), "call", value)

    asyncio.run(go())
    store.close()
    header(tmp_path / FILE)
    salvage(tmp_path, FILE)
    assert held(tmp_path) == {text_key(b"long"): value}


def test_a_store_in_use_is_not_replaced(tmp_path: Path) -> None:
    fill(tmp_path)
    store = open_store(tmp_path)
    with pytest.raises(StoreError, match="in use"):
        salvage(tmp_path, FILE)
    store.close()


@pytest.mark.parametrize("content", [b"", b"x", b"\x0d" * 8192, bytes(range(256)) * 64])
def test_of_nonsense_nothing_is_saved(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert salvage(tmp_path, FILE).entries == 0
    assert held(tmp_path) == {}


def test_an_emptied_file_is_told(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / FILE).write_bytes(b"")
    store = open_store(tmp_path)
    assert store.warning is not None
    assert "was empty" in store.warning
    store.close()
    store = open_store(tmp_path)
    assert store.warning is None
    store.close()
