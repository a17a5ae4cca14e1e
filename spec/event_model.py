"""What the lines of `events.jsonl` hold: strict pydantic models, one for each kind of line.

`schema/events.schema.json` is generated from these. The writer is `atkc/cli/events.py`; its tests
hold each line that a run writes to them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StrictFloat, StrictInt, StrictStr

VERSION = 1  # raised when a line loses a field, or a field its meaning; additions do not count

Count = Annotated[StrictInt, Field(ge=0)]
Seconds = Annotated[StrictFloat | StrictInt, Field(ge=0)]
Counts = dict[StrictStr, Count]


class Line(BaseModel):
    """What every line holds: `time` is UTC, `seconds` are those since the run began."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    time: Annotated[StrictStr, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    seconds: Seconds


class RunStarted(Line):
    """The first line. `atkc_events` is the version of this schema; `steps` are the plan's nodes."""

    event: Literal["run-started"]
    atkc_events: Literal[1]
    steps: list[StrictStr]


class StepStarted(Line):
    """A step has begun to take in its stream: a record, or word that there will be one."""

    event: Literal["step-started"]
    step: StrictStr


class StepDone(Line):
    """A step has settled all that it was given: a line for each row of its ledger."""

    event: Literal["step-done"]
    step: StrictStr
    records_in: Count
    out: Count
    filtered: Count
    failed: Count
    calls: Count
    cached: Count
    failures: Counts = Field(description="failed records of the node by kind")


class SourceRead(Line):
    """A source has been read: from so many documents, of which 10,000 at most are counted."""

    event: Literal["source-read"]
    step: StrictStr
    documents: Count


class SourcesDone(Line):
    """No new source record will come."""

    event: Literal["sources-done"]


class RecordFailed(Line):
    """The first record of a step that failed for such a reason; `step-done` counts them all."""

    event: Literal["record-failed"]
    step: StrictStr
    kind: StrictStr


class Warned(Line):
    """Something the user should know that is no failure."""

    event: Literal["warning"]
    step: StrictStr
    kind: StrictStr
    message: StrictStr


class Row(BaseModel):
    """A row of the ledger; counts of nothing are left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    step: StrictStr
    role: StrictStr = ""
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
    money: StrictFloat | StrictInt = 0
    ballots: list[Any] = Field(default=[], description="[[for, against, unread], votes]")


class Books(Line):
    """What the run noted: the graph as drawn, the whole ledger, times by node, documents read."""

    event: Literal["books"]
    graph: dict[str, Any]
    rows: list[Row]
    spans: dict[StrictStr, list[Seconds]] = Field(description="begin and end, in seconds")
    documents: dict[StrictStr, Counts] = Field(description="records by source and document")


class ModelCounts(BaseModel):
    """The calls of one model. Tokens and money are those of `calls`, not of cached replies."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    calls: Count
    cached: Count
    shared: Count
    retried: Count
    hedged: Count
    failed: Count
    prompt_tokens: Count
    completion_tokens: Count
    money: StrictFloat | StrictInt


class RunEnded(Line):
    """The last line. `how` is `complete`, or the name of what ended the run early.

    `code` and `message` say why, where that is known: `ATK704` is a budget or a gate. A run that
    was killed has no such line.
    """

    event: Literal["run-ended"]
    how: StrictStr
    code: StrictStr | None = None
    message: StrictStr | None = None
    calls: Count
    from_cache: Count
    retried: Count
    hedged: Count
    prompt_tokens: Count
    completion_tokens: Count
    money: StrictFloat | StrictInt
    models: dict[StrictStr, ModelCounts]


class EventLine(
    RootModel[
        Annotated[
            RunStarted
            | StepStarted
            | StepDone
            | SourceRead
            | SourcesDone
            | RecordFailed
            | Warned
            | Books
            | RunEnded,
            Field(discriminator="event"),
        ]
    ]
):
    """A line of `events.jsonl`."""
