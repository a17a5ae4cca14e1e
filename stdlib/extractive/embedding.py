"""Vectors of `atkc/extractive`: which content words a text holds, and nothing of what they mean.

Each stem of a content word has a place and a sign by its hash, and counts with the root of how
often it occurs; how rare a word is in other texts plays no part. So two texts are near each other
as far as they share words: synonyms outside a short list, and other languages' inflections, are
strangers.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from functools import lru_cache

from atkc.spec.words import words
from atkc.stdlib.extractive.words import FUNCTION, stem

DIMENSIONS = 512


def vector_of(text: str, dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    """Return a vector of length 1, or of zeros for a text without content words."""
    counts = Counter(stem(word) for word in words(text) if word not in FUNCTION)
    out = [0.0] * dimensions
    for word, count in counts.items():
        hashed = _hashed(word)
        out[(hashed >> 1) % dimensions] += math.sqrt(count) if hashed & 1 else -math.sqrt(count)
    length = math.sqrt(math.fsum(x * x for x in out))
    return tuple(x / length for x in out) if length else tuple(out)


@lru_cache(maxsize=20_000)
def _hashed(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
