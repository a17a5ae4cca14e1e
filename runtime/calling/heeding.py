"""How long to wait for an endpoint that says how long: as it says, until that was wrong too often.

Some say a hundredth of a second while they refuse all for a minute. Asking at that pace would be
hammering, and our own doubling alone would sleep on after they have recovered.
"""

from __future__ import annotations

from atkc.runtime.transport.quota import LONGEST_WAIT

_BELIEVED = 3  # times in a row
_FOLD, _SECONDS = 8.0, 4.0  # after that at most so many times what was asked, or so long


def heeded(asked: float | None, own: float, times: int) -> float:
    """Return the seconds to wait after so many refusals in a row; `own` is our own doubling.

    That counts alone where nothing was asked. Never shorter than asked.
    """
    if not asked:
        return own
    asked = min(asked, LONGEST_WAIT)
    if times <= _BELIEVED:
        return asked
    return max(asked, min(own, max(_FOLD * asked, _SECONDS)))
