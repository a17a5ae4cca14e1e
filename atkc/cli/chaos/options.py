"""What a user asked of `atkc chaos`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from msgspec import Struct

from atkc.runtime.errors import UsageError


class Unrest(Struct, frozen=True):
    """What the endpoint does to the runs that are killed. Shares of requests, and seconds."""

    rate_429: float = 0.03
    rate_500: float = 0.03
    drop: float = 0.03
    hang: float = 0.005
    nonsense: float = 0.0
    cut_off: float = 0.0
    latency: float = 0.05

    def check(self) -> None:
        """Raise UsageError for shares that leave nothing to be answered."""
        passing = self.rate_429 + self.rate_500 + self.drop + self.hang
        if passing > 0.5 or self.nonsense + self.cut_off > 1:
            raise UsageError(
                "429, 500, drops and hangs together may take half of the requests at most, "
                "nonsense and cut-off replies all of them"
            )

    def lasting(self, seed: int) -> list[str]:
        """Return the options of a server that is only slow, and says what the other says."""
        shares = {"latency": self.latency, "nonsense": self.nonsense, "cut-off": self.cut_off}
        told = [word for name, share in shares.items() for word in (f"--{name}", str(share))]
        return ["--steady", "--seed", str(seed), *told]

    def all(self, seed: int) -> list[str]:
        """Return the options of a server with all faults."""
        shares = {
            "rate-429": self.rate_429,
            "rate-500": self.rate_500,
            "drop": self.drop,
            "hang": self.hang,
        }
        told = [word for name, share in shares.items() for word in (f"--{name}", str(share))]
        return [*self.lasting(seed), *told, "--retry-after", "0.05"]


class ChaosOptions(Struct, frozen=True):
    """How often to kill what, and how wild the endpoint is; `atkc` is the command that runs."""

    kills: int = 50
    at: tuple[float, ...] = ()  # shares of the work; then there are as many kills
    seed: int = 0
    concurrency: int = 8
    timeout: float = 5.0
    unrest: Unrest = Unrest()
    limits: tuple[str, ...] = ()
    keep: str | None = None
    atkc: Sequence[str] = (sys.executable, "-m", "atkc")
