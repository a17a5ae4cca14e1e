"""What a run is told besides its plan, and what it hands back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from atkc.runtime.api import FileEntry
from atkc.runtime.events import Warned
from atkc.runtime.failures import Failures
from atkc.runtime.ledger import LedgerRow, Taken


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


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run. `limits`: first records of a source, by step; `""` is for all other sources.

    `staging` receives the exports; `spool` nameless files. `concurrency` is that of an endpoint
    which states none; `window` the records in flight at one step (None: twice the concurrency,
    at least 16); `queue` the tokens that an edge holds; `workers` the threads for functions.
    `provenance`: exports have sidecars that trace their records.
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


@dataclass(frozen=True, slots=True)
class Result:
    """A complete run. `failures` holds the failed rows that no step reads, by step."""

    ledger: tuple[LedgerRow, ...]
    files: tuple[FileEntry, ...]
    failures: Failures
    warnings: tuple[Warned, ...]
    takes: tuple[Taken, ...] = ()
    sidecars: tuple[FileEntry, ...] = ()
