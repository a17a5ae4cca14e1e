"""The books of a run: what came into each step, what left it, and where the rest is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from atkc.runtime.errors import AtkcError


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One input (or one action of a map) of one step, balanced.

    came = out + filtered + duplicate + failed + merged + not_drawn - expanded. `skipped` rows (an
    `if` that was false) are among `out`; `ports` says where `out` went.
    """

    step: str
    role: str
    came: int
    out: int
    filtered: int
    duplicate: int
    failed: int
    merged: int
    not_drawn: int
    expanded: int
    skipped: int
    ports: tuple[tuple[str, int], ...]
    calls: int = 0  # replies paid for now; like `cached` no part of the balance, nor of a manifest
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a `take` was to draw, and what it drew; `shortage` is what the stream had too little."""

    step: str
    unit: str  # "tokens" (whatever `weigh` counts) or "records"
    target: int
    actual: int
    shortage: int
    records: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an `accept` step was to take, and took; `candidates` is None where nothing was gated.

    `ended` says why no more candidates were let in: `met`, `max_candidates`, or `exhausted` when
    there were no more. `strata`: name -> records wanted, taken, and acceptable. `lost`: what the
    steps between took away, by reason.
    """

    step: str
    target: int
    accepted: int
    shortage: int
    candidates: int | None
    max_candidates: int | None
    ended: str
    strata: Mapping[str, tuple[int, int, int]]
    lost: tuple[tuple[str, Mapping[str, int]], ...]


@dataclass(slots=True)
class Tally:
    """The counters behind a ledger row while the step runs; a display reads them on a timer."""

    step: str
    role: str = ""
    came: int = 0
    out: int = 0
    filtered: int = 0
    duplicate: int = 0
    failed: int = 0
    merged: int = 0
    not_drawn: int = 0
    expanded: int = 0
    skipped: int = 0
    ports: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    cached: int = 0

    def asked(self, calls: int, cached: int) -> None:
        """Count what an outcome took: replies paid for, replies from the store."""
        self.calls += calls
        self.cached += cached

    def leave(self, port: str = "main", rows: int = 1) -> None:
        """Count rows that went out."""
        self.out += rows
        self.ports[port] = self.ports.get(port, 0) + rows

    def row(self) -> LedgerRow:
        """Return the counters as they stand."""
        return LedgerRow(
            self.step,
            self.role,
            self.came,
            self.out,
            self.filtered,
            self.duplicate,
            self.failed,
            self.merged,
            self.not_drawn,
            self.expanded,
            self.skipped,
            tuple(sorted(self.ports.items())),
            self.calls,
            self.cached,
        )

    def check(self) -> None:
        """Raise AtkcError, naming the step, if rows were lost or made up."""
        gone = self.out + self.filtered + self.duplicate + self.failed + self.merged
        gone += self.not_drawn - self.expanded
        if gone != self.came:
            where = f"`{self.step}`" + (f" ({self.role})" if self.role else "")
            raise AtkcError(f"the ledger of {where} does not balance: {self.came} in, {gone} told")
