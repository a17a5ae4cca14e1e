"""Where operators bring their questions: the call layer behind the border of `asking`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from atkc.runtime import asking
from atkc.runtime.api import Reply
from atkc.runtime.calling.calls import Caller, Later, Question
from atkc.runtime.calling.outcome import Outcome
from atkc.runtime.modelspec import ModelSpec


class Desk(Struct, frozen=True):
    """Answers questions with the models of a plan, by their names there."""

    caller: Caller
    models: Mapping[str, ModelSpec]

    def begin(self, ask: asking.Ask) -> asking.Outcome | asking.Later:
        """Return the outcome if its first attempt is stored and accepted; else what asks."""
        found = self.caller.begin(self.models[ask.model], _question(ask))
        return _told(found) if isinstance(found, Outcome) else partial(_answered, found)

    def known(self, ask: asking.Ask) -> tuple[bytes, bool]:
        """Return the key of the first attempt, and whether a first reply to it is stored."""
        return self.caller.known(self.models[ask.model], _question(ask))

    async def embed(self, ask: asking.Embed) -> asking.Vectors:
        """Return the vectors; raises only what ends the run."""
        model = self.models[ask.model]
        done = await self.caller.embed(model, ask.texts, depth=ask.depth, ordinal=ask.ordinal)
        found = tuple(v if isinstance(v, bytes) else (v.kind, v.message) for v in done.vectors)
        return asking.Vectors(found, done.calls, done.hits)

    def prefer_far(self) -> None:
        """Let calls with most steps to go come first."""
        self.caller.prefer_far()


async def _answered(later: Later[Any]) -> asking.Outcome:
    return _told(await later())


def _question(ask: asking.Ask) -> Question[Any]:
    cut = ask.accept_cut
    return Question(
        ask.messages,
        ask.response_format,
        _accepting(ask.accept, cut),
        ask.sample,
        ask.draw,
        max(1, ask.attempts),
        ask.depth,
        ask.ordinal,
        ask.sampling,
        cut is not None,
    )


def _accepting(
    whole: Callable[[str], Any], cut: Callable[[str], Any] | None
) -> Callable[[Reply], Any]:
    if cut is None:
        return lambda reply: whole(reply.text)
    return lambda reply: (cut if reply.finish_reason == "length" else whole)(reply.text)


def _told(outcome: Outcome[Any]) -> asking.Outcome:
    failure = outcome.failure
    return asking.Outcome(
        outcome.value,
        None if failure is None else (failure.kind, failure.message),
        {"messages": list(outcome.request.messages)},  # no file names a model
        None if outcome.reply is None else outcome.reply.text,
        outcome.model,
        outcome.calls,
        outcome.calls == 0,
        outcome.hits,
        outcome.keys,
        outcome.prompt_tokens,
        outcome.completion_tokens,
        outcome.money,
    )
