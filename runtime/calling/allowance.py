"""How many calls may be in flight by what the endpoint says is left of its limits."""

from __future__ import annotations

_FALLS_ONLY = 5.0  # seconds: an answer's word is as old as the answer, so a higher one may be stale


class Allowance:
    """At most as many calls in flight as are left: whatever of them is counted already, it holds.

    Its word counts until the limit is whole again; then `most` of the limit may begin.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._falls_until = self.until = 0.0  # loop time

    def note(self, calls: int, seconds: float, now: float) -> None:
        """Take the endpoint's word: so many more calls, for so many seconds."""
        if now >= self._falls_until or calls < self._calls:
            self._calls = calls
            self._falls_until = now + min(seconds, _FALLS_ONLY)
            self.until = now + seconds

    def renew(self, most: int, now: float, seconds: float) -> None:
        """Let that many begin once the limit, of which nothing is left, is whole again."""
        self._calls = max(1, most)
        self._falls_until = 0.0
        self.until = now + 2 * seconds

    def room(self, in_flight: int, now: float) -> bool:
        """Return whether one more call may begin."""
        return in_flight < self._calls or now >= self.until
