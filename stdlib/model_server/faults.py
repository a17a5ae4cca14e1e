"""Faults of an endpoint, drawn by seed, content and attempt: two equal runs meet the same ones."""

from __future__ import annotations

import hashlib

from msgspec import Struct, field

RATE_429, ERROR_500, DROP, CUTOFF, NONSENSE, HANG = (
    "rate429",
    "rate500",
    "drop",
    "cutoff",
    "nonsense",
    "hang",
)
UNANSWERED = frozenset((RATE_429, ERROR_500, DROP, HANG))
SPOILT = frozenset((CUTOFF, NONSENSE))
NONSENSE_TEXT = "%% qwx 7#7 zzz ~~ lorem )( 00"  # fits no contract


Rates = tuple[tuple[str, float], ...]


class Faults(Struct, frozen=True):
    """Shares of requests (0 … 1, together at most 1) that meet a fault; `latency` in seconds."""

    rate429: float = 0.0
    rate500: float = 0.0
    drop: float = 0.0  # the connection is dropped
    cutoff: float = 0.0  # half of the text, finish_reason `length`; half of the vectors
    nonsense: float = 0.0  # a text that fits no format; half of the vectors
    hang: float = 0.0  # no answer until the client goes away
    latency: float = 0.0
    retry_after: float = 1.0  # seconds, sent with a 429
    seed: int = 0
    steady: bool = False  # cut-off and nonsense by content alone, and never in embeddings

    def rates(self) -> Rates:
        """Return the faults with their shares, in the order in which they are drawn."""
        shares = (self.rate429, self.rate500, self.drop, self.cutoff, self.nonsense, self.hang)
        names = (RATE_429, ERROR_500, DROP, CUTOFF, NONSENSE, HANG)
        return tuple((name, share) for name, share in zip(names, shares, strict=True) if share)


class Draw(Struct):
    """Draws faults; remembers how often it has seen each content."""

    faults: Faults
    _seen: dict[bytes, int] = field(default_factory=dict)
    _passing: Rates = ()  # drawn anew each time that a content comes
    _lasting: Rates = ()  # drawn once for each content

    def __post_init__(self) -> None:
        rates, steady = self.faults.rates(), self.faults.steady
        self._lasting = tuple(r for r in rates if steady and r[0] in SPOILT)
        self._passing = tuple(r for r in rates if r not in self._lasting)

    def next(self, content: bytes) -> str | None:
        """Return the fault that this request for the content meets, None for none."""
        if not self._passing and not self._lasting:
            return None
        name = hashlib.sha256(content).digest()[:16]
        attempt = self._seen.get(name, 0)
        self._seen[name] = attempt + 1
        passing = _drawn(self._passing, b"%d\0%s\0%d" % (self.faults.seed, name, attempt))
        return passing or _drawn(self._lasting, b"%d\0%s" % (self.faults.seed, name))


def _drawn(rates: Rates, text: bytes) -> str | None:
    at = int.from_bytes(hashlib.sha256(text).digest()[:7], "big") / 2**56
    for fault, share in rates:
        if at < share:
            return fault
        at -= share
    return None
