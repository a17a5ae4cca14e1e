"""What a run is told besides its plan, and what it hands back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from atkc.compiler.plan import Gate
from atkc.runtime.api import FileEntry
from atkc.runtime.events import Warned
from atkc.runtime.failures import Failures
from atkc.runtime.ledger import Accepted, LedgerRow, Taken
from atkc.runtime.retry import Retry


class ValueStore(Protocol):
    """Where results of costly functions are kept, as JSON texts by a 32-byte key."""

    generation: int

    def get(self, key: bytes) -> bytes | None:
        """Return what is stored."""
        ...

    def put(self, key: bytes, kind: str, value: bytes, *, origin: str = "") -> Awaitable[bytes]:
        """Return what is stored under the key once it is durable: the first value wins.

        `origin` is who made the value.
        """
        ...


class Settings(Struct, frozen=True):
    """How to run. `limits`: first records of a source, by step; `""` is for all other sources.

    `staging` receives the exports; `spool` nameless files. `concurrency` is that of an endpoint
    which states none; `window` the records in flight at one step (None: twice the concurrency,
    at least 16); `queue` the tokens that an edge holds; `workers` the threads for functions.
    `provenance`: exports have sidecars that trace their records. `retry`: what is asked again.
    """

    staging: Path
    spool: Path
    tokens: Callable[[str], int]
    run_seed: int = 0
    window: int | None = None
    queue: int = 64
    limits: Mapping[str, int] = field(default_factory=dict)
    concurrency: int = 16
    workers: int = 4
    values: ValueStore | None = None
    provenance: bool = True
    retry: Retry | None = None
    max_failures: Gate | None = None  # instead of the plan's


class Result(Struct, frozen=True):
    """A complete run. `failures` holds the failed rows that no step reads, by step.

    `written` are the files of each export; `kinds` the failed rows by step and kind, also of those
    that a step reads.
    """

    ledger: tuple[LedgerRow, ...]
    files: tuple[FileEntry, ...]
    failures: Failures
    warnings: tuple[Warned, ...]
    takes: tuple[Taken, ...] = ()
    sidecars: tuple[FileEntry, ...] = ()
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    accepts: tuple[Accepted, ...] = ()
