"""Vote: a judge is asked in waves; the outcome does not depend on which reply came first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct, field

from atkc.compiler.plan import Shape, VoteOp
from atkc.runtime.api import Data
from atkc.runtime.asking import Ask, Outcome, replied
from atkc.runtime.errors import RecordError
from atkc.runtime.operators import rounds
from atkc.runtime.operators.ballots import Ballot, decided, wave
from atkc.runtime.operators.condition import guard
from atkc.runtime.operators.messages import renderer
from atkc.runtime.operators.prompt import Begun, answers, begun, complete, in_window
from atkc.runtime.operators.replies import accepting
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import Call


async def run(stage: Stage) -> None:
    """Judge each row."""
    op = stage.node.op
    assert isinstance(op, VoteOp)
    judge = _Judge(stage, op)
    passes = guard(op.condition, stage)

    def start(row: Row) -> Callable[[], Awaitable[None]] | None:
        row = stage.enter(row)
        try:
            passed = passes(row)
            if passed is not None:
                stage.tally.skipped += 1
                stage.leave(passed, stage.tally)
                return None
            asks = judge.asks(row)
        except RecordError as error:
            stage.fail(row, error, stage.tally)
            return None
        poll = _Poll(row, asks)
        if judge.from_store(poll):
            return None
        return lambda: judge.finish(poll)

    await in_window(stage, op.model, start)


class _Poll(Struct):
    """One row's vote as far as it has come."""

    row: Row
    asks: list[Ask]
    ballots: list[Ballot] = field(default_factory=list)
    recorded: list[Data] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)  # of the replies counted
    begun: list[Begun] = field(default_factory=list)  # of the wave to come
    read: int = 0  # ballots that could be read
    unread: Outcome | None = None  # the last one that could not
    number: int = 0  # of the round (see `rounds`)
    broken: Outcome | None = None  # a ballot that brought no reply: nothing is decided
    unjudged: bool = False  # decided, but nobody has judged


class _Judge:
    def __init__(self, stage: Stage, op: VoteOp) -> None:
        self._stage = stage
        self._op = op
        self._render = renderer(op.prompt)
        self._accept = accepting(op.prompt.contract, Shape(), stage.run.bodies.parse_reply)
        self._attempts = op.resample + 1 if op.invalid == "resample" else 1

    def asks(self, row: Row) -> list[Ask]:
        """Return all asks that the vote may need, by index."""
        op, prompt = self._op, self._op.prompt
        messages = self._render(row.data)
        stage = self._stage
        return [
            Ask(
                op.model,
                messages,
                self._accept,
                prompt.response_format,
                prompt.sampling,
                index,
                "",  # a filter ignores `draw`: repeats share its verdicts
                self._attempts,
                stage.depth,
                row.ordinal,
            )
            for index in range(op.votes)
        ]

    def from_store(self, poll: _Poll) -> bool:
        """Go on as far as the store answers; return whether that settled the row."""
        while True:
            poll.begun = begun(self._stage, self._wave(poll))
            found = complete(poll.begun)
            if found is None:
                return False
            if self._count(poll, found):
                return True

    async def finish(self, poll: _Poll) -> None:
        """Ask wave after wave, and round after round if nobody judges, until the row is settled."""
        stage, first = self._stage, poll.asks
        await self._ask(poll, poll.begun)
        while poll.unjudged and poll.unread is not None:
            number = poll.number + 1
            if not rounds.goes_on(stage, first[0], poll.unread, number, retried=True):
                break
            later = _Poll(poll.row, [rounds.in_round(ask, number) for ask in first], number=number)
            await self._ask(later, begun(stage, self._wave(later)))
            if later.broken is not None:
                break
            poll = later
        failed = poll.broken or (poll.unread if poll.unjudged else None)
        if failed is not None:
            self._fail(poll, failed)

    async def _ask(self, poll: _Poll, found: list[Begun]) -> None:
        while True:
            if not poll.number:
                rounds.note(self._stage, self._wave(poll))
            outcomes = await answers(self._stage, found)
            if poll.number:
                rounds.tell(self._stage, outcomes)
            if self._count(poll, outcomes):
                return
            found = begun(self._stage, self._wave(poll))

    def _wave(self, poll: _Poll) -> list[Ask]:
        at = len(poll.ballots)
        return poll.asks[at : at + wave(self._op.rule, poll.ballots, self._op.votes)]

    def _count(self, poll: _Poll, outcomes: list[Outcome]) -> bool:
        """Count in index order up to the deciding ballot; return whether the poll has ended."""
        for outcome in outcomes:
            if outcome.failure is not None and not replied(outcome):
                poll.broken = outcome
                return True
            self._add(poll, outcome)
            verdict = decided(self._op.rule, poll.ballots, self._op.votes)
            if verdict is not None:
                self._settle(poll, verdict)
                return True
        return False

    def _add(self, poll: _Poll, outcome: Outcome) -> None:
        poll.keys += outcome.keys[-1:]
        if outcome.failure is not None:
            poll.unread = outcome
        else:
            poll.read += 1
        if outcome.failure is None:
            fields: Mapping[str, Any] = outcome.value[0] if outcome.value else {}
            ballot = _is_yes(fields)
            poll.ballots.append(ballot)
            poll.recorded.append(
                {"pass": ballot, **{n: v for n, v in fields.items() if n != "pass"}}
            )
        elif self._op.invalid == "ignore":
            poll.ballots.append(None)
        else:
            poll.ballots.append(False)
            poll.recorded.append({"pass": False})

    def _settle(self, poll: _Poll, verdict: bool) -> None:
        op = self._op
        self._stage.tally.voted(poll.ballots)
        unread = poll.unread
        if unread is not None and unread.failure and not poll.read and op.invalid != "fail":
            poll.unjudged = True  # that is a failure to look into, not a verdict
            return
        row = self._judged(poll, verdict)
        valid = [ballot for ballot in poll.ballots if ballot is not None]
        share = sum(valid) / len(valid) if valid else 0.0
        told = {"passed": verdict, "share": share, "ballots": poll.recorded}
        added = {op.name: told} if op.name else {}
        if verdict:
            data = {**row.data, **added}
            self._stage.leave(Row(row.ordinal, row.identity, data, row.trail), self._stage.tally)
        else:
            self._stage.reject(row, self._stage.tally, added)

    def _fail(self, poll: _Poll, outcome: Outcome) -> None:
        assert outcome.failure is not None
        error = RecordError(*outcome.failure)
        reply = outcome.reply if replied(outcome) else None
        row = self._judged(poll, None)
        self._stage.fail(row, error, self._stage.tally, outcome.request, reply)

    def _judged(self, poll: _Poll, verdict: bool | None) -> Row:
        row = poll.row
        call = Call(self._stage.node.id, tuple(poll.keys), tuple(poll.ballots), verdict)
        return Row(row.ordinal, row.identity, row.data, row.trail.called(call))


def _is_yes(fields: Mapping[str, Any]) -> bool:
    if "verdict" in fields:
        return bool(fields["verdict"] == "pass")
    return fields.get("pass") is True
