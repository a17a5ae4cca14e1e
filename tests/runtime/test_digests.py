"""What was seen: each digest once, with the value that came first."""

from __future__ import annotations

import hashlib

from atkc.runtime.digests import Digests, Occurrences
from atkc.runtime.keys import source_identity


def _key(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()[:16]


def test_the_first_value_stays() -> None:
    seen = Digests(8)
    keys = [_key(number) for number in range(5000)]
    assert [seen.add(key, n.to_bytes(8, "big")) for n, key in enumerate(keys)] == [None] * 5000
    found = [seen.add(key, bytes(8)) for key in keys]
    assert found == [n.to_bytes(8, "big") for n in range(5000)]


def test_a_key_that_lies_across_two_entries_is_new() -> None:
    seen = Digests()
    one = b"\0\0aaaaaa\0\0bbbbbb"
    two = b"\0\0cccccccccccccc"
    assert (seen.add(one), seen.add(two)) == (None, None)
    across = one[8:] + two[:8]  # begins as both do, so it is looked for among them
    assert seen.add(across) is None
    assert seen.add(across) == b""


def test_equal_contents_are_told_apart_by_number() -> None:
    occurrences = Occurrences()
    contents = [{"a": 1}, {"a": 2}, {"a": 1}, {"a": 1.0}, {"a": 1}]
    numbers = [0, 0, 1, 0, 2]
    expected = [source_identity(c, n) for c, n in zip(contents, numbers, strict=True)]
    assert [occurrences.identity(content) for content in contents] == expected
