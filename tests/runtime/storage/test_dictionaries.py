"""Requests share what they have in common: few bytes each, whole when read, never dangling."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from atkc.runtime.keys import text_key
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.store import open_store
from tests.runtime.storage.kit import SYSTEM, asked, fill, put_all, sql


def test_each_request_comes_back_whole(tmp_path: Path) -> None:
    fill(tmp_path)
    store = open_store(tmp_path)
    for number in range(100):
        text = asked(number)
        assert store.request(text_key(text)) == text
    store.close()


def test_what_requests_share_is_stored_once(tmp_path: Path) -> None:
    fill(tmp_path)
    alone = sum(len(Packer().pack(b"", asked(n))) for n in range(100))
    ((together,),) = sql(tmp_path, "SELECT sum(length(request)) FROM entry")
    ((count, size),) = sql(tmp_path, "SELECT count(*), sum(length(text)) FROM dictionary")
    assert (count, size < 500) == (1, True)
    assert together < alone * 0.8


def test_a_dictionary_holds_nothing_that_one_record_said(tmp_path: Path) -> None:
    fill(tmp_path)
    ((head, tail, text),) = sql(tmp_path, "SELECT head, tail, text FROM dictionary")
    shared = Packer().unpack(head + tail, text)
    assert shared is not None
    assert SYSTEM.encode() in shared
    assert b"Reply with a question and nothing else." in shared
    assert b"word0" not in shared
    assert b"word37" not in shared


def test_equal_requests_with_other_seeds_make_no_dictionary(tmp_path: Path) -> None:
    fill(tmp_path, range(1))
    store = open_store(tmp_path)
    for seed in range(5):
        text = asked(0, seed=1000 + seed)

        async def go(text: bytes = text) -> None:
            await store.put(text_key(text), "call", b"v", text)

        asyncio.run(go())
    store.close()
    assert sql(tmp_path, "SELECT count(*) FROM dictionary") == [(0,)]


def test_another_process_uses_the_dictionaries_that_are_there(tmp_path: Path) -> None:
    fill(tmp_path, range(50))
    fill(tmp_path, range(50, 100))
    assert sql(tmp_path, "SELECT count(*) FROM dictionary") == [(1,)]
    ((without,),) = sql(tmp_path, "SELECT count(*) FROM entry WHERE substr(request, 5, 1)!=x'01'")
    assert without == 1  # the very first, which had nothing to share with


def test_prompts_of_their_own_get_dictionaries_of_their_own(tmp_path: Path) -> None:
    store = open_store(tmp_path)

    async def go() -> None:
        for number in range(20):
            for system in (SYSTEM, SYSTEM.upper()):
                text = asked(number, system=system)
                await store.put(text_key(text), "call", b"v", text)

    asyncio.run(go())
    store.close()
    assert sql(tmp_path, "SELECT count(*) FROM dictionary") == [(2,)]


@pytest.mark.parametrize("damage", ["DELETE FROM dictionary", "UPDATE dictionary SET text=x'00'"])
def test_without_its_dictionary_a_request_is_unknown_and_its_reply_stays(
    tmp_path: Path, damage: str
) -> None:
    replies = fill(tmp_path)
    sql(tmp_path, damage)
    store = open_store(tmp_path)
    key = text_key(asked(70))
    assert store.request(key) is None
    assert store.get(key) == replies[key]
    store.close()


def test_who_has_read_a_dictionary_that_is_removed_makes_a_new_one(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    put_all(store, range(50))
    sql(tmp_path, "DELETE FROM entry")
    sql(tmp_path, "DELETE FROM dictionary")
    sql(tmp_path, "UPDATE meta SET value=value+1 WHERE name='epoch'")
    put_all(store, range(50, 100))
    store.close()
    again = open_store(tmp_path)
    for number in range(50, 100):
        assert again.request(text_key(asked(number))) == asked(number)
    again.close()
