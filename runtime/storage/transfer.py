"""Entries of a store as one file that can be taken elsewhere, and back.

The file begins with a line that names its format. Blocks follow: a mark, how many entries, how many
bytes, their checksum, and a zstd frame of the entries in full. The last block has no entries and
tells how many came before it, so that a file that was cut off is known. A block that is spoiled is
left out, and reading goes on at the next mark.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

import orjson
import zstandard
from msgspec import Struct

FORMAT, VERSION = "atkc-cache", 1
_MARK = b"\xa7KC\x00blok"
_HEAD = struct.Struct(">8sIII")  # mark, entries, bytes, checksum
_LENGTHS = struct.Struct(">IIII")  # of facts, key, value, request
_BLOCK = 1 << 20  # bytes of a block unpacked, about
_LARGEST = 1 << 30  # bytes of a block
_KEY = 32  # bytes


class Carried(NamedTuple):
    """An entry on its way: the value and what was asked, in full. `request` may be empty."""

    key: bytes
    kind: str
    generation: int
    value: bytes
    request: bytes
    day: int
    origin: str


class Refused(Struct):
    """What could not be read of a file."""

    entries: int = 0  # spoiled; of a file that was cut off only those that are known of
    wrong_keys: int = 0
    cut_off: bool = False

    @property
    def is_something(self) -> bool:
        """Return whether anything was refused."""
        return bool(self.entries or self.wrong_keys or self.cut_off)


class ForeignFileError(Exception):
    """The file is none of ours, or of a newer version; its text says which."""


def write(file: BinaryIO, generation: int, carried: Iterable[Carried]) -> int:
    """Write entries, as they come; return how many."""
    head = {"format": FORMAT, "version": VERSION, "generation": generation}
    file.write(orjson.dumps(head, option=orjson.OPT_APPEND_NEWLINE))
    packer = zstandard.ZstdCompressor(level=3)
    parts: list[bytes] = []
    size, total = 0, 0
    for entry in carried:
        parts.append(_packed(entry))
        size += len(parts[-1])
        total += 1
        if size >= _BLOCK:
            _write_block(file, packer, parts)
            parts, size = [], 0
    if parts:
        _write_block(file, packer, parts)
    last = total.to_bytes(8, "big")
    file.write(_HEAD.pack(_MARK, 0, len(last), zlib.crc32(last, 0)) + last)
    return total


def read_head(file: BinaryIO) -> int:
    """Return the generation of the store that a file was made of; raises ForeignFileError."""
    try:
        head = orjson.loads(file.readline(1000))
        kind, version, generation = head["format"], head["version"], int(head["generation"])
    except (ValueError, KeyError, TypeError):
        raise ForeignFileError("it is no file of `atkc cache export`") from None
    if kind != FORMAT or not isinstance(version, int):
        raise ForeignFileError("it is no file of `atkc cache export`")
    if version > VERSION:
        raise ForeignFileError(
            f"it has the format {version} of a newer atkc, this one knows {VERSION}"
        )
    return generation


def read(file: BinaryIO, refused: Refused) -> Iterator[Carried]:
    """Iterate over the entries after the head; what cannot be read is counted in `refused`."""
    unpacker = zstandard.ZstdDecompressor()
    whole, told = 0, None
    while (block := _next_block(file)) is not None:
        count, data = block
        if count == 0 and data is not None:
            told = int.from_bytes(data, "big")
            continue
        found = None if data is None else _unpacked(unpacker, data, count)
        if found is None:
            refused.entries += count
            continue
        whole += len(found)
        for entry in found:
            if entry.request and hashlib.sha256(entry.request).digest() != entry.key:
                refused.wrong_keys += 1
            else:
                yield entry
    refused.cut_off = told is None
    if told is not None:
        refused.entries = max(0, told - whole)


def _write_block(file: BinaryIO, packer: zstandard.ZstdCompressor, parts: list[bytes]) -> None:
    data = packer.compress(b"".join(parts))
    file.write(_HEAD.pack(_MARK, len(parts), len(data), zlib.crc32(data, len(parts))) + data)


def _next_block(file: BinaryIO) -> tuple[int, bytes | None] | None:
    """Return entries and bytes of the next block, None for bytes that are spoiled; None at the end.

    After a spoiled block the file stands behind its head, for its length may be wrong as well.
    """
    place = _place_of_mark(file, file.tell())
    if place is None:
        return None
    file.seek(place)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    _, count, length, checksum = _HEAD.unpack(head)
    data = file.read(length) if length <= _LARGEST else b""
    if len(data) == length and zlib.crc32(data, count) == checksum:
        return count, data
    file.seek(place + _HEAD.size)
    return count, None


def _place_of_mark(file: BinaryIO, start: int) -> int | None:
    """Return where the next mark stands, None where there is none."""
    step = 1 << 16
    while True:
        file.seek(start)
        data = file.read(step + len(_MARK) - 1)
        found = data.find(_MARK)
        if found >= 0:
            return start + found
        if len(data) < step:
            return None
        start += step


def _packed(entry: Carried) -> bytes:
    facts = orjson.dumps([entry.kind, entry.generation, entry.day, entry.origin])
    parts = (facts, entry.key, entry.value, entry.request)
    return _LENGTHS.pack(*map(len, parts)) + b"".join(parts)


def _unpacked(
    unpacker: zstandard.ZstdDecompressor, data: bytes, count: int
) -> list[Carried] | None:
    """Return the entries of a block, None if they are not as many and as long as it says."""
    try:
        text = unpacker.decompress(data, max_output_size=_LARGEST)
        found, at = [], 0
        for _ in range(count):
            lengths = _LENGTHS.unpack_from(text, at)
            at += _LENGTHS.size
            parts = []
            for length in lengths:
                parts.append(text[at : at + length])
                at += length
            found.append(_carried(*parts))
    except (zstandard.ZstdError, struct.error, ValueError, TypeError):
        return None
    return found if at == len(text) else None


def _carried(facts: bytes, key: bytes, value: bytes, request: bytes) -> Carried:
    kind, generation, day, origin = orjson.loads(facts)
    if len(key) != _KEY:
        raise ValueError(key)
    return Carried(key, str(kind), int(generation), value, request, int(day), str(origin))
