"""Requests and tokens per minute, drawn by one waiter only: the throttle polls."""

from __future__ import annotations

import math
from typing import Any

_GRAIN = 1000  # permits that a minute's tokens are cut into; one permit per token would be slow


class Pace:
    """Rates of an endpoint; `period` is the length of the window in seconds."""

    def __init__(self, rpm: int | None, tpm: int | None, *, period: float = 60.0) -> None:
        self._requests = _throttler(rpm, period) if rpm else None
        grains = min(tpm, _GRAIN) if tpm else 0
        self._tokens = _throttler(grains, period) if grains else None
        self._grain = tpm / grains if tpm else 1.0
        self._owed = 0.0  # tokens used beyond (or, negative, below) what was drawn

    async def draw(self, tokens: int) -> None:
        """Wait until one more request of so many tokens keeps the rates."""
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is None:
            return
        due = tokens + self._owed
        permits = max(0, math.ceil(due / self._grain))
        self._owed = due - permits * self._grain
        for _ in range(permits):
            await self._tokens.acquire()

    def correct(self, drawn: int, used: int) -> None:
        """Charge the next request for what this one used more than was drawn, or less."""
        self._owed += used - drawn


def _throttler(rate: int, period: float) -> Any:
    from asyncio_throttle import Throttler

    return Throttler(rate_limit=rate, period=period)
