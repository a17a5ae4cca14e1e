"""The ways to a model: what is sent, what every answer becomes, what never leaks."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import ssl
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from atkc.compiler.plan import Endpoint, Model
from atkc.runtime.api import Reply, Request
from atkc.runtime.errors import CallError, Permanent, Transient, Unreachable
from atkc.runtime.families import FAMILIES, Family, body, family_of
from atkc.runtime.keys import canonical
from atkc.runtime.modelspec import EndpointSpec, resolve
from atkc.runtime.transport import open_transport, route
from atkc.runtime.transport.direct import DirectTransport
from atkc.runtime.transport.litellm_route import LiteLLMTransport, price, price_per_million
from atkc.runtime.transport.proxies import proxy_for
from atkc.runtime.transport.secrets_kept import Key
from atkc.runtime.transport.statuses import seconds
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.serving import running

SECRET = "sk-very-secret-4711"
ASKED = Request(
    "m", ({"role": "user", "content": "What is a keel?"},), {"temperature": 0.5}, None, 7
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("TEST_KEY", SECRET)


def run(test: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(test, 60))


def application(handler: Handler) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    return app


def ask(app: web.Application, request: Request = ASKED, **options: Any) -> Reply | CallError:
    """Return what one call to an application comes to."""

    async def go() -> Reply | CallError:
        async with running(app) as url:
            transport = DirectTransport(url, "TEST_KEY", **options)
            try:
                return await transport.complete(request)
            except CallError as error:
                return error
            finally:
                await transport.close()

    answer: Reply | CallError = run(go())
    return answer


def answering(content: Any, status: int = 200, **headers: str) -> web.Application:
    async def handler(_request: web.Request) -> web.Response:
        if isinstance(content, bytes):
            return web.Response(body=content, status=status, headers=headers)
        return web.json_response(content, status=status, headers=headers)

    return application(handler)


def choice(message: Any, finish: Any = "stop", **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish}], **more}


USAGE = {"prompt_tokens": 3, "completion_tokens": 4}


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (choice({"content": "a"}, model="m1", usage=USAGE), Reply("a", "stop", "m1", 3, 4)),
        (choice({"content": "a"}, "length"), Reply("a", "length")),
        (choice({"content": "a"}, None), Reply("a")),
        (choice({"content": None}), Reply("")),
        (choice({"content": None, "refusal": "no"}), Reply("no", "refusal")),
        (choice({"content": "I w", "refusal": "no"}), Reply("I w", "refusal")),
        (choice({"content": None}, "content_filter"), Reply("", "content_filter")),
        (choice({"content": "a"}, "SAFETY"), Reply("a", "content_filter")),
        (choice({"content": "a"}, "model_length"), Reply("a", "length")),
        (choice({"content": "a"}, "eos_token"), Reply("a")),
        (choice({"content": "a"}, "tool_calls"), Reply("a", "tool_calls")),
        (
            choice({"content": [{"type": "thinking", "text": "hm"}, {"text": "b"}]}),
            Reply("b"),
        ),
        (choice({"content": None, "reasoning_content": "hm"}, "length"), Reply("", "length")),
        (choice({"content": [{"type": "text", "text": "a"}, {"text": "b"}]}), Reply("ab")),
        (choice({"content": "a", "reasoning_content": "hm", "reasoning": "hm"}), Reply("a")),
        (choice({"content": "a"}, usage=None), Reply("a")),
        (b'{"choices":[{"message":{"content":"a\\ud800b"}}]}', Reply("a\ufffdb")),
    ],
)
def test_a_reply_is_read(content: Any, reply: Reply) -> None:
    assert ask(answering(content)) == reply


PAGE = b"<!doctype html><html><body>502 Bad Gateway</body></html>"


def error(message: str = "bad", code: Any = None, kind: str = "x") -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": kind}}


ANSWERS: list[tuple[Any, int, type[CallError], str | None]] = [
    (error(), 400, Permanent, None),
    (error("context too long", "context_length_exceeded"), 400, Permanent, None),
    (error("no such model", "model_not_found"), 400, Permanent, "ATK702"),
    (error(), 401, Permanent, "ATK701"),
    (error("no credit"), 402, Permanent, "ATK701"),
    (error(), 403, Permanent, "ATK701"),
    (error("what?"), 404, Permanent, None),
    (error("The model `x` does not exist"), 404, Permanent, "ATK702"),
    ({"object": "error", "message": "The model `x` does not exist."}, 404, Permanent, "ATK702"),
    (error(code="model_not_found"), 404, Permanent, "ATK702"),
    (b"404 page not found", 404, Permanent, "ATK700"),
    ({"detail": "Not Found"}, 404, Permanent, "ATK700"),
    (error(), 408, Transient, None),
    (error(), 409, Transient, None),
    (error(), 413, Permanent, None),
    (error(), 422, Permanent, None),
    ({"detail": [{"loc": ["body"]}]}, 422, Permanent, None),
    (error(), 429, Transient, None),
    (error(code="insufficient_quota"), 429, Permanent, "ATK701"),
    (error(), 500, Transient, None),
    (PAGE, 502, Transient, None),
    (error(), 503, Transient, None),
    (b"", 504, Transient, None),
    (b"", 307, Permanent, "ATK700"),
    (PAGE, 200, Transient, None),
    (b"", 200, Transient, None),
    (b'{"choices":[{"message":{"cont', 200, Transient, None),
    (b"[1]", 200, Transient, None),
    ({"choices": []}, 200, Transient, None),
    (choice({"content": "half"}, "error"), 200, Transient, None),
    (choice({"content": "half"}, "abort"), 200, Transient, None),
    (error(code=429), 200, Transient, None),
    (error(code=401), 200, Permanent, "ATK701"),
]


@pytest.mark.parametrize(
    ("content", "status", "kind", "fatal"),
    ANSWERS,
    ids=[f"{n}-{a[1]}" for n, a in enumerate(ANSWERS)],
)
def test_every_answer_has_its_meaning(
    content: Any, status: int, kind: type[CallError], fatal: str | None
) -> None:
    answer = ask(answering(content, status, Location="http://elsewhere.example/"))
    assert type(answer) is kind
    assert isinstance(answer, CallError)
    assert answer.status in (status, 401, 429)
    assert getattr(answer, "fatal", None) == fatal


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, expected: float | None) -> None:
    assert seconds(header, datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)) == expected


def test_a_429_carries_its_retry_after() -> None:
    answer = ask(answering(error(), 429, **{"Retry-After": "7"}))
    assert isinstance(answer, Transient)
    assert answer.retry_after == 7


def test_a_dropped_connection_is_transient() -> None:
    answer = ask(make_app(lambda *_: Reply("x"), Faults(drop=1)))
    assert type(answer) is Transient


def test_a_call_that_takes_too_long_is_cancelled_for_real() -> None:
    gone = asyncio.Event()

    async def handler(_request: web.Request) -> web.Response:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            gone.set()
            raise
        return web.Response()

    async def go() -> None:
        async with running(application(handler)) as url:
            transport = DirectTransport(url, timeout=0.2)
            with pytest.raises(Transient):
                await transport.complete(ASKED)
            await asyncio.wait_for(gone.wait(), 5)
            await transport.close()

    run(go())


def test_a_refused_connection_is_unreachable() -> None:
    async def go() -> None:
        async with running(application(_never)) as url:
            pass
        transport = DirectTransport(url, "TEST_KEY")
        with pytest.raises(Unreachable) as caught:
            await transport.complete(ASKED)
        await transport.close()
        assert SECRET not in everything(caught.value)

    run(go())


async def _never(_request: web.Request) -> web.Response:
    raise AssertionError


@pytest.mark.parametrize("needed", [True, False])
def test_a_key_that_is_not_set_is_missed_only_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch, needed: bool
) -> None:
    monkeypatch.delenv("TEST_KEY", raising=False)
    key = Key("TEST_KEY", needed)
    if not needed:
        assert key.read() == ""
        return
    with pytest.raises(Permanent) as caught:
        key.read()
    assert caught.value.fatal == "ATK701"


@pytest.mark.parametrize("key", ["a\nb", "schlüssel"])
def test_without_a_usable_key_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("TEST_KEY", key)
    answer = ask(application(_never))
    assert isinstance(answer, Permanent)
    assert answer.fatal == "ATK701"
    assert "TEST_KEY" in answer.message
    assert key not in answer.message


def everything(error: BaseException) -> str:
    """Return all that an exception and those behind it could print."""
    texts = [repr(error), str(error), *traceback.format_exception(error)]
    for behind in (error.__cause__, error.__context__):
        if behind is not None:
            texts += [everything(behind), repr(vars(behind))]
    return "\n".join(texts)


ECHO = f"Incorrect API key provided: {SECRET}".encode()


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500])
@pytest.mark.parametrize("content", [ECHO, error(ECHO.decode()), {"detail": ECHO.decode()}])
def test_no_exception_holds_the_key(status: int, content: Any) -> None:
    answer = ask(answering(content, status, Location=f"http://x/{SECRET}"))
    assert isinstance(answer, CallError)
    assert SECRET not in everything(answer)


@pytest.mark.parametrize("faults", [Faults(drop=1), Faults(hang=1)])
def test_no_broken_connection_shows_the_key(faults: Faults) -> None:
    answer = ask(make_app(lambda *_: Reply("x"), faults), timeout=0.3)
    assert isinstance(answer, Transient)
    assert SECRET not in everything(answer)


def test_what_is_sent() -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(path=request.path, body=await request.json(), headers=dict(request.headers))
        return web.json_response(choice({"content": "a"}))

    form = {"type": "json_object"}
    ask(application(handler), Request("org/m", ASKED.messages, {"max_tokens": 5}, form, 7))
    assert seen["path"] == "/v1/chat/completions"
    assert seen["headers"]["Authorization"] == f"Bearer {SECRET}"
    assert seen["headers"]["Content-Type"] == "application/json"
    assert seen["body"] == {
        "model": "org/m",
        "messages": list(ASKED.messages),
        "max_tokens": 5,
        "seed": 7,
        "response_format": form,
    }


SAMPLING = {"temperature": 0.5, "top_p": 1, "max_tokens": 9, "stop": ["x"], "logprobs": True}


@pytest.mark.parametrize(
    ("model", "host", "family", "sent"),
    [
        ("gpt-4o-mini", "", "plain", {**SAMPLING, "seed": 7}),
        ("o3-mini", "", "openai-reasoning", {"max_completion_tokens": 9, "stop": ["x"], "seed": 7}),
        (
            "openai/o1",
            "",
            "openai-reasoning",
            {"max_completion_tokens": 9, "stop": ["x"], "seed": 7},
        ),
        (
            "gpt-5-nano",
            "",
            "openai-reasoning",
            {"max_completion_tokens": 9, "stop": ["x"], "seed": 7},
        ),
        ("gpt-5.1", "", "openai-reasoning", {"max_completion_tokens": 9, "stop": ["x"], "seed": 7}),
        (
            "gpt-5-chat-latest",
            "",
            "openai-chat",
            {
                "temperature": 0.5,
                "top_p": 1,
                "max_completion_tokens": 9,
                "stop": ["x"],
                "logprobs": True,
                "seed": 7,
            },
        ),
        (
            "grok-4",
            "",
            "grok-reasoning",
            {"temperature": 0.5, "top_p": 1, "max_tokens": 9, "logprobs": True, "seed": 7},
        ),
        ("grok-4-fast-non-reasoning", "", "plain", {**SAMPLING, "seed": 7}),
        ("olmo-2", "", "plain", {**SAMPLING, "seed": 7}),
        ("gpt-50", "", "plain", {**SAMPLING, "seed": 7}),
        ("open-mistral-7b", "api.mistral.ai", "mistral", {**SAMPLING, "random_seed": 7}),
    ],
)
def test_a_family_renames_and_refuses(model: str, host: str, family: str, sent: Any) -> None:
    found = family_of(model, host)
    assert found.name == family
    request = Request(model, ASKED.messages, SAMPLING, None, 7)
    assert body(request, found) == {"model": model, "messages": ASKED.messages, **sent}


VALUES = {"max_tokens": 9, "max_completion_tokens": 8, "temperature": 1, "seed": 5, "stop": "x",
          "random_seed": 4}  # fmt: skip
SUBSETS = [
    dict(zip(names, values, strict=True))
    for size in range(len(VALUES) + 1)
    for names in itertools.combinations(VALUES, size)
    for values in ([VALUES[n] for n in names], [f"other {n}" for n in names])
]


@pytest.mark.parametrize("mode", ["chat", "completion"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_requests_that_differ_in_what_is_sent_share_no_key(family: Family, mode: str) -> None:
    """The key holds what `sent` returns, in whatever order it was given."""
    told: dict[bytes, bytes] = {}
    for given in SUBSETS:
        for sampling in (given, dict(reversed(given.items()))):
            request = Request("m", ASKED.messages, sampling, None, 7, mode)
            said = canonical(body(request, family))
            kept = family.sent(sampling)
            assert family.sent(kept) == kept
            assert told.setdefault(canonical(kept), said) == said


@pytest.mark.parametrize(
    ("model", "host", "kept"),
    [
        ("o3", "", {"max_tokens": 9, "stop": "x", "seed": 5}),
        ("olmo-2", "", {"max_tokens": 9, "temperature": 1, "stop": "x", "seed": 5}),
        ("small", "api.mistral.ai", {"max_tokens": 9, "temperature": 1, "stop": "x", "seed": 5}),
    ],
)
def test_a_key_holds_what_reaches_the_model_under_its_given_name(
    model: str, host: str, kept: dict[str, Any]
) -> None:
    given = {"max_tokens": 9, "temperature": 1, "stop": "x", "seed": 5}
    assert family_of(model, host).sent(given) == kept


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_names_for_one_parameter_the_own_one_counts(order: int) -> None:
    sampling = dict([("max_tokens", 9), ("max_completion_tokens", 8)][::order])
    told = body(Request("o3", ASKED.messages, sampling, None, 7), family_of("o3"))
    assert told["max_completion_tokens"] == 8


def test_our_seed_is_the_one_that_is_sent() -> None:
    request = Request("m", ASKED.messages, {"seed": 1, "random_seed": 2}, None, 7)
    assert body(request, family_of("m", "api.mistral.ai"))["random_seed"] == 7
    assert body(request, family_of("m"))["seed"] == 7


@pytest.mark.parametrize(
    ("model", "api_base", "family"),
    [
        ("openai/o3", "", "openai-reasoning"),
        ("o3", "http://127.0.0.1:9/v1", "openai-reasoning"),
        ("openai/small", "https://api.mistral.ai/v1", "mistral"),
        ("openai/small", "https://other.example/v1", "plain"),
        ("azure/o3", "", "plain"),  # LiteLLM decides what it sends
        ("atkc/extractive", "", "plain"),
    ],
)
def test_a_model_of_a_plan_knows_its_family(model: str, api_base: str, family: str) -> None:
    plan = {"m": Model(model=model, endpoint=Endpoint(api_base=api_base))}
    assert resolve("m", plan).family.name == family


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://127.0.0.1:1/v1", None),
        ("http://localhost/v1", None),
        ("http://[::1]:8/v1", None),
        ("https://api.example.com/v1", "http://tls:1"),
        ("http://api.example.com/v1", "http://plain:2"),
        ("https://free.example.org/v1", None),
        ("https://free.example.org:8443/v1", None),
    ],
)
def test_proxies_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://tls:1")
    monkeypatch.setenv("HTTP_PROXY", "plain:2")
    monkeypatch.setenv("NO_PROXY", "free.example.org")
    assert proxy_for(url) == proxy


def test_a_call_to_this_machine_goes_past_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert ask(make_app(lambda *_: Reply("here"))) == Reply("here", "stop", "m", 4, 1)


def test_a_call_elsewhere_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((str(request.url.host), request.headers.get("Proxy-Authorization", "")[:5]))
        return web.json_response(choice({"content": "by proxy"}))

    async def go() -> Reply:
        async with running(application(handler)) as url:
            monkeypatch.setenv(
                "HTTP_PROXY", url.replace("://", "://me:hunter22@").removesuffix("/v1")
            )
            transport = DirectTransport("http://models.example/v1")
            reply = await transport.complete(ASKED)
            await transport.close()
            return reply

    assert run(go()) == Reply("by proxy")
    assert seen == [("models.example", "Basic")]


def test_a_proxy_that_is_down_does_not_show_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:hunter22@127.0.0.1:9")

    async def go() -> None:
        transport = DirectTransport("http://models.example/v1")
        with pytest.raises(Unreachable) as caught:
            await transport.complete(ASKED)
        await transport.close()
        assert "hunter22" not in everything(caught.value)

    run(go())


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
@pytest.mark.parametrize("trusted", [True, False])
def test_ssl_cert_file_says_whom_to_trust(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trusted: bool
) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    options = ("-nodes", "-days", "2", "-subj", "/CN=localhost", "-newkey", "rsa:2048")
    names = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert))
    command = ["openssl", "req", "-x509", *options, *names]
    subprocess.run(command, check=True, capture_output=True)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))

    async def go() -> Reply | CallError:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        runner = web.AppRunner(make_app(lambda *_: Reply("safe")))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        transport = DirectTransport(f"https://127.0.0.1:{runner.addresses[0][1]}/v1")
        try:
            return await transport.complete(ASKED)
        except CallError as error:
            return error
        finally:
            await transport.close()
            await runner.cleanup()

    answer = run(go())
    if trusted:
        assert answer.text == "safe"
    else:
        assert (type(answer), answer.fatal) == (Permanent, "ATK700")


def test_a_missing_ssl_cert_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))

    async def go() -> None:
        with pytest.raises(Permanent, match="SSL_CERT_FILE") as caught:
            await DirectTransport("https://127.0.0.1:1/v1").complete(ASKED)
        assert caught.value.fatal == "ATK700"

    run(go())


class Handed:
    """A transport from outside."""

    async def complete(self, request: Request) -> Reply:
        return Reply(request.model)

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("endpoint", "way"),
    [
        (EndpointSpec("atkc"), "handed"),
        (EndpointSpec("atkc", "http://127.0.0.1:1/v1"), "handed"),
        (EndpointSpec("openai", "https://api.openai.com/v1"), "direct"),
        (EndpointSpec("anthropic"), "litellm"),
    ],
)
def test_the_way_to_a_model(endpoint: EndpointSpec, way: str) -> None:
    kinds = {"handed": Handed, "direct": DirectTransport, "litellm": LiteLLMTransport}
    assert route(endpoint, {"atkc": Handed}) == way
    assert type(open_transport(endpoint, {"atkc": Handed})) is kinds[way]


def test_prices_are_known_without_importing_litellm() -> None:
    per_token = price("openai/gpt-4o-mini")
    assert per_token is not None
    assert 0 < per_token[0] < per_token[1] < 1e-3
    per_million = price_per_million("gpt-4o-mini")
    assert per_million == (per_token[0] * 1e6, per_token[1] * 1e6)
    assert price("openai/no-such-model") is None
    code = (
        "import sys; from atkc.runtime.transport.litellm_route import price;"
        "price('gpt-4o'); print('litellm' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "False"


LITELLM = """
import asyncio, gc, os, sys, warnings
from aiohttp import web
from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.errors import CallError
from atkc.runtime.transport.litellm_route import LiteLLMTransport
from atkc.stdlib.model_server.app import make_app
from atkc.stdlib.model_server.faults import Faults
from atkc.stdlib.model_server.serving import running

os.environ["TEST_KEY"] = "right-key"
asked = Request("m", ({"role": "user", "content": "hello"},), {"temperature": 0.5}, None, 7)

def complete(messages, form, seed):
    return Reply(f"{seed} {messages[-1]['content']}")

def embed(texts, dimensions):
    return Embeddings(tuple((float(len(text)), float(dimensions or 0)) for text in texts), "m", 7)

async def one(name, **options):
    models = options.pop("models", ())
    faults = options.pop("faults", None)
    given = {"models": models, "required_key": "right-key", "embed": embed}
    async with running(make_app(complete, faults, **given)) as url:
        os.environ["TEST_KEY"] = options.pop("key", "right-key")
        embeds = options.pop("embeds", None)
        transport = LiteLLMTransport("hosted_vllm", "TEST_KEY", base_url=url, **options)
        try:
            if embeds:
                found = await transport.embed(embeds)
                print(name, found.vectors, found.prompt_tokens, sep="|")
            else:
                reply = await transport.complete(asked)
                print(name, reply.text, reply.finish_reason, reply.prompt_tokens, sep="|")
        except CallError as error:
            leak = "LEAK" if "wrong-key" in repr(error) else "safe"
            fatal, after = getattr(error, "fatal", "-"), getattr(error, "retry_after", "-")
            print(name, type(error).__name__, error.status, fatal, after, leak, sep="|")
        await transport.close()

async def main():
    await one("good")
    await one("cut", faults=Faults(cutoff=1))
    await one("busy", faults=Faults(rate429=1, retry_after=3))
    await one("broken", faults=Faults(rate500=1))
    await one("dropped", faults=Faults(drop=1))
    await one("slow", faults=Faults(hang=1), timeout=0.5)
    await one("key", key="wrong-key")
    await one("model", models=("other",))
    await one("vectors", embeds=EmbeddingRequest("m", ("a", "bb")))
    await one("vectors-broken", embeds=EmbeddingRequest("m", ("a",)), faults=Faults(rate500=1))
    await one("vectors-key", embeds=EmbeddingRequest("m", ("a",)), key="wrong-key")
    await one("vectors-few", embeds=EmbeddingRequest("m", ("a", "b")), faults=Faults(cutoff=1))
    # The import is looked through by no collection; no reply is copied to black it out.
    blacked = sys.modules["litellm"].turn_off_message_logging
    print("import", gc.isenabled(), gc.get_freeze_count() > 100_000, blacked, sep="|")

asyncio.run(main())
"""


def test_litellm_goes_all_other_ways() -> None:
    """One process for all: importing LiteLLM takes seconds."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LITELLM],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=120,
        env={**os.environ, "NO_PROXY": "*"},
    )
    lines = [line.split("|") for line in done.stdout.splitlines() if "|" in line]
    told = {name: tuple(rest) for name, *rest in lines}
    assert told == {
        "good": ("7 hello", "stop", "2"),
        "cut": ("7 h", "length", "2"),
        "busy": ("Transient", "429", "-", "3.0", "safe"),
        "broken": ("Transient", "500", "-", "None", "safe"),
        "dropped": ("Transient", "500", "-", "None", "safe"),
        "slow": ("Transient", "408", "-", "None", "safe"),
        "key": ("Permanent", "401", "ATK701", "-", "safe"),
        "model": ("Permanent", "404", "ATK702", "-", "safe"),
        "vectors": ("((1.0, 0.0), (2.0, 0.0))", "7"),
        "vectors-broken": ("Transient", "500", "-", "None", "safe"),
        "vectors-key": ("Permanent", "401", "ATK701", "-", "safe"),
        "vectors-few": ("Transient", "200", "-", "None", "safe"),
        "import": ("True", "True", "False"),
    }, done.stderr
    assert "Unclosed" not in done.stderr
