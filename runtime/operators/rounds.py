"""Rounds: how a question that failed is asked again, and how later runs find the reply.

Round 0 is what a run asks. Each further round has the same messages under another seed, so that
its replies have keys of their own and nothing in the store is written over. `atkc retry` opens the
next round of a failed question; any run follows the rounds whose first reply is stored, up to the
first that is accepted. So the stored replies alone say how far a question has come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from atkc.runtime.asking import Ask, Outcome, replied
from atkc.runtime.stage import Stage


def in_round(ask: Ask, number: int) -> Ask:
    """Return the question of a later round."""
    return replace(ask, draw=f"{ask.draw}\0round {number}")


def note(stage: Stage, asks: Sequence[Ask]) -> None:
    """Before questions are asked: in a retry, tell it those that were never asked before."""
    retry = stage.run.settings.retry
    if retry is None:
        return
    for ask in asks:
        question, begun = stage.run.caller.known(ask)
        if not begun:
            retry.is_new(question)


def goes_on(stage: Stage, first: Ask, outcome: Outcome, number: int, *, retried: bool) -> bool:
    """Return whether a failed question has that round: it is stored, or a retry opens it now.

    `retried`: its failure is one that a retry is for.
    """
    caller, retry = stage.run.caller, stage.run.settings.retry
    if caller.known(in_round(first, number))[1]:
        return True
    if retry is None or not retried or outcome.failure is None:
        return False
    question, _ = caller.known(first)
    return retry.opens(stage.node.id, outcome.failure[0], question, number)


async def followed(
    stage: Stage, asks: Sequence[Ask], outcomes: list[Outcome], *, retried: bool
) -> list[Outcome]:
    """Return the outcomes with those that failed taken through their further rounds."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_one(stage, ask, got, retried))
            for ask, got in zip(asks, outcomes, strict=True)
        ]
    return [task.result() for task in tasks]


async def _one(stage: Stage, ask: Ask, outcome: Outcome, retried: bool) -> Outcome:
    number = 1
    while has_failed(outcome) and goes_on(stage, ask, outcome, number, retried=retried):
        found = stage.run.caller.begin(in_round(ask, number))
        later = found if isinstance(found, Outcome) else await found()
        stage.tally.asked(later.calls, later.hits)
        stage.tally.paid(later.prompt_tokens, later.completion_tokens, later.money)
        tell(stage, [later])
        if not replied(later):
            return outcome  # the store holds nothing new, so a run to come will say the same
        outcome = later
        number += 1
    return outcome


def tell(stage: Stage, outcomes: Sequence[Outcome]) -> None:
    """Tell the retry what became of questions that it had asked again."""
    retry = stage.run.settings.retry
    for outcome in outcomes if retry is not None else ():
        if outcome.calls or not replied(outcome):
            assert retry is not None
            retry.settled(accepted=outcome.failure is None, replied=replied(outcome))


def has_failed(outcome: Outcome) -> bool:
    """Return whether a reply came and could not be accepted."""
    return outcome.failure is not None and replied(outcome)
