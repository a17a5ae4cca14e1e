"""What a run tells while it runs: few events, and counters that a display reads on a timer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from atkc.runtime.calling.holding import Held
from atkc.runtime.ledger import LedgerRow


class RunStarted(Struct, frozen=True):
    """The run has begun; `snapshot` returns the ledger as it stands at that moment."""

    steps: tuple[str, ...]
    snapshot: Callable[[], tuple[LedgerRow, ...]]


class StepStarted(Struct, frozen=True):
    """A step has seen its first token."""

    step: str


class StepDone(Struct, frozen=True):
    """A step has settled all that it was given."""

    step: str
    ledger: tuple[LedgerRow, ...]


class SourceRead(Struct, frozen=True):
    """A source has been read; `documents` counts records by file, of at most so many files."""

    step: str
    documents: Mapping[str, int]


class SourcesDone(Struct, frozen=True):
    """No new source record will come."""


class Warned(Struct, frozen=True):
    """Something the user should know that is no failure. `kind`: `shortage`, `empty`, …"""

    step: str
    kind: str
    message: str


class RecordFailed(Struct, frozen=True):
    """A record has failed. `message` may hold words of a reply or of an endpoint."""

    step: str
    kind: str
    message: str


class EndpointHeld(Struct, frozen=True):
    """Calls to an endpoint are held back, or for another reason than before."""

    held: Held


class EndpointFree(Struct, frozen=True):
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
