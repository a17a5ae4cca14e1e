"""The books of a run: what came into each step, what left it, and where the rest is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from atkc.runtime.errors import AtkcError

# How often a vote was cast so: (for, against, could not be read), up to the deciding ballot.
Ballots = tuple[tuple[tuple[int, int, int], int], ...]
# Fields of a row that are no part of the balance; a manifest's ledger goes without them.
ASIDE = ("calls", "cached", "prompt_tokens", "completion_tokens", "money", "ballots")


class LedgerRow(Struct, frozen=True):
    """One input (or one action of a map) of one step, balanced.

    came = out + filtered + duplicate + failed + merged + not_drawn - expanded. `skipped` rows (an
    `if` that was false) are among `out`; `ports` says where `out` went, and how many rows went to
    the ports `rejected` and `failed`, which are not among `out`.
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
    calls: int = 0  # replies paid for now
    cached: int = 0
    prompt_tokens: int = 0  # tokens and money are those of `calls`
    completion_tokens: int = 0
    money: float = 0.0
    ballots: Ballots = ()


class Taken(Struct, frozen=True):
    """What a `take` was to draw, and what it drew; `shortage` is what the stream had too little."""

    step: str
    unit: str  # "tokens" (whatever `weigh` counts) or "records"
    target: int
    actual: int
    shortage: int
    records: int


class Accepted(Struct, frozen=True):
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


class Tally(Struct):
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
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0
    ballots: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def asked(self, calls: int, cached: int) -> None:
        """Count what an outcome took: replies paid for, replies from the store."""
        self.calls += calls
        self.cached += cached

    def paid(self, prompt_tokens: int, completion_tokens: int, money: float) -> None:
        """Count what the replies paid for came to."""
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.money += money

    def voted(self, ballots: Sequence[bool | None]) -> None:
        """Count the ballots of one vote."""
        cast = (ballots.count(True), ballots.count(False), ballots.count(None))
        self.ballots[cast] = self.ballots.get(cast, 0) + 1

    def leave(self, port: str = "main", rows: int = 1) -> None:
        """Count rows that went out."""
        self.out += rows
        self.ports[port] = self.ports.get(port, 0) + rows

    def aside(self, port: str) -> None:
        """Count a row at a port whose rows are not among those that went out."""
        self.ports[port] = self.ports.get(port, 0) + 1

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
            self.prompt_tokens,
            self.completion_tokens,
            self.money,
            tuple(sorted(self.ballots.items())),
        )

    def check(self) -> None:
        """Raise AtkcError, naming the step, if rows were lost or made up."""
        gone = self.out + self.filtered + self.duplicate + self.failed + self.merged
        gone += self.not_drawn - self.expanded
        if gone != self.came:
            where = f"`{self.step}`" + (f" ({self.role})" if self.role else "")
            raise AtkcError(f"the ledger of {where} does not balance: {self.came} in, {gone} told")
