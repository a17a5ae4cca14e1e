"""Prompt: render, ask, and settle the row with what the replies say. A window of rows in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from atkc.compiler.plan import PromptOp
from atkc.runtime.asking import Ask, Later, Outcome
from atkc.runtime.errors import RecordError
from atkc.runtime.operators import rounds
from atkc.runtime.operators.chooser import Choice, chooser
from atkc.runtime.operators.condition import guard
from atkc.runtime.operators.messages import Renderer, renderer
from atkc.runtime.operators.replies import Got, Settler, accepting, accepting_cut
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Row


async def run(stage: Stage) -> None:
    """Ask for each row; what the store answers costs no task."""
    op = stage.node.op
    assert isinstance(op, PromptOp)
    asker = _Asker(stage, op)
    settler = Settler(stage, op.shape, op.expand, op.on_failure, op.condition)
    passes = guard(op.condition, stage)
    retried = op.on_failure.then in ("failed", "stop")  # of a record that failed

    def start(row: Row) -> Callable[[], Awaitable[None]] | None:
        row = row if op.expand else stage.enter(row)
        try:
            passed = passes(row)
            if passed is not None:
                settler.pass_by(passed)
                return None
            choices, asks = asker.asks(row)
        except RecordError as error:
            stage.fail(row, error, stage.tally)
            return None
        found = begun(stage, asks)
        outcomes = complete(found)
        if outcomes is not None:
            settler.settle(row, _got(choices, outcomes))
            return None

        async def finish() -> None:
            rounds.note(stage, asks)
            got = await answers(stage, found)
            if any(map(rounds.has_failed, got)):
                got = await rounds.followed(stage, asks, got, retried=retried)
            settler.settle(row, _got(choices, got))

        return finish

    await in_window(stage, op.model, start)


async def in_window(
    stage: Stage, model: str, start: Callable[[Row], Callable[[], Awaitable[None]] | None]
) -> None:
    """Start each row; those that cannot be settled at once are finished side by side."""
    window, ports = asyncio.Semaphore(_width(stage, model)), stage.ports

    async def one(finish: Callable[[], Awaitable[None]]) -> None:
        try:
            await finish()
            if ports.is_full():
                await ports.room()
        finally:
            window.release()

    async with asyncio.TaskGroup() as group:
        async for token in stage.tokens():
            if isinstance(token, Mark):
                stage.forward(token)
                continue
            finish = start(token)
            if finish is not None:
                await window.acquire()
                group.create_task(one(finish))


Begun = Outcome | Later


def begun(stage: Stage, asks: Sequence[Ask]) -> list[Begun]:
    """Return the outcomes that are stored, and what asks for the others."""
    begin, tally = stage.run.caller.begin, stage.tally
    found = [begin(ask) for ask in asks]
    for outcome in found:
        if isinstance(outcome, Outcome):
            tally.asked(0, outcome.hits)
    return found


def complete(found: Sequence[Begun]) -> list[Outcome] | None:
    """Return the outcomes if none is missing."""
    outcomes = [outcome for outcome in found if isinstance(outcome, Outcome)]
    return outcomes if len(outcomes) == len(found) else None


async def answers(stage: Stage, found: Sequence[Begun]) -> list[Outcome]:
    """Ask side by side for what is not stored; the outcomes stand in the order of the asks."""
    if len(found) == 1 and not isinstance(found[0], Outcome):
        return [_counted(stage, await found[0]())]
    async with asyncio.TaskGroup() as group:
        made = [
            outcome if isinstance(outcome, Outcome) else group.create_task(_asked(stage, outcome))
            for outcome in found
        ]
    return [outcome if isinstance(outcome, Outcome) else outcome.result() for outcome in made]


async def _asked(stage: Stage, later: Later) -> Outcome:
    return _counted(stage, await later())


def _counted(stage: Stage, outcome: Outcome) -> Outcome:
    stage.tally.asked(outcome.calls, outcome.hits)
    stage.tally.paid(outcome.prompt_tokens, outcome.completion_tokens, outcome.money)
    return outcome


def _width(stage: Stage, model: str) -> int:
    settings = stage.run.settings
    if settings.window is not None:
        return settings.window
    named = stage.run.plan.models.get(model)
    concurrency = named.endpoint.concurrency if named else None
    return max(16, 2 * (concurrency or settings.concurrency))


def _got(choices: Sequence[Choice], outcomes: Sequence[Outcome]) -> list[Got]:
    return [Got(c.data, outcome) for c, outcome in zip(choices, outcomes, strict=True)]


class _Asker:
    """Turns a row into its asks: for each chosen variant, for each sample."""

    def __init__(self, stage: Stage, op: PromptOp) -> None:
        self._stage = stage
        self._op = op
        self._choose = chooser(op, stage)
        self._renderers: dict[str, Renderer] = {v.name: renderer(v.prompt) for v in op.variants}
        self._prompts = {v.name: v.prompt for v in op.variants}
        parse = stage.run.bodies.parse_reply
        self._accept = {v.name: accepting(v.prompt.contract, op.shape, parse) for v in op.variants}
        self._cut = {v.name: accepting_cut(v.prompt.contract, op.shape, parse) for v in op.variants}

    def asks(self, row: Row) -> tuple[list[Choice], list[Ask]]:
        choices = self._choose(row)
        return choices, [self._ask(row, choice) for choice in choices]

    def _ask(self, row: Row, choice: Choice) -> Ask:
        prompt = self._prompts[choice.variant]
        return Ask(
            self._op.model,
            self._renderers[choice.variant](row.data),
            self._accept[choice.variant],
            prompt.response_format,
            prompt.sampling,
            choice.sample,
            self._stage.node.draw,
            self._op.on_failure.resample + 1,
            self._stage.depth,
            row.ordinal,
            self._cut[choice.variant],
        )
