"""Dictionaries of requests: what two requests of a prompt share, kept once for all that follow.

Instructions and examples are most of a request, and the same in each. The second request that
begins or ends like an earlier one makes a dictionary of their common beginning and end, so it holds
nothing that only one record said. It is committed with the first entry that needs it.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from typing import NamedTuple

import zstandard

from atkc.runtime.storage.beginnings import common
from atkc.runtime.storage.frame import LEVEL, Packer

_HEAD = 256  # bytes by which two requests are taken to begin alike
_TAIL = 96  # bytes before the end of the last message
_LARGEST = 1 << 16  # bytes of a text that a dictionary is made of
_WORTH = 128  # bytes that must be shared
_DIFFERENT = 64  # bytes: two texts that differ in less ask the same, only the seed is another
_REMEMBERED = 64  # texts seen once that wait for another one like them
_PATIENCE = 200  # texts in a row of which none is like another: then nothing is looked for
_OPEN = 64  # dictionaries ready at once
_MOST = 2000  # dictionaries of a store: enough for its prompts

_ALL = "SELECT id, head, tail FROM dictionary ORDER BY id"
_TEXT = "SELECT head, tail, text FROM dictionary WHERE id=?"
_NEW = "INSERT INTO dictionary (head, tail, text) VALUES (?, ?, ?)"
_EPOCH = "SELECT value FROM meta WHERE name='epoch'"


class _Names(NamedTuple):
    both: bytes
    head: bytes
    tail: bytes


class _Ready(NamedTuple):
    packer: zstandard.ZstdCompressor
    unpacker: zstandard.ZstdDecompressor


class StoredDictionaries:
    """The dictionaries of a store by one connection, for one thread. Raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ready: OrderedDict[int, _Ready | None] = OrderedDict()
        self._numbers: dict[bytes, int] | None = None  # by head and by tail; None: not yet read
        self._seen: OrderedDict[bytes, bytes] = OrderedDict()
        self._epoch = -1
        self._alone = 0  # texts in a row that were like no other

    def refresh(self) -> None:
        """Forget what was read if dictionaries have been removed since; called in a transaction."""
        if self._numbers is None and not self._ready:
            return
        if self._read_epoch() != self._epoch:
            self.forget()

    def forget(self) -> None:
        """Forget what was read: after a transaction that was rolled back, it may not be there."""
        self._numbers = None
        self._ready.clear()

    def choose(self, text: bytes) -> tuple[int, zstandard.ZstdCompressor] | None:
        """Return the dictionary that fits a text, made where this is the second text of its kind.

        Only within a transaction, which must be rolled back together with `forget`.
        """
        names = _names(text)
        numbers = self._known()
        number = numbers.get(names.both)
        if number is None and self._alone < _PATIENCE:
            self._alone += 1
            number = self._made(names, text)
        if number is None:
            number = numbers.get(names.head) or numbers.get(names.tail)
        if number is None:
            return None
        ready = self._opened(number)
        return None if ready is None else (number, ready.packer)

    def decompressor(self, number: int) -> zstandard.ZstdDecompressor | None:
        """Return what unpacks frames of a dictionary, None where it is gone or spoiled."""
        ready = self._opened(number)
        return None if ready is None else ready.unpacker

    def _read_epoch(self) -> int:
        (epoch,) = self._connection.execute(_EPOCH).fetchone()
        return int(epoch)

    def _known(self) -> dict[bytes, int]:
        if self._numbers is None:
            self._epoch = self._read_epoch()
            self._numbers = {}
            for number, head, tail in self._connection.execute(_ALL):
                self._enter(_Names(head + tail, head, tail), number)
        return self._numbers

    def _enter(self, names: _Names, number: int) -> None:
        assert self._numbers is not None
        for name in names:  # of several that begin alike the first serves those that end otherwise
            self._numbers.setdefault(name, number)

    def _made(self, names: _Names, text: bytes) -> int | None:
        """Return the number of a new dictionary, None where there is nothing yet to share."""
        if len(text) > _LARGEST or len(self._known()) >= 3 * _MOST:
            return None
        known = names.head in self._known() or names.tail in self._known()
        wanted = (names.both,) if known else names
        shared = max((self._shared(name, text) for name in wanted), key=len)
        if len(shared) >= _WORTH:
            return self._kept(names, shared)
        for name in wanted:
            self._seen[name] = text
        while len(self._seen) > 3 * _REMEMBERED:
            self._seen.popitem(last=False)
        return None

    def _shared(self, name: bytes, text: bytes) -> bytes:
        """Return what a text shares with the one seen before under a name, if they differ."""
        before = self._seen.get(name)
        shared = b"" if before is None else _shared(before, text)
        return shared if len(shared) < len(text) - _DIFFERENT else b""

    def _kept(self, names: _Names, shared: bytes) -> int:
        packed = Packer().pack(names.both, shared)
        row = (names.head, names.tail, packed)
        number = self._connection.execute(_NEW, row).lastrowid
        assert number is not None
        self._enter(names, number)
        self._alone = 0
        for name in names:
            self._seen.pop(name, None)
        return number

    def _opened(self, number: int) -> _Ready | None:
        if number in self._ready:
            self._ready.move_to_end(number)
            return self._ready[number]
        ready = self._ready[number] = self._read(number)
        if len(self._ready) > _OPEN:
            self._ready.popitem(last=False)
        return ready

    def _read(self, number: int) -> _Ready | None:
        row = self._connection.execute(_TEXT, (number,)).fetchone()
        text = None if row is None else Packer().unpack(row[0] + row[1], row[2])
        if text is None:
            return None
        content = zstandard.ZstdCompressionDict(text, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        content.precompute_compress(level=LEVEL)
        return _Ready(
            zstandard.ZstdCompressor(level=LEVEL, dict_data=content, write_dict_id=False),
            zstandard.ZstdDecompressor(dict_data=content),
        )


def _names(text: bytes) -> _Names:
    """Return by what texts are known to be alike: how they begin, how the last message ends."""
    end = _end(text)
    head, tail = b"h" + text[:_HEAD], b"t" + text[max(0, end - _TAIL) : end]
    return _Names(head + tail, head, tail)


def _end(text: bytes) -> int:
    """Return where the last message ends; what follows differs by the seed."""
    end = text.rfind(b'","role":"')
    return len(text) if end < 0 else end


def _shared(one: bytes, other: bytes) -> bytes:
    """Return how two texts begin alike, how their last messages end, and what follows alike."""
    ends = _end(one), _end(other)
    least = min(ends)
    head = common(one, other, least)
    rest = least - head
    last = one[ends[0] - rest : ends[0]][::-1], other[ends[1] - rest : ends[1]][::-1]
    tail = common(*last, rest)
    after = min(len(one) - ends[0], len(other) - ends[1])
    more = common(one[ends[0] :], other[ends[1] :], after)
    return one[:head] + one[ends[0] - tail : ends[0] + more]
