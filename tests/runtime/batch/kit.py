"""A provider with batches on this machine, and runs that ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from msgspec.structs import replace

from atkc.runtime.api import Message, Reply
from atkc.runtime.batch.lane import Lanes
from atkc.runtime.batch.pacing import Pacing
from atkc.runtime.calling.budget import Budget
from atkc.runtime.calling.calls import Caller
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.calling.outcome import Outcome
from atkc.runtime.modelspec import EndpointSpec, ModelSpec
from atkc.runtime.storage.store import open_store
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.serving import running

PACING = Pacing(poll=0.02, delay=0.005)
Middleware = Callable[[web.Request, Any], Coroutine[Any, Any, web.StreamResponse]]


def echo(messages: Sequence[Message], _format: Mapping[str, Any] | None, seed: int) -> Reply:
    return Reply(f"{messages[-1]['content']} {seed}", "stop", "m", 10, 5)


def user(text: object) -> tuple[Message, ...]:
    return ({"role": "user", "content": str(text)},)


@dataclass
class Provider:
    """A server that lives through several runs over one cache."""

    url: str
    cache: Path
    told: list[str] = field(default_factory=list)

    def model(self, name: str = "m", **options: Any) -> ModelSpec:
        return ModelSpec(name, name, EndpointSpec("openai", self.url), **options)

    def lanes(self, store: Any, pacing: Pacing) -> Lanes:
        return Lanes(self.cache / "batches", store, pacing, asked=True, tell=self.told.append)

    async def run(
        self,
        test: Callable[[Caller], Coroutine[Any, Any, Any]],
        *,
        batch: bool = True,
        pacing: Pacing = PACING,
        budget: Budget | None = None,
        retries: int = 4,
    ) -> Any:
        """Run a test with a caller of its own, as one invocation of `atkc run` has it."""
        store = open_store(self.cache)
        settings = CallSettings(retries=retries, delay=0.001, pause=0.001)
        if batch:
            settings = replace(settings, lane=self.lanes(store, pacing))
        caller = Caller(store, run_seed=1, budget=budget, settings=settings)
        caller.prefer_far()
        try:
            return await test(caller)
        finally:
            await caller.close()
            store.close()

    async def answers(
        self, texts: Sequence[object], *, model: ModelSpec | None = None, **options: Any
    ) -> list[Outcome[str]]:
        """Ask all at once in a run of its own."""

        async def test(caller: Caller) -> list[Outcome[str]]:
            return await ask(caller, model or self.model(), texts)

        found: list[Outcome[str]] = await self.run(test, **options)
        return found

    async def stats(self) -> dict[str, Any]:
        """Return what the server has done."""
        address = self.url.removesuffix("/v1") + "/stats"
        async with ClientSession() as session, session.get(address) as response:
            told: dict[str, Any] = await response.json()
        return told

    def records(self) -> list[Path]:
        return sorted((self.cache / "batches").glob("atkc-*"))


async def ask(caller: Caller, model: ModelSpec, texts: Sequence[object]) -> list[Outcome[str]]:
    """Ask all at once."""
    tasks = [caller.ask(model, user(text), accept=_text) for text in texts]
    return list(await asyncio.gather(*tasks))


def _text(reply: Reply) -> str:
    return reply.text


def with_provider(
    folder: Path,
    test: Callable[[Provider], Coroutine[Any, Any, Any]],
    *,
    middleware: Middleware | None = None,
    complete: Any = echo,
    **options: Any,
) -> Any:
    """Run a test against a provider; `options` are the server's."""

    async def go() -> Any:
        app = make_app(complete, options.pop("faults", Faults()), **options)
        if middleware is not None:
            app.middlewares.append(web.middleware(middleware))
        async with running(app) as url:
            return await test(Provider(url, folder / "cache"))

    return asyncio.run(asyncio.wait_for(go(), 30))


async def until(what: Callable[[], object]) -> None:
    """Return when it is true."""
    while not what():  # noqa: ASYNC110 - what is waited for is a file of the run
        await asyncio.sleep(0.005)
