"""The stored requests that are most like given ones: why something was asked again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from atkc.runtime.storage.beginnings import common
from atkc.runtime.storage.call_parts import CallParts, Difference, call_parts, differences
from atkc.runtime.storage.dictionaries import StoredDictionaries
from atkc.runtime.storage.frame import Packer
from atkc.runtime.storage.scan import Entry, entries
from atkc.runtime.storage.schema import connect

_LIKE = 0.3  # share of the messages below which two requests have nothing to do with each other
_PATIENCE = 30.0  # seconds

# How near a stored request is: the likeness of the messages, then how few other parts differ.
Nearness = tuple[float, int]


class Near(Struct, frozen=True):
    """A stored request and how another one differs from it."""

    key: bytes
    day: int
    likeness: float  # of the messages, 0 … 1
    differences: tuple[Difference, ...]


class _Search(Struct):
    key: bytes
    parts: CallParts
    words: str
    best: Nearness = (0.0, 0)
    near: Near | None = None

    def see(self, entry: Entry, parts: CallParts, words: str) -> None:
        """Take an entry if it is nearer than all before; of equals the newest."""
        if entry.key == self.key:
            return
        likeness = _likeness(words, self.words)
        if likeness < _LIKE or likeness < self.best[0]:
            return
        found = differences(parts, self.parts)
        nearness = (likeness, -len(found))
        if self.near is None or nearness >= self.best:
            self.best = nearness
            self.near = Near(entry.key, entry.day, likeness, tuple(found))


def nearest(file: Path, wanted: Sequence[tuple[bytes, bytes]]) -> list[Near | None]:
    """Return for each (key, text) the nearest other request; reads the whole store once.

    Raises sqlite3.Error.
    """
    searches = [
        _Search(key, parts, _words(parts)) for key, text in wanted if (parts := call_parts(text))
    ]
    connection = connect(file, _PATIENCE)
    try:
        _search(connection, searches)
    finally:
        connection.close()
    return [search.near for search in searches]


def _search(connection: sqlite3.Connection, searches: list[_Search]) -> None:
    packer = Packer(StoredDictionaries(connection))
    for entry in entries(connection):
        text = None if entry.request is None else packer.unpack(entry.key, entry.request)
        parts = None if text is None else call_parts(text)
        if parts is None:
            continue
        words = _words(parts)
        for search in searches:
            search.see(entry, parts, words)


def _words(parts: CallParts) -> str:
    return "\n".join(str(message.get("content")) for message in parts.messages)


def _likeness(one: str, other: str) -> float:
    """Return which share of the longer text is the common beginning or the common end."""
    longest, least = max(len(one), len(other)), min(len(one), len(other))
    if one == other:
        return 1.0
    head = common(one, other, least)
    tail = common(one[::-1], other[::-1], least - head)
    return (head + tail) / longest
