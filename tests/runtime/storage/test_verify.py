"""Each entry is held against its checksum and its key; what is wrong is dropped when told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.runtime.keys import digest, text_key
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.store import FILE, open_store
from atkc.runtime.storage.verify import verify
from tests.runtime.storage.kit import asked, fill, flip, held, sql

KEY = text_key(asked(7))


def test_a_sound_store_is_sound(tmp_path: Path) -> None:
    fill(tmp_path)
    found = verify(tmp_path, FILE, repair=False)
    assert (found.entries, found.with_request, found.is_sound) == (100, 100, True)


@pytest.mark.parametrize("repair", [False, True])
def test_a_flipped_byte_of_a_value_is_found(tmp_path: Path, repair: bool) -> None:
    replies = fill(tmp_path)
    flip(tmp_path, "value", KEY)
    found = verify(tmp_path, FILE, repair=repair)
    assert (found.values, found.requests, found.keys, found.repaired) == (1, 0, 0, repair)
    assert sql(tmp_path, "SELECT count(*) FROM entry") == [(100 - repair,)]
    assert held(tmp_path) == {key: value for key, value in replies.items() if key != KEY}
    if repair:
        assert verify(tmp_path, FILE, repair=False).is_sound
        store = open_store(tmp_path)
        assert store.stats()["corrupt_dropped"] == 1
        assert store.stats()["entries"] == 99
        store.close()


def test_a_reply_without_its_request_is_kept(tmp_path: Path) -> None:
    replies = fill(tmp_path)
    flip(tmp_path, "request", KEY)
    found = verify(tmp_path, FILE, repair=True)
    assert (found.values, found.requests, found.keys) == (0, 1, 0)
    assert held(tmp_path) == replies
    assert verify(tmp_path, FILE, repair=False).is_sound


def test_an_entry_under_a_key_not_its_own_is_found(tmp_path: Path) -> None:
    fill(tmp_path)
    wrong = digest("wrong")
    row = (wrong, Packer().pack(wrong, b"reply"), Packer().pack(wrong, asked(7)))
    sql(tmp_path, "INSERT INTO entry VALUES (?, 'call', 0, ?, ?, 0, '')", *row)
    found = verify(tmp_path, FILE, repair=True)
    assert (found.values, found.requests, found.keys) == (0, 0, 1)
    assert sql(tmp_path, "SELECT count(*) FROM entry") == [(100,)]


def test_a_spoiled_dictionary_costs_the_requests_and_no_reply(tmp_path: Path) -> None:
    replies = fill(tmp_path)
    sql(tmp_path, "UPDATE dictionary SET text=x'00'")
    found = verify(tmp_path, FILE, repair=True)
    assert (found.values, found.requests) == (0, 99)
    assert held(tmp_path) == replies
