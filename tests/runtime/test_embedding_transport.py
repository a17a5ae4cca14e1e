"""Embeddings over HTTP: what is sent, which answers are vectors, which are failures."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from atkc.runtime.api import EmbeddingRequest, Embeddings
from atkc.runtime.errors import CallError, Permanent, Transient
from atkc.runtime.transport.direct import DirectTransport
from atkc.stdlib.model_server.serving import running

ASKED = EmbeddingRequest("m", ("a", "b"))


def embed(
    content: Any, status: int = 200, asked: EmbeddingRequest = ASKED
) -> tuple[Embeddings | CallError, list[Any]]:
    """Return what a request comes to, and the requests that the server saw."""
    seen: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.path, json.loads(await request.read())))
        return web.json_response(content, status=status)

    async def go() -> Embeddings | CallError:
        app = web.Application()
        app.router.add_post("/{tail:.*}", handler)
        async with running(app) as url:
            transport = DirectTransport(url)
            try:
                return await transport.embed(asked)
            except CallError as error:
                return error
            finally:
                await transport.close()

    return asyncio.run(asyncio.wait_for(go(), 60)), seen


def rows(*vectors: Any) -> dict[str, Any]:
    return {"data": [{"index": i, "embedding": v} for i, v in enumerate(vectors)]}


@pytest.mark.parametrize(("dimensions", "added"), [(None, {}), (3, {"dimensions": 3})])
def test_what_is_sent(dimensions: int | None, added: dict[str, Any]) -> None:
    asked = EmbeddingRequest("m", ("a", "b"), dimensions)
    _, seen = embed(rows([1], [2]), asked=asked)
    body = {"model": "m", "input": ["a", "b"], "encoding_format": "float", **added}
    assert seen == [("/v1/embeddings", body)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            {**rows([1, 2], [3, 4.5]), "model": "m1", "usage": {"prompt_tokens": 5}},
            Embeddings(((1.0, 2.0), (3.0, 4.5)), "m1", 5),
        ),
        (
            {"data": [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]}]},
            Embeddings(((1.0,), (2.0,))),
        ),
        ({"data": [{"embedding": [1]}, {"embedding": [2]}]}, Embeddings(((1.0,), (2.0,)))),
    ],
)
def test_vectors_are_read_in_the_order_of_texts(content: Any, found: Embeddings) -> None:
    assert embed(content)[0] == found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (rows([1]), "1 usable vectors for 2 texts"),
        (rows([1], [2], [3]), "3 usable vectors for 2 texts"),
        (rows([1], []), "1 usable vectors for 2 texts"),
        (rows([1], ["x"]), "1 usable vectors for 2 texts"),
        (rows([1], [True]), "1 usable vectors for 2 texts"),
        (rows([1], [1e39]), "1 usable vectors for 2 texts"),
        (rows([1], "AAAA"), "1 usable vectors for 2 texts"),
        ({"data": [1, 2]}, "0 usable vectors for 2 texts"),
        ({"data": [{"index": 0, "embedding": [1]}] * 2}, "1 usable vectors for 2 texts"),
        ({"choices": []}, "sent no vectors"),
        ([1], "sent no JSON"),
    ],
)
def test_what_is_no_answer_may_be_tried_again(content: Any, said: str) -> None:
    error, _ = embed(content)
    assert isinstance(error, Transient)
    assert said in error.message
    assert error.status == 200


@pytest.mark.parametrize(
    ("status", "message", "kind", "fatal"),
    [
        (400, "input is too long", Permanent, None),
        (401, "no", Permanent, "ATK701"),
        (404, "The model `m` does not exist", Permanent, "ATK702"),
        (429, "slow down", Transient, None),
        (501, "no embeddings here", Transient, None),
    ],
)
def test_errors_are_those_of_completions(
    status: int, message: str, kind: type[CallError], fatal: str | None
) -> None:
    error, _ = embed({"error": {"message": message}}, status)
    assert type(error) is kind
    assert getattr(error, "fatal", None) == fatal
    assert message in error.message
