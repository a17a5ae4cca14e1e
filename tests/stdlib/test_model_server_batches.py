"""The model server's files and batches, as clients of OpenAI see them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import pytest

from atkc.runtime.api import Reply
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.serving import running

CHAT = "/v1/chat/completions"


def line(name: str, **changed: Any) -> dict[str, Any]:
    body = {"model": "m", "messages": [{"role": "user", "content": name}]}
    return {"custom_id": name, "method": "POST", "url": CHAT, "body": body, **changed}


class Client:
    """What a test does with a server."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def asked(self, method: str, path: str, **given: Any) -> tuple[int, Any]:
        async with self.session.request(method, self.url + path, **given) as response:
            return response.status, await response.json(content_type=None)

    async def upload(self, *lines: object, purpose: str = "batch") -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("purpose", purpose)
        content = "\n".join(json.dumps(one) for one in lines).encode()
        form.add_field("file", content, filename="lines.jsonl")
        return await self.asked("POST", "/files", data=form)

    async def create(self, *lines: object, **metadata: str) -> Any:
        _, file = await self.upload(*lines)
        asked = {"input_file_id": file["id"], "endpoint": CHAT, "completion_window": "24h"}
        status, batch = await self.asked("POST", "/batches", json={**asked, "metadata": metadata})
        assert status == 200
        return batch

    async def ended(self, number: str) -> Any:
        while True:
            _, batch = await self.asked("GET", f"/batches/{number}")
            if batch["status"] not in ("validating", "in_progress"):
                return batch

    async def lines(self, file: str) -> list[Any]:
        async with self.session.get(f"{self.url}/files/{file}/content") as response:
            return [json.loads(one) for one in (await response.read()).splitlines()]


def serve(test: Callable[[Client], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def go() -> None:
        app = make_app(lambda messages, _form, _seed: Reply(messages[-1]["content"]), **options)
        async with running(app) as url, aiohttp.ClientSession() as session:
            await test(Client(url, session))

    asyncio.run(asyncio.wait_for(go(), 20))


def test_a_batch_answers_each_line() -> None:
    async def test(client: Client) -> None:
        begun = await client.create(line("a"), line("b"), mine="name")
        batch = await client.ended(begun["id"])
        assert (batch["status"], batch["metadata"]) == ("completed", {"mine": "name"})
        assert batch["request_counts"] == {"total": 2, "completed": 2, "failed": 0}
        found = await client.lines(batch["output_file_id"])
        said = {f["custom_id"]: f["response"]["body"]["choices"][0]["message"] for f in found}
        assert {name: message["content"] for name, message in said.items()} == {"a": "a", "b": "b"}
        assert batch["error_file_id"] is None

    serve(test)


def test_bad_lines_stand_in_the_error_file() -> None:
    async def test(client: Client) -> None:
        hot = line("hot")
        hot["body"]["temperature"] = 9
        batch = await client.ended((await client.create(line("a"), hot))["id"])
        assert batch["request_counts"] == {"total": 2, "completed": 1, "failed": 1}
        (bad,) = await client.lines(batch["error_file_id"])
        assert (bad["custom_id"], bad["response"]["status_code"]) == ("hot", 400)
        assert bad["response"]["body"]["error"]["param"] == "temperature"

    serve(test)


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        pytest.param(Faults(hang=1.0), "expired", id="hang"),
        pytest.param(Faults(drop=1.0), "expired", id="drop"),
        pytest.param(Faults(rate500=1.0), "completed", id="500"),
        pytest.param(Faults(rate429=1.0), "completed", id="429"),
    ],
)
def test_lines_meet_the_faults_of_calls(faults: Faults, status: str) -> None:
    async def test(client: Client) -> None:
        batch = await client.ended((await client.create(line("a")))["id"])
        assert (batch["status"], batch["output_file_id"]) == (status, None)

    serve(test, faults=faults)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        pytest.param({"custom_id": "a"}, "invalid_json_line", id="no request"),
        pytest.param(line("a", url="/v1/embeddings"), "invalid_request", id="another endpoint"),
        pytest.param(line("good"), "invalid_request", id="a name twice"),
        pytest.param(line("a", body={"model": "x"}), "model_not_found", id="unknown model"),
    ],
)
def test_a_file_is_looked_at_before_anything_is_answered(bad: Any, code: str) -> None:
    async def test(client: Client) -> None:
        batch = await client.ended((await client.create(line("good"), bad))["id"])
        assert batch["status"] == "failed"
        assert [(e["code"], e["line"]) for e in batch["errors"]["data"]] == [(code, 2)]

    serve(test, models=("m",))


def test_batches_can_be_listed_and_cancelled() -> None:
    async def test(client: Client) -> None:
        numbers = [(await client.create(line("a")))["id"] for _ in range(3)]
        _, page = await client.asked("GET", "/batches")
        assert [b["id"] for b in page["data"]] == numbers[::-1]
        _, page = await client.asked("GET", "/batches", params={"after": numbers[1]})
        assert [b["id"] for b in page["data"]] == numbers[:1]
        _, batch = await client.asked("POST", f"/batches/{numbers[0]}/cancel")
        assert batch["status"] == "cancelled"
        assert (await client.ended(numbers[0]))["output_file_id"] is None

    serve(test, batch_delay=60.0)


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        pytest.param("GET", "/batches/none", {}, 404, id="no such batch"),
        pytest.param("POST", "/batches/none/cancel", {}, 404, id="no such batch to cancel"),
        pytest.param("GET", "/files/none/content", {}, 404, id="no such file"),
        pytest.param("POST", "/files", {"data": b"x"}, 400, id="no form"),
        pytest.param("POST", "/batches", {"json": {}}, 400, id="no endpoint"),
        pytest.param(
            "POST",
            "/batches",
            {"json": {"endpoint": CHAT, "completion_window": "24h", "input_file_id": "none"}},
            400,
            id="no input",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    method: str, path: str, given: dict[str, Any], status: int
) -> None:
    async def test(client: Client) -> None:
        told, body = await client.asked(method, path, **given)
        assert told == status
        assert body["error"]["message"]

    serve(test)


def test_a_file_needs_its_purpose_and_all_paths_the_key() -> None:
    async def purpose(client: Client) -> None:
        assert (await client.upload(line("a"), purpose="fine-tune"))[0] == 400

    async def key(client: Client) -> None:
        assert (await client.upload(line("a")))[0] == 401
        assert (await client.asked("GET", "/batches"))[0] == 401

    serve(purpose)
    serve(key, required_key="secret")
