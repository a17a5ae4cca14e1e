"""Agreement of judges, worked out by hand for a few tables of ballots."""

from __future__ import annotations

from collections import Counter

import pytest

from atkc.cli.report.votes import agreement, kappa, unanimous


@pytest.mark.parametrize(
    ("cast", "same", "pairs", "beyond"),
    [
        ({(1, 0, 0): 9}, None, None, None),  # one ballot each: nobody to agree with
        ({(0, 0, 2): 3}, None, None, None),
        ({(3, 0, 0): 5}, 1.0, 1.0, None),  # all alike: chance explains it all
        ({(2, 0, 0): 5, (0, 2, 0): 5}, 1.0, 1.0, 1.0),
        ({(1, 1, 0): 4}, 0.0, 0.0, -1.0),
        ({(2, 1, 0): 1, (3, 0, 0): 1}, 0.5, 2 / 3, (2 / 3 - 26 / 36) / (10 / 36)),
        ({(2, 0, 1): 3, (1, 0, 2): 8, (1, 1, 0): 1}, 0.75, 0.75, (0.75 - 50 / 64) / (14 / 64)),
    ],
)
def test_agreement(
    cast: dict[tuple[int, int, int], int],
    same: float | None,
    pairs: float | None,
    beyond: float | None,
) -> None:
    told = Counter(cast)
    assert unanimous(told) == same
    assert agreement(told) == (None if pairs is None else pytest.approx(pairs))
    assert kappa(told) == (None if beyond is None else pytest.approx(beyond))
