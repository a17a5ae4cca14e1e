"""When calls are hedged: plain data."""

from __future__ import annotations

from msgspec import Struct


class Hedging(Struct, frozen=True):
    """When a call gets a second request: after `seconds`, or longer than a `share` of its kind.

    `extra` is the most that hedges may be of the calls made.
    """

    seconds: float | None = None
    share: float = 0.9
    extra: float = 0.05
