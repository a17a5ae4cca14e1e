"""Where operators bring their questions: the call layer behind the border of `asking`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from atkc.runtime import asking
from atkc.runtime.api import Reply
from atkc.runtime.calls import Caller
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions with the models of a plan, by their names there."""

    caller: Caller
    models: Mapping[str, ModelSpec]

    def cached(self, ask: asking.Ask) -> asking.Outcome | None:
        """Return the outcome if its first attempt is stored and accepted."""
        outcome = self.caller.cached(
            self.models[ask.model],
            ask.messages,
            ask.response_format,
            accept=_accepting(ask),
            accepts_cut=ask.accept_cut is not None,
            sample=ask.sample,
            draw=ask.draw,
            sampling=ask.sampling,
        )
        return None if outcome is None else _told(outcome)

    async def ask(self, ask: asking.Ask) -> asking.Outcome:
        """Return the outcome; raises only what ends the run."""
        outcome = await self.caller.ask(
            self.models[ask.model],
            ask.messages,
            ask.response_format,
            accept=_accepting(ask),
            accepts_cut=ask.accept_cut is not None,
            sample=ask.sample,
            draw=ask.draw,
            sampling=ask.sampling,
            attempts=ask.attempts,
            depth=ask.depth,
            ordinal=ask.ordinal,
        )
        return _told(outcome)

    def begun(self, ask: asking.Ask) -> tuple[bytes, bool]:
        """Return the key of the first attempt, and whether a first reply to it is stored."""
        return self.caller.begun(
            self.models[ask.model],
            ask.messages,
            ask.response_format,
            sample=ask.sample,
            draw=ask.draw,
            sampling=ask.sampling,
        )

    async def embed(self, ask: asking.Embed) -> asking.Vectors:
        """Return the vectors; raises only what ends the run."""
        model = self.models[ask.model]
        done = await self.caller.embed(model, ask.texts, depth=ask.depth, ordinal=ask.ordinal)
        found = tuple(v if isinstance(v, bytes) else (v.kind, v.message) for v in done.vectors)
        return asking.Vectors(found, done.calls, done.hits)

    def prefer_far(self) -> None:
        """Let calls with most steps to go come first."""
        self.caller.prefer_far()


def _accepting(ask: asking.Ask) -> Callable[[Reply], Any]:
    whole, cut = ask.accept, ask.accept_cut
    if cut is None:
        return lambda reply: whole(reply.text)
    return lambda reply: (cut if reply.finish_reason == "length" else whole)(reply.text)


def _told(outcome: Outcome[Any]) -> asking.Outcome:
    failure = outcome.failure
    request = outcome.request
    return asking.Outcome(
        value=outcome.value,
        failure=None if failure is None else (failure.kind, failure.message),
        request={"messages": list(request.messages)},  # no file names a model
        reply=None if outcome.reply is None else outcome.reply.text,
        model=outcome.model,
        calls=outcome.calls,
        cached=outcome.calls == 0,
        hits=outcome.hits,
        keys=outcome.keys,
    )
