"""What holds back the calls to an endpoint at present, for whoever watches a run."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

# It said that it is busy; its own limits leave no room; its calls failed.
Why = Literal["busy", "quota", "failures"]


class Held(Struct, frozen=True):
    """An endpoint that gets fewer calls than it has `slots`, or none.

    `seconds`: until one may begin, 0 where one may now; `at_once`: how many may be in flight then.
    """

    endpoint: str
    why: Why
    seconds: float
    at_once: int
    slots: int
