"""What a user asked of `atkc run`."""

from __future__ import annotations

from msgspec import Struct

from atkc.compiler.plan import Gate
from atkc.runtime.retry import Retry


class RunOptions(Struct, frozen=True):
    """The options of `atkc run`."""

    spec: str
    sets: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    env_file: str | None = None
    profile: str | None = None
    cache: str = ".atkc"
    output: str | None = None
    fresh: bool = False
    limits: tuple[str, ...] = ()
    max_calls: int | None = None
    max_usd: float | None = None
    max_tokens: int | None = None
    grace: float = 20.0
    yes: bool = False
    plain: bool = False
    quiet: bool = False
    verbose: bool = False
    log_file: str | None = None
    otel: bool = False
    provenance: bool = True
    report: bool = True
    batch: bool = False
    batch_poll: float = 60.0
    batch_size: int = 10_000
    max_failures: Gate | None = None
    retry: Retry | None = None  # what `atkc retry` asks again
