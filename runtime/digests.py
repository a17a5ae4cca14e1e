"""What was seen, by 16-byte digests: in a fraction of the memory that a dict takes."""

from __future__ import annotations

from atkc.runtime.keys import source_identity

_KEY = 16


class Digests:
    """A mapping of digests to some bytes each, as many for all.

    Keys and values stand end to end in some thousand buckets, so that a million entries take 20
    bytes each besides their values; in a dict they would take 150.
    """

    __slots__ = ("_buckets", "_stride")

    def __init__(self, size: int = 0) -> None:
        self._stride = _KEY + size
        self._buckets: dict[int, bytearray] = {}

    def add(self, key: bytes, value: bytes = b"") -> bytes | None:
        """Return what stands under the key; if nothing does, None, and the value stands there."""
        bucket = self._buckets.setdefault((key[0] << 8 | key[1]) >> 2, bytearray())
        at = bucket.find(key)
        while at % self._stride and at >= 0:  # the end of one entry and the start of the next
            at = bucket.find(key, at + 1)
        if at >= 0:
            return bytes(bucket[at + _KEY : at + self._stride])
        bucket += key
        bucket += value
        return None


class Occurrences:
    """Gives identities to records that are known by their content and a number among equals."""

    __slots__ = ("_again", "_seen")

    def __init__(self) -> None:
        self._seen = Digests()
        self._again: dict[bytes, int] = {}

    def identity(self, content: object) -> bytes:
        """Return the identity of the next record of that content."""
        identity = source_identity(content, 0)
        if self._seen.add(identity) is None:
            return identity
        number = self._again[identity] = self._again.get(identity, 0) + 1
        return source_identity(content, number)
