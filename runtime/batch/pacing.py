"""How long batches wait, and how many calls they hold."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

SIZE = 10_000  # calls of a batch, and rows of a step that wait for replies
_FIRST = 5.0  # seconds
_SLOWER = 1.5
_READING = 10.0  # how many times longer to wait for more calls while sources are still read


class Pacing(Struct, frozen=True):
    """`poll` is the longest time between two looks at a batch, in seconds; `size` its calls.

    `retries` of a submission that fails at first; once one was taken, it is tried on and on.
    """

    poll: float = 60.0
    size: int = SIZE
    retries: int = 6
    delay: float = 0.5

    @property
    def quiet(self) -> float:
        """Return after how long without another call a batch is submitted."""
        return min(_FIRST, self.poll)

    @property
    def reading(self) -> float:
        """Return the same while sources are still read: more calls are likely to come."""
        return self.quiet * _READING

    def waits(self) -> Iterator[float]:
        """Yield the times between two looks at one batch."""
        wait = self.quiet
        while True:
            yield wait
            wait = min(self.poll, wait * _SLOWER)
