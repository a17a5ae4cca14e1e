"""Prompt: render, ask, and settle the row with what the replies say. A window of rows in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from atkc.compiler.plan import PromptOp
from atkc.runtime.asking import Ask, Outcome
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
        stored = known(stage, asks)
        outcomes = complete(stored)
        if outcomes is not None:
            settler.settle(row, _got(choices, outcomes))
            return None

        async def finish() -> None:
            rounds.note(stage, asks)
            answers = await ask_all(stage, asks, stored)
            answers = await rounds.followed(stage, asks, answers, retried=retried)
            settler.settle(row, _got(choices, answers))

        return finish

    await in_window(stage, op.model, start)


async def in_window(
    stage: Stage, model: str, start: Callable[[Row], Callable[[], Awaitable[None]] | None]
) -> None:
    """Start each row; those that cannot be settled at once are finished side by side."""
    window = asyncio.Semaphore(_width(stage, model))

    async def one(finish: Callable[[], Awaitable[None]]) -> None:
        try:
            await finish()
            await stage.ports.room()
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


def known(stage: Stage, asks: Sequence[Ask]) -> list[Outcome | None]:
    """Return the outcomes that are stored, None for the others."""
    found = [stage.run.caller.cached(ask) for ask in asks]
    for outcome in found:
        if outcome is not None:
            stage.tally.asked(0, outcome.hits)
    return found


def complete(outcomes: Sequence[Outcome | None]) -> list[Outcome] | None:
    """Return the outcomes if none is missing."""
    found = [outcome for outcome in outcomes if outcome is not None]
    return found if len(found) == len(outcomes) else None


async def ask_all(
    stage: Stage, asks: Sequence[Ask], stored: Sequence[Outcome | None] = ()
) -> list[Outcome]:
    """Ask side by side for what is not stored; the outcomes stand in the order of the asks."""
    found = list(stored) or [None] * len(asks)
    missing = [index for index, outcome in enumerate(found) if outcome is None]
    if len(missing) == 1:
        found[missing[0]] = await stage.run.caller.ask(asks[missing[0]])
    else:
        async with asyncio.TaskGroup() as group:
            tasks = {index: group.create_task(_asked(stage, asks[index])) for index in missing}
        for index, task in tasks.items():
            found[index] = task.result()
    for index in missing:
        outcome = found[index]
        assert outcome is not None
        stage.tally.asked(outcome.calls, outcome.hits)
    return [outcome for outcome in found if outcome is not None]


async def _asked(stage: Stage, ask: Ask) -> Outcome:
    return await stage.run.caller.ask(ask)


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
