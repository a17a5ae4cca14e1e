"""What is chosen goes, and nothing else; beside a running process too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.keys import digest, text_key
from atkc.runtime.storage.cleaning import Choice, collect
from atkc.runtime.storage.schema import COUNT_ALL, today
from atkc.runtime.storage.store import EMBEDDING, FILE, VALUE, open_store
from atkc.runtime.storage.verify import verify
from tests.runtime.storage.kit import asked, fill, held, put_all, sql

VALUE_KEY, VECTOR_KEY = digest("value"), digest("vector")


def key(number: int) -> bytes:
    return text_key(asked(number))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Calls 0-9 of 40 days ago, 10-19 of today, 20-29 of generation 1; a value; a vector."""
    store = open_store(tmp_path / "cache")
    put_all(store, range(20))
    for number in range(10):
        _age(tmp_path / "cache", number, 40)
    store.open_generation()
    put_all(store, range(20, 30))

    async def go() -> None:
        await store.put(VALUE_KEY, VALUE, b"v", origin="text.chunk")
        await store.put(VECTOR_KEY, EMBEDDING, b"e", origin="openai/small")

    asyncio.run(go())
    store.close()
    return tmp_path / "cache"


def _age(folder: Path, number: int, days: int) -> None:
    """Move an entry back in time, in the books as well."""
    past = today() - days
    sql(folder, "UPDATE entry SET day=? WHERE key=?", past, key(number))
    sql(folder, "DELETE FROM tally")
    sql(folder, COUNT_ALL)


@pytest.mark.parametrize(
    ("choice", "gone"),
    [
        (Choice(older_than=30), {*range(10)}),
        (Choice(older_than=40), set()),
        (Choice(older_than=0), {*range(10)}),
        (Choice(stale_generations=True), {*range(20)}),
        (Choice(generations=(1,)), {*range(20, 30), VALUE_KEY, VECTOR_KEY}),
        (Choice(kinds=("call",), generations=(1,)), {*range(20, 30)}),
        (Choice(kinds=("value", "embedding")), {VALUE_KEY, VECTOR_KEY}),
        (Choice(origins=("openai/large",), older_than=30), {*range(10)}),
        (Choice(origins=("text.chunk",)), {VALUE_KEY}),
        (Choice(unused=True), {*range(10)}),
        (Choice(max_size=10**9), set()),
        (Choice(max_size=0), {*range(30), VALUE_KEY, VECTOR_KEY}),
    ],
)
def test_what_is_chosen_goes(folder: Path, choice: Choice, gone: set[Any]) -> None:
    before = held(folder)
    wanted = {key(k) if isinstance(k, int) else k for k in gone}
    only_told = collect(folder, FILE, choice, dry_run=True)
    assert (only_told.entries, only_told.removed) == (len(gone), False)
    assert held(folder) == before
    done = collect(folder, FILE, choice, dry_run=False)
    assert (done.entries, done.left) == (len(gone), 32 - len(gone))
    assert held(folder).keys() == before.keys() - wanted
    assert verify(folder, FILE, repair=False).is_sound
    store = open_store(folder)
    assert store.stats()["entries"] == 32 - len(gone)
    store.close()


def test_what_was_used_longest_ago_goes_first(folder: Path) -> None:
    ((whole,),) = sql(folder, "SELECT sum(bytes) FROM tally")
    most = whole + 32 * 110 - 1
    done = collect(folder, FILE, Choice(max_size=most), dry_run=False)
    assert done.entries == 1
    assert key(0) not in held(folder)


def _use(folder: Path, target: Path, numbers: range) -> None:
    store = open_store(folder)
    with store.noting(str(target), "spec"):
        for number in numbers:
            assert store.get(key(number)) is not None
    store.close()


def _break_off(folder: Path, target: Path) -> None:
    store = open_store(folder)
    try:
        with store.noting(str(target), "spec"):
            store.get(key(7))
            raise KeyboardInterrupt
    finally:
        store.close()


def test_what_a_run_used_is_in_use_as_long_as_its_output_is_there(
    folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "outputs"
    target.mkdir()
    _use(folder, target, range(5))
    for choice in (Choice(unused=True), Choice(older_than=30)):
        done = collect(folder, FILE, choice, dry_run=True)
        assert (done.entries, done.runs) == (5, [str(target)])
    target.rmdir()
    done = collect(folder, FILE, Choice(unused=True), dry_run=True)
    assert (done.entries, done.runs) == (10, [])


def test_the_next_complete_run_takes_the_place_of_the_last(folder: Path, tmp_path: Path) -> None:
    _use(folder, tmp_path, range(5))
    _use(folder, tmp_path, range(3))
    assert collect(folder, FILE, Choice(unused=True), dry_run=True).entries == 7


def test_a_run_that_broke_off_adds_to_the_last_complete_one(folder: Path, tmp_path: Path) -> None:
    _use(folder, tmp_path, range(3))
    with pytest.raises(KeyboardInterrupt):
        _break_off(folder, tmp_path)
    assert collect(folder, FILE, Choice(unused=True), dry_run=True).entries == 6
    _use(folder, tmp_path, range(2))
    assert collect(folder, FILE, Choice(unused=True), dry_run=True).entries == 8


def test_the_file_shrinks_when_nobody_else_has_it_open(folder: Path) -> None:
    before = (folder / FILE).stat().st_size
    done = collect(folder, FILE, Choice(max_size=0), dry_run=False)
    assert done.shrunk
    assert (folder / FILE).stat().st_size < before


def test_beside_a_running_process_it_removes_and_the_other_goes_on(folder: Path) -> None:
    other = open_store(folder)
    put_all(other, range(30, 40))
    done = collect(folder, FILE, Choice(max_size=0), dry_run=False)
    assert (done.entries, done.shrunk) == (42, False)
    assert sql(folder, "SELECT count(*) FROM dictionary") == [(0,)]
    replies = put_all(other, range(40, 60))
    other.close()
    assert held(folder) == replies
    assert verify(folder, FILE, repair=False).is_sound


def test_dictionaries_go_with_the_last_request_that_needs_them(tmp_path: Path) -> None:
    fill(tmp_path, range(10))
    sql(tmp_path, "UPDATE entry SET day=0 WHERE key!=?", key(9))
    collect(tmp_path, FILE, Choice(older_than=1), dry_run=False)
    assert sql(tmp_path, "SELECT count(*) FROM dictionary") == [(1,)]
    sql(tmp_path, "UPDATE entry SET day=0")
    collect(tmp_path, FILE, Choice(older_than=1), dry_run=False)
    assert sql(tmp_path, "SELECT count(*) FROM dictionary") == [(0,)]


def test_what_was_removed_is_nowhere_in_the_file(tmp_path: Path) -> None:
    fill(tmp_path, range(1))  # the first request stands alone, and short ones stand in clear
    store = open_store(tmp_path)

    async def go() -> None:
        await store.put(digest("secret"), "value", b"a secret of a document")

    asyncio.run(go())
    second = open_store(tmp_path)  # so that the file is not made anew
    collect(tmp_path, FILE, Choice(kinds=("value",)), dry_run=False)
    store.close()
    second.close()
    assert b"a secret of a document" not in (tmp_path / FILE).read_bytes()
