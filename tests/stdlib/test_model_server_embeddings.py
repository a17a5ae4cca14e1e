"""The model server's embeddings: the protocol as OpenAI speaks it, faults, counts."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import aiohttp
import pytest

from atkc.runtime.api import Embeddings, Reply
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.serving import running

ASKED = {"model": "m", "input": ["a", "bb"]}
Ask = Callable[..., Coroutine[Any, Any, tuple[int, Any]]]


def lengths(texts: Sequence[str], dimensions: int | None) -> Embeddings:
    vectors = tuple((float(len(text)),) * (dimensions or 2) for text in texts)
    return Embeddings(vectors, "m", sum(map(len, texts)))


def serve(test: Callable[[Ask], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def go() -> None:
        app = make_app(lambda *_: Reply(""), **{"embed": lengths, **options})
        async with running(app) as url, aiohttp.ClientSession() as session:

            async def ask(body: Any = None, path: str = "/embeddings") -> tuple[int, Any]:
                address = url.removesuffix("/v1") + path if path == "/stats" else url + path
                method = session.get(address) if body is None else session.post(address, json=body)
                async with method as response:
                    return response.status, await response.json()

            await test(ask)

    asyncio.run(asyncio.wait_for(go(), 20))


def test_each_text_has_a_vector_at_its_index() -> None:
    async def test(ask: Ask) -> None:
        status, body = await ask(ASKED)
        assert status == 200
        assert body == {
            "object": "list",
            "model": "m",
            "data": [
                {"object": "embedding", "index": 0, "embedding": [1.0, 1.0]},
                {"object": "embedding", "index": 1, "embedding": [2.0, 2.0]},
            ],
            "usage": {"prompt_tokens": 3, "total_tokens": 3},
        }
        _, alone = await ask({"model": "m", "input": "abc", "dimensions": 1})
        assert [row["embedding"] for row in alone["data"]] == [[3.0]]
        _, told = await ask(path="/stats")
        assert (told["requests"], told["embeddings"], told["embedded"]) == (2, 2, 3)

    serve(test)


def test_base64_holds_32_bit_floats() -> None:
    async def test(ask: Ask) -> None:
        _, body = await ask({**ASKED, "encoding_format": "base64"})
        packed = base64.b64decode(body["data"][1]["embedding"])
        assert struct.unpack("<2f", packed) == (2.0, 2.0)

    serve(test)


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"input": []}, "input"),
        ({"input": ""}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"input": [1, 2]}, "input"),
        ({"input": None}, "input"),
        ({"model": ""}, "model"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": True}, "dimensions"),
        ({"encoding_format": "int8"}, "encoding_format"),
    ],
)
def test_a_request_that_the_protocol_does_not_allow(changed: dict[str, Any], param: str) -> None:
    async def test(ask: Ask) -> None:
        status, body = await ask({**ASKED, **changed})
        assert (status, body["error"]["param"]) == (400, param)

    serve(test)


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"models": ("other",)}, 404, "model_not_found"),
        ({"required_key": "k"}, 401, "invalid_api_key"),
        ({"embed": None}, 501, None),
        ({"faults": Faults(rate500=1)}, 500, None),
        ({"faults": Faults(rate429=1)}, 429, None),
    ],
)
def test_refusals(options: dict[str, Any], status: int, code: str | None) -> None:
    async def test(ask: Ask) -> None:
        found, body = await ask(ASKED)
        assert (found, body["error"]["code"]) == (status, code)

    serve(test, **options)


@pytest.mark.parametrize("fault", ["cutoff", "nonsense"])
def test_a_spoiled_answer_lacks_half_of_the_vectors(fault: str) -> None:
    async def test(ask: Ask) -> None:
        status, body = await ask(ASKED)
        assert (status, len(body["data"])) == (200, 1)

    serve(test, faults=Faults(**{fault: 1.0}))
