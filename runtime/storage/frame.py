"""How a value lies in the store: a checksum over key and content, then raw bytes or a zstd frame.

A request lies as a frame made with a dictionary of the store, whose number stands before it.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard

LEVEL = 3
_SUM = 4  # bytes
_NUMBER = 4  # bytes
_SMALL = 256  # bytes: below, a frame costs more time than it saves room
_SHORT = 1024  # bytes of a request: the same, since a frame also gives the interpreter's lock away
_LARGEST = 1 << 30  # bytes unpacked; a frame that claims more is not ours

# The first byte of what follows the checksum; a frame without a dictionary begins with 0x28.
_RAW, _WITH_DICTIONARY = 0, 1


class Dictionaries(Protocol):
    """Where frames with a dictionary find it."""

    def choose(self, text: bytes) -> tuple[int, zstandard.ZstdCompressor] | None:
        """Return the number and the compressor of the dictionary that fits a text."""
        ...

    def decompressor(self, number: int) -> zstandard.ZstdDecompressor | None:
        """Return what unpacks frames of a dictionary, None where it is gone or spoiled."""
        ...


class Packer:
    """Packs and unpacks values; for one thread only, as zstd contexts are."""

    def __init__(self, dictionaries: Dictionaries | None = None) -> None:
        self._packer = zstandard.ZstdCompressor(level=LEVEL)
        self._unpacker = zstandard.ZstdDecompressor()
        self._dictionaries = dictionaries

    def pack(self, key: bytes, value: bytes) -> bytes:
        """Return the bytes to store."""
        if len(value) < _SMALL:
            return _summed(key, b"\0" + value)
        return _summed(key, self._packer.compress(value))

    def pack_request(self, key: bytes, text: bytes) -> bytes:
        """Return the bytes to store of a request: few where one like it was there before."""
        if len(text) < _SHORT:
            return _summed(key, b"\0" + text)
        fit = self._dictionaries.choose(text) if self._dictionaries is not None else None
        if fit is None:
            return self.pack(key, text)
        number, packer = fit
        head = bytes((_WITH_DICTIONARY,)) + number.to_bytes(_NUMBER, "big")
        return _summed(key, head + packer.compress(text))

    def unpack(self, key: bytes, stored: bytes) -> bytes | None:
        """Return the value, or None if a bit of it is not what was stored under this key."""
        body = stored[_SUM:]
        if not body or stored[:_SUM] != _checksum(key, body):
            return None
        if body[0] == _RAW:
            return body[1:]
        try:
            return self._frame(body)
        except zstandard.ZstdError:
            return None

    def _frame(self, body: bytes) -> bytes | None:
        if body[0] != _WITH_DICTIONARY:
            return self._unpacker.decompress(body, max_output_size=_LARGEST)
        number = int.from_bytes(body[1 : 1 + _NUMBER], "big")
        found = self._dictionaries.decompressor(number) if self._dictionaries is not None else None
        if found is None:
            return None
        return found.decompress(body[1 + _NUMBER :], max_output_size=_LARGEST)


def dictionary_number(stored: bytes | None) -> int | None:
    """Return the number of the dictionary that stored bytes need; their first nine suffice."""
    if stored is None or len(stored) <= _SUM or stored[_SUM] != _WITH_DICTIONARY:
        return None
    return int.from_bytes(stored[_SUM + 1 : _SUM + 1 + _NUMBER], "big")


def is_whole(key: bytes, stored: bytes) -> bool:
    """Return whether the checksum of stored bytes is right."""
    return len(stored) > _SUM and stored[:_SUM] == _checksum(key, stored[_SUM:])


def _summed(key: bytes, body: bytes) -> bytes:
    return _checksum(key, body) + body


def _checksum(key: bytes, body: bytes) -> bytes:
    return zlib.crc32(body, zlib.crc32(key)).to_bytes(_SUM, "big")
