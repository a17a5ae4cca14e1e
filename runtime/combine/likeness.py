"""Near-duplicates: which of the texts seen so far are like another one.

Candidates come from MinHash sketches in an LSH index; each is then compared by the sets of
shingles themselves, so what the index finds by chance is never taken for a duplicate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from atkc.runtime.combine.units import runs, units
from atkc.runtime.spool import Shelf
from atkc.runtime.tokens import Row
from atkc.runtime.trail import NO_TRAIL

if TYPE_CHECKING:
    from rensa import RMinHash

_MISSED = 0.001  # of the pairs that are just like enough, at most so many share no band
_SEED = 1  # fixed: which pairs are missed is no chance of a run


class Likeness(Struct, frozen=True):
    """Jaccard similarity from which texts are alike, the size of a shingle, the sketch's size."""

    near: float
    shingle: int
    permutations: int

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Likeness | None:
        """Return what the options of an operator say, None if they have no `near`."""
        if options.get("near") is None:
            return None
        return cls(options["near"], options["shingle"], options["permutations"])

    def banding(self) -> tuple[int, int]:
        """Return the numbers of bands and of rows in each: as many rows as miss too few pairs."""
        best = 1
        for rows in range(1, self.permutations + 1):
            if (1 - self.near**rows) ** (self.permutations // rows) <= _MISSED:
                best = rows
        return self.permutations // best, best


def shingles(texts: Sequence[str], size: int) -> frozenset[str]:
    """Return the shingles of texts that count as one; a shingle never spans two of them."""
    found = (runs(units(text), size) or [_wordless(text)] for text in texts)
    return frozenset(shingle for parts in found for shingle in parts)


def _wordless(text: str) -> str:
    """Return what stands for a text without any word: itself, so that `+` is not like `-`."""
    return text.strip().encode("utf-8", "replace").decode()


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return what two sets share, of what they have together."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


class Sketched(Struct, frozen=True):
    """Texts that count as one, their shingles and the sketch of these."""

    texts: Sequence[str]
    shingles: frozenset[str]
    sketch: RMinHash


class LikeTexts:
    """An index of texts by number; the texts lie on a shelf."""

    def __init__(self, likeness: Likeness, shelf: Shelf) -> None:
        from rensa import RMinHashLSH

        bands, rows = likeness.banding()
        self._likeness = likeness
        self._shelf = shelf
        self._permutations = bands * rows
        self._index = RMinHashLSH(likeness.near, self._permutations, bands)

    def sketched(self, texts: Sequence[str]) -> Sketched:
        """Return texts as the index compares them."""
        from rensa import RMinHash

        found = shingles(texts, self._likeness.shingle)
        sketch = RMinHash(self._permutations, _SEED)
        sketch.update(list(found))
        return Sketched(texts, found, sketch)

    def add(self, sketched: Sketched) -> int:
        """Remember texts under the next number: 0, 1, 2, …"""
        number = self._shelf.put(Row((), b"", {"texts": sketched.texts}, NO_TRAIL))
        self._index.insert(number, sketched.sketch)
        return number

    def candidates(self, sketched: Sketched) -> list[int]:
        """Return the numbers of texts that may be alike, in their order."""
        return sorted(self._index.query(sketched.sketch))

    def similarity(self, number: int, sketched: Sketched) -> float:
        """Return how like the texts of a number are."""
        known = self._shelf.get(number).data["texts"]
        return jaccard(shingles(known, self._likeness.shingle), sketched.shingles)

    def alike(self, sketched: Sketched) -> Iterator[tuple[int, float]]:
        """Yield numbers and similarities of the texts that are alike, in their order."""
        for number in self.candidates(sketched):
            similarity = self.similarity(number, sketched)
            if similarity >= self._likeness.near:
                yield number, similarity


def texts_of(data: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Return the texts of fields; null counts as empty."""
    return [str(data.get(name) or "") for name in names]
