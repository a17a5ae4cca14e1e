"""How a value lies in the store: a checksum over key and content, then a zstd frame."""

from __future__ import annotations

import zlib

import zstandard

_LEVEL = 3
_SUM = 4  # bytes
_LARGEST = 1 << 30  # bytes unpacked; a frame that claims more is not ours


class Packer:
    """Packs and unpacks values; for one thread only, as zstd contexts are."""

    def __init__(self) -> None:
        self._packer = zstandard.ZstdCompressor(level=_LEVEL)
        self._unpacker = zstandard.ZstdDecompressor()

    def pack(self, key: bytes, value: bytes) -> bytes:
        """Return the bytes to store."""
        frame = self._packer.compress(value)
        return _checksum(key, frame) + frame

    def unpack(self, key: bytes, stored: bytes) -> bytes | None:
        """Return the value, or None if a bit of it is not what was stored under this key."""
        frame = stored[_SUM:]
        if stored[:_SUM] != _checksum(key, frame):
            return None
        try:
            return self._unpacker.decompress(frame, max_output_size=_LARGEST)
        except zstandard.ZstdError:
            return None


def _checksum(key: bytes, frame: bytes) -> bytes:
    return zlib.crc32(frame, zlib.crc32(key)).to_bytes(_SUM, "big")
