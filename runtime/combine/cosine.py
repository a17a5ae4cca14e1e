"""Which vectors of a pool point where a query's vector points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from atkc.runtime.combine.nearest import best

if TYPE_CHECKING:  # imported when a pool is there
    import numpy as np

_DIGITS = 12  # of a similarity that count
_ROUNDING = 2.0**-24  # of a 32-bit float


class Cosine:
    """An index over the vectors of a pool, given as 32-bit floats; empty bytes stand for none."""

    def __init__(self, vectors: Sequence[bytes]) -> None:
        import numpy as np

        self.size = max(map(len, vectors), default=0) // 4
        self.sample = tuple(vector for vector in vectors if vector)[:1]
        self._there = np.array([bool(vector) for vector in vectors], dtype=bool)
        blank = bytes(4 * self.size)
        joined = b"".join(vector or blank for vector in vectors)
        self._rows = np.frombuffer(joined, "<f4").reshape(len(vectors), self.size)
        self._lengths = np.sqrt(np.einsum("ij,ij->i", self._rows, self._rows, dtype="f8"))
        self._there &= self._lengths > 0

    def ranked(
        self, queries: Sequence[bytes], top: int, excluded: Sequence[Sequence[int]]
    ) -> list[list[int]]:
        """Return for each query the numbers of the most similar, best first, ties in order.

        All vectors have the length of the pool's.
        """
        import numpy as np

        if not queries or not self._there.any():
            return [[] for _ in queries]
        blank = bytes(4 * self.size)
        joined = b"".join(query or blank for query in queries)
        asked = np.frombuffer(joined, "<f4").reshape(len(queries), self.size)
        # One product for all queries is fast, but its last bits depend on how many there are.
        rough = asked @ self._rows.T
        return [
            self._one(asked[at].astype("f8"), rough[at], top, excluded[at])
            for at in range(len(queries))
        ]

    def _one(
        self,
        query: np.ndarray[Any, Any],
        rough: np.ndarray[Any, Any],
        top: int,
        excluded: Sequence[int],
    ) -> list[int]:
        """Return the most similar: all that rounding could put among them are looked at again.

        What points elsewhere, by a right angle or more, is not similar.
        """
        import numpy as np

        length = float(np.sqrt((query * query).sum()))
        if not length:
            return []
        with np.errstate(divide="ignore", invalid="ignore"):
            about = np.where(self._there, rough / (self._lengths * length), -np.inf)
        about[list(excluded)] = -np.inf
        error = 4 * self.size * _ROUNDING
        least = np.partition(about, -top)[-top] if top < len(about) else -np.inf
        near = np.flatnonzero((about >= least - error) & (about > -np.inf))
        # Row by row in 64 bits, so that a similarity depends on its two vectors alone.
        products = (self._rows[near].astype("f8") * query).sum(axis=1)
        exact = np.round(products / (self._lengths[near] * length), _DIGITS)
        return [int(near[at]) for at in best(exact, top)]
