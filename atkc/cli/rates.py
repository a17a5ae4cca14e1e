"""Rates over the last seconds of a run, from samples of its counters."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

_WINDOW = 15.0  # seconds that a rate looks back


class Rates:
    """Keeps the counters of the last `window` seconds: few samples, whatever the run does."""

    def __init__(self, window: float = _WINDOW) -> None:
        self._window = window
        self._samples: deque[tuple[float, Mapping[str, int]]] = deque()

    def take(self, now: float, counts: Mapping[str, int]) -> None:
        """Note the counters at a moment; samples older than the window go, less one to start at."""
        self._samples.append((now, counts))
        while len(self._samples) > 2 and self._samples[1][0] <= now - self._window:
            self._samples.popleft()

    def of(self, name: str) -> float:
        """Return how much a counter grows in a second; 0 before the second sample."""
        if len(self._samples) < 2:
            return 0.0
        (began, first), (ended, last) = self._samples[0], self._samples[-1]
        if ended <= began:
            return 0.0
        return (last.get(name, 0) - first.get(name, 0)) / (ended - began)
