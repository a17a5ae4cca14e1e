"""What a trial found: each kill in numbers, and which promises were broken."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

from msgspec import Struct, field

from atkc.cli.chaos.endpoint import NOTHING, Paid
from atkc.spec.diagnostic import Diagnostic


class Kill(NamedTuple):
    """One kill: when, what that process had asked for, and how much of it was not durable."""

    seconds: float
    asked: Paid
    open: Paid  # what the endpoint had not answered at that moment
    lost: Paid
    allowed: Paid  # of the lost


class Calm(NamedTuple):
    """The undisturbed run."""

    code: int
    seconds: float
    start: float  # seconds until its first call
    asked: Paid
    repeated: Paid  # asked for twice on purpose: by models that differ in more than is sent
    files: dict[str, str]

    @property
    def whole(self) -> int:
        """Return how much the work asks for."""
        return sum(self.asked.minus(self.repeated))


class Verdict(Struct):
    """All that a trial found."""

    calm: Calm
    kills: list[Kill] = field(default_factory=list)
    asked: Paid = NOTHING
    repeated: Paid = NOTHING
    differing: list[str] = field(default_factory=list)
    broken: list[Diagnostic] = field(default_factory=list)

    @property
    def lost(self) -> Paid:
        """Return how much was in flight at all kills together: paid for and not durable."""
        return reduce(Paid.plus, (kill.lost for kill in self.kills), NOTHING)

    def breaks(self, code: str, message: str, help: str = "") -> None:  # noqa: A002
        """Add a broken promise."""
        self.broken.append(Diagnostic(code, message, help=help or None))
