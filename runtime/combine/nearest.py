"""The best of many scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported when there is something to rank
    import numpy as np


def best(scores: np.ndarray[Any, Any], top: int, excluded: Sequence[int] = ()) -> list[int]:
    """Return the numbers of the highest scores, best first, ties in order: at most `top`.

    Only scores above 0 count, and none of the excluded. The scores are written to.
    """
    import numpy as np

    scores[list(excluded)] = -np.inf
    # Only those that reach the last place are sorted; all that tie for it are among them.
    least = np.partition(scores, -top)[-top] if top < len(scores) else -np.inf
    found = np.flatnonzero((scores >= least) & (scores > 0))
    order = np.argsort(-scores[found], kind="stable")[:top]
    numbers: list[int] = found[order].tolist()
    return numbers
