"""What the lines of `events.jsonl` hold: a structure for each kind of line.

`schema/events.schema.json` is generated from these. The writer is `atkc/cli/events.py`; its tests
hold each line that a run writes to them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Counts = dict[str, Count]


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """What every line holds: `time` is UTC, `seconds` are those since the run began."""

    time: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    seconds: Seconds


class RunStarted(Line, frozen=True, kw_only=True, tag="run-started"):
    """The first line. `atkc_events` is the version of this schema; `steps` are the plan's nodes."""

    atkc_events: Literal[1]  # raised when a line loses a field, or a field its meaning
    steps: list[str]


class StepStarted(Line, frozen=True, kw_only=True, tag="step-started"):
    """A step has begun to take in its stream: a record, or word that there will be one."""

    step: str


class StepDone(Line, frozen=True, kw_only=True, tag="step-done"):
    """A step has settled all that it was given: a line for each row of its ledger."""

    step: str
    records_in: Count
    out: Count
    filtered: Count
    failed: Count
    calls: Count
    cached: Count
    failures: Annotated[Counts, Meta(description="failed records of the node by kind")]


class SourceRead(Line, frozen=True, kw_only=True, tag="source-read"):
    """A source has been read: from so many documents, of which 10,000 at most are counted."""

    step: str
    documents: Count


class SourcesDone(Line, frozen=True, kw_only=True, tag="sources-done"):
    """No new source record will come."""


class RecordFailed(Line, frozen=True, kw_only=True, tag="record-failed"):
    """The first record of a step that failed for such a reason; `step-done` counts them all."""

    step: str
    kind: str


class Warned(Line, frozen=True, kw_only=True, tag="warning"):
    """Something the user should know that is no failure."""

    step: str
    kind: str
    message: str


class EndpointHeld(Line, frozen=True, kw_only=True, tag="endpoint-held"):
    """An endpoint gets fewer calls than it has `slots`, or none: from now on, for this reason.

    `wait`: seconds until one may begin; `at_once`: how many may be in flight then. `busy`: it
    answered 429 or 503; `quota`: by its own word nothing is left; `failures`: its calls failed.
    """

    endpoint: str
    why: Literal["busy", "quota", "failures"]
    wait: Seconds
    at_once: Count
    slots: Count


class EndpointFree(Line, frozen=True, kw_only=True, tag="endpoint-free"):
    """An endpoint that was held back gets as many calls as it has slots again."""

    endpoint: str


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the ledger; counts of nothing are left out."""

    step: str
    role: str = ""
    came: Count = 0
    out: Count = 0
    filtered: Count = 0
    duplicate: Count = 0
    failed: Count = 0
    merged: Count = 0
    not_drawn: Count = 0
    expanded: Count = 0
    skipped: Count = 0
    ports: Counts
    calls: Count = 0
    cached: Count = 0
    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    money: float = 0
    ballots: Annotated[list[Any], Meta(description="[[for, against, unread], votes]")] = []


class Books(Line, frozen=True, kw_only=True, tag="books"):
    """What the run noted: the graph as drawn, the whole ledger, times by node, documents read."""

    graph: dict[str, Any]
    rows: list[Row]
    spans: Annotated[dict[str, list[Seconds]], Meta(description="begin and end, in seconds")]
    documents: Annotated[dict[str, Counts], Meta(description="records by source and document")]


class ModelCounts(Struct, frozen=True, kw_only=True):
    """The calls of one model. Tokens and money are those of `calls`, not of cached replies."""

    calls: Count
    cached: Count
    shared: Count
    retried: Count
    hedged: Count
    failed: Count
    prompt_tokens: Count
    completion_tokens: Count
    money: float


class RunEnded(Line, frozen=True, kw_only=True, tag="run-ended"):
    """The last line. `how` is `complete`, or the name of what ended the run early.

    `code` and `message` say why, where that is known: `ATK704` is a budget or a gate. A run that
    was killed has no such line.
    """

    how: str
    code: str | None = None
    message: str | None = None
    calls: Count
    from_cache: Count
    retried: Count
    hedged: Count
    prompt_tokens: Count
    completion_tokens: Count
    money: float
    models: dict[str, ModelCounts]


LINES: tuple[type[Line], ...] = (
    RunStarted,
    StepStarted,
    StepDone,
    SourceRead,
    SourcesDone,
    RecordFailed,
    Warned,
    EndpointHeld,
    EndpointFree,
    Books,
    RunEnded,
)
