"""Reads plain text."""

from __future__ import annotations

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.decoding import decode
from atkc.stdlib.readers.document import Parsed
from atkc.stdlib.readers.settings import Settings

_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\f\x1b")


def parse(data: bytes, settings: Settings) -> Parsed:
    """Return the text as it stands; RecordError `binary` if much of it is control characters."""
    text, note = decode(data, strict=settings.strict_encoding)
    sample = text[:20_000]
    if sum(c in _CONTROLS for c in sample) * 50 > len(sample):
        raise RecordError("binary", "is full of control characters, so it is not text")
    return Parsed(text, notes=(note,) if note else ())
