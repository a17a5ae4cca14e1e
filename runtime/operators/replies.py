"""What replies make of a row: fields, children, a failure, a rejection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from atkc.compiler.plan import Condition, OnFailure, Shape
from atkc.runtime.api import Data
from atkc.runtime.asking import Outcome
from atkc.runtime.errors import RecordError, ReplyError, StopRun
from atkc.runtime.keys import child_identity
from atkc.runtime.operators.condition import otherwise
from atkc.runtime.operators.crashes import guarded
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Row
from atkc.runtime.trail import Call, Trail

Parse = Callable[[Mapping[str, Any], str, bool], list[Data]]
Accept = Callable[[str], list[Data]]


class Got(Struct, frozen=True):
    """An outcome and what its ask adds to the row (the name of the variant)."""

    data: Data
    outcome: Outcome


def accepting(
    contract: Mapping[str, Any] | None, shape: Shape, parse: Parse, cut: bool = False
) -> Accept:
    """Return what turns a reply's text into a list of added fields, or raises ReplyError.

    `cut`: for replies that were cut off at their greatest length.
    """
    parse = guarded(parse, lambda why: ReplyError("crashed", f"the reply cannot be read: {why}"))
    if contract is None:
        name = shape.name or "reply"
        return lambda text: [{name: [text] if shape.kind == "list" else text}]
    if shape.kind == "list":
        return lambda text: [{shape.name: parse(contract, text, cut)}]
    if shape.kind == "field":
        return lambda text: [{shape.name: item} for item in parse(contract, text, cut)]
    return lambda text: parse(contract, text, cut)


def accepting_cut(contract: Mapping[str, Any] | None, shape: Shape, parse: Parse) -> Accept | None:
    """Return the same for a reply cut off at its length, if the contract says what to keep."""
    if contract is None or not contract.get("keep_closed"):
        return None
    return accepting(contract, shape, parse, cut=True)


class Settler:
    """Settles a row's place once all its outcomes are there."""

    def __init__(
        self,
        stage: Stage,
        shape: Shape,
        expand: bool,
        on_failure: OnFailure,
        condition: Condition | None,
    ) -> None:
        self._stage = stage
        self._shape = shape
        self._expand = expand
        self._then = on_failure.then
        self._name = on_failure.name
        self._well: Data = {on_failure.name: None} if on_failure.name else {}
        self._otherwise = otherwise(condition, stage)

    def pass_by(self, row: Row) -> None:
        """Settle a row whose `if` was false."""
        self._stage.tally.skipped += 1
        row = Row(row.ordinal, row.identity, {**row.data, **self._well}, row.trail)
        if self._expand:
            self._stage.ports.mark(Mark(row.ordinal, 1))
            row = self._child(row, 0, row.data, row.trail)
        self._stage.leave(row, self._stage.tally)

    def settle(self, row: Row, gots: Sequence[Got]) -> None:
        """Settle a row by its outcomes: each item of each of them in order, or each failure."""
        if not self._expand:
            self._settle_one(row, gots[0])
            return
        settled: list[tuple[Data, Got, bool]] = []
        for got in gots:
            if got.outcome.failure is not None:
                settled.append(({**row.data, **got.data}, got, False))
            else:
                mine = {**row.data, **got.data, **self._well}
                settled += [({**mine, **item}, got, True) for item in got.outcome.value]
        tally = self._stage.tally
        self._stage.ports.mark(Mark(row.ordinal, len(settled)))
        tally.expanded += max(len(settled) - 1, 0)
        tally.filtered += not settled
        trails = {id(got): self._trail(row, got.outcome) for got in gots}
        for index, (data, got, accepted) in enumerate(settled):
            child = self._child(row, index, data, trails[id(got)])
            if accepted:
                self._stage.leave(child, tally)
            else:
                self._failed(child, got.outcome)

    def _settle_one(self, row: Row, got: Got) -> None:
        outcome = got.outcome
        data = {**row.data, **got.data}
        row = Row(row.ordinal, row.identity, data, self._trail(row, outcome))
        if outcome.failure is not None:
            self._failed(row, outcome)
        elif len(outcome.value) != 1:
            number = len(outcome.value)
            failure = ("items", f"the reply has {number} items where one was asked for")
            self._failed(row, _failing(outcome, failure))
        else:
            data = {**row.data, **outcome.value[0], **self._well}
            self._stage.leave(Row(row.ordinal, row.identity, data, row.trail), self._stage.tally)

    def _failed(self, row: Row, outcome: Outcome) -> None:
        assert outcome.failure is not None
        kind, message = outcome.failure
        tally = self._stage.tally
        match self._then:
            case "failed":
                error = RecordError(kind, message)
                self._stage.fail(row, error, tally, outcome.request, outcome.reply)
            case "rejected":
                self._stage.reject(row, tally, why=f"{kind}: {message}")
            case "else":
                self._leave_otherwise(row, outcome, RecordError(kind, message))
            case "stop":
                text = f"`{self._stage.node.id}` stops the run at its first failure: {message}"
                raise StopRun(self._stage.diagnostic("ATK704", text))

    def _leave_otherwise(self, row: Row, outcome: Outcome, why: RecordError) -> None:
        tally = self._stage.tally
        try:
            values = self._otherwise(row.data, self._stage.env(row.identity))
        except RecordError as error:
            self._stage.fail(row, error, tally)
        else:
            data = {**row.data, **values}
            if self._name:
                data[self._name] = self._stage.failure(why, outcome.request, outcome.reply)
            self._stage.leave(Row(row.ordinal, row.identity, data, row.trail), tally)

    def _trail(self, row: Row, outcome: Outcome) -> Trail:
        return row.trail.called(Call(self._stage.node.id, outcome.keys[-1:]))

    def _child(self, row: Row, index: int, data: Data, trail: Trail) -> Row:
        identity = child_identity(row.identity, self._stage.node.branch, index)
        return Row((*row.ordinal, index), identity, data, trail)


def _failing(outcome: Outcome, failure: tuple[str, str]) -> Outcome:
    return Outcome(None, failure, outcome.request, outcome.reply, outcome.model, outcome.calls)


def local_outcome(accept: Callable[[str], list[Data]], text: Any) -> Outcome:
    """Return the outcome of reading a text that is there already."""
    if not isinstance(text, str):
        return Outcome(None, ("bad-field", "the field to parse holds no text"))
    try:
        return Outcome(accept(text), None, None, text)
    except ReplyError as error:
        return Outcome(None, (error.kind, error.message), None, text)
