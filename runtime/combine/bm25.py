"""BM25 over words: which texts of a pool are about the same things as a query.

Scores are those of `bm25s`; the words are ours, because its tokeniser knows no script without
spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from atkc.spec.words import words

if TYPE_CHECKING:  # half a second: imported when a pool is there
    import numpy as np

_K1, _B = 1.2, 0.75  # the usual values: saturation of repeats, weight of length


class Bm25:
    """An index over the texts of a pool."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        # Numbered in the order of their first appearance: the library would order them by hash.
        self._numbers: dict[str, int] = {}
        number = self._numbers.setdefault
        pool = [[number(word, len(self._numbers)) for word in words(text)] for text in texts]
        self._size = len(pool)
        # numpy by name: what else is installed must not change a score
        self._index = bm25s.BM25(
            k1=_K1, b=_B, method="lucene", dtype="float64", backend="numpy", csc_backend="numpy"
        )
        if self._numbers:
            self._index.index((pool, self._numbers), show_progress=False)

    def scores(self, query: str) -> np.ndarray[Any, Any]:
        """Return a score for each text: 0 for one that shares no word with the query."""
        import numpy as np

        known = (self._numbers.get(word) for word in dict.fromkeys(words(query)))
        asked = [number for number in known if number is not None]
        if not asked:
            return np.zeros(self._size)
        found: np.ndarray[Any, Any] = self._index.get_scores_from_ids(asked)
        return found
