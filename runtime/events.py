"""What a run tells while it runs: few events, and counters that a display reads on a timer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from atkc.runtime.calling.holding import Held
from atkc.runtime.ledger import LedgerRow


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has begun; `snapshot` returns the ledger as it stands at that moment."""

    steps: tuple[str, ...]
    snapshot: Callable[[], tuple[LedgerRow, ...]]


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step has seen its first token."""

    step: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step has settled all that it was given."""

    step: str
    ledger: tuple[LedgerRow, ...]


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A source has been read; `documents` counts records by file, of at most so many files."""

    step: str
    documents: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SourcesDone:
    """No new source record will come."""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the user should know that is no failure. `kind`: `shortage`, `empty`, …"""

    step: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class RecordFailed:
    """A record has failed. `message` may hold words of a reply or of an endpoint."""

    step: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class EndpointHeld:
    """Calls to an endpoint are held back, or for another reason than before."""

    held: Held


@dataclass(frozen=True, slots=True)
class EndpointFree:
    """An endpoint that was held back gets as many calls as it has slots again."""

    endpoint: str


Event = (
    RunStarted
    | StepStarted
    | StepDone
    | SourceRead
    | SourcesDone
    | Warned
    | RecordFailed
    | EndpointHeld
    | EndpointFree
)
