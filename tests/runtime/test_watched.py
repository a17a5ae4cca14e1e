"""Watched transports tell of each call once, with its step; unwatched ones are left as they are."""

from __future__ import annotations

import asyncio

import pytest

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.current import STEP
from atkc.runtime.errors import Transient
from atkc.runtime.modelspec import EndpointSpec
from atkc.runtime.transport import open_transport
from atkc.runtime.transport.watched import Sent, Watched, WatchedTransport

HERE = EndpointSpec("atkc")


class Inner:
    """Answers `ok`, fails what is called `bad`."""

    closed = False

    async def complete(self, request: Request) -> Reply:
        if request.model == "bad":
            raise Transient("no", status=503)
        return Reply("ok")

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        return Embeddings(((0.5,),))

    async def close(self) -> None:
        self.closed = True


def test_each_call_is_told_with_what_came_of_it_and_its_step() -> None:
    told: list[Sent] = []
    inner = Inner()
    transport = open_transport(HERE, Watched({"atkc": lambda: inner}, told.append))

    async def calls() -> None:
        STEP.set("ask")
        assert (await transport.complete(Request("good", ()))).text == "ok"
        with pytest.raises(Transient):
            await asyncio.create_task(transport.complete(Request("bad", ())))  # inherits the step
        await transport.embed(EmbeddingRequest("e", ("t",)))
        await transport.close()

    asyncio.run(calls())
    assert inner.closed
    assert [(s.step, s.request.model, s.reply is None, type(s.error)) for s in told] == [
        ("ask", "good", False, type(None)),
        ("ask", "bad", True, Transient),
        ("ask", "e", False, type(None)),
    ]
    assert all(s.endpoint is HERE and s.seconds >= 0 and s.began > 10**18 for s in told)


def test_nobody_watches_unless_asked() -> None:
    inner = Inner()
    assert open_transport(HERE, {"atkc": lambda: inner}) is inner
    watched = open_transport(HERE, Watched({"atkc": lambda: inner}, lambda _: None))
    assert isinstance(watched, WatchedTransport)
