"""Talking to an endpoint as a run would, with all of the answer kept to look at."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from msgspec import Struct, field
from msgspec.structs import replace

from atkc.runtime.api import Reply, Request
from atkc.runtime.errors import CallError, Unreachable
from atkc.runtime.families import body, family_of
from atkc.runtime.modelspec import EndpointSpec
from atkc.runtime.transport.completion import read_error, read_reply
from atkc.runtime.transport.proxies import proxy_for, proxy_password, trust
from atkc.runtime.transport.secrets_kept import hidden

if TYPE_CHECKING:  # imported when something is sent
    import aiohttp

_LONGEST = 600.0  # seconds of a completion, where the spec does not say
_LOOK = 20.0  # seconds for whatever is no completion


class Answer(Struct, frozen=True):
    """An HTTP answer; status 0 and an error where there was none."""

    status: int
    content: bytes = b""
    error: str = ""

    def data(self) -> Any:
        """Return the JSON in it, None where there is none."""
        try:
            return orjson.loads(self.content)
        except ValueError:
            return None


class Heard(Struct, frozen=True):
    """What a completion brought: a reply, or an error; `message` as it was sent, where seen."""

    reply: Reply | None
    error: CallError | None
    seconds: float
    message: Mapping[str, Any] = field(default_factory=dict)


class Talk:
    """One endpoint, directly by HTTP, or by LiteLLM where it has an own protocol."""

    def __init__(self, endpoint: EndpointSpec) -> None:
        self.endpoint = endpoint
        self.direct = bool(endpoint.base_url)
        variable = endpoint.api_key_env
        self.key = os.environ.get(variable, "").strip() if variable else ""
        self._proxy = proxy_for(endpoint.base_url) if self.direct else None
        self._host = urlsplit(endpoint.base_url).hostname or ""

    @property
    def proxy(self) -> str | None:
        """Return the host of the proxy that leads there, None without one."""
        return urlsplit(self._proxy).hostname if self._proxy else None

    @property
    def root(self) -> str:
        """Return the address less `/v1`: there servers keep what is not OpenAI's protocol."""
        return self.endpoint.base_url.rstrip("/").removesuffix("/v1")

    async def get(self, path: str, *, with_key: bool = True) -> Answer:
        """Return the answer to a GET; `path` follows the address, or is a whole address."""
        url = path if "://" in path else self.endpoint.base_url.rstrip("/") + path
        return await self._send("GET", url, None, _LOOK, with_key=with_key)

    async def post(self, path: str, data: Mapping[str, Any]) -> Answer:
        """Return the answer to a POST."""
        url = self.endpoint.base_url.rstrip("/") + path
        return await self._send("POST", url, orjson.dumps(data), self.endpoint.timeout or _LONGEST)

    async def complete(self, request: Request) -> Heard:
        """Return what a completion brings; raises nothing that an endpoint can bring about."""
        begin = time.monotonic()
        if not self.direct:
            return await self._by_transport(request, begin)
        answer = await self.post(
            "/chat/completions", body(request, family_of(request.model, self._host))
        )
        seconds = time.monotonic() - begin
        try:
            return Heard(_read(answer), None, seconds, _message(answer.data()))
        except CallError as error:
            error.message = self._hidden(error.message)
            return Heard(None, error, seconds)

    async def _by_transport(self, request: Request, begin: float) -> Heard:
        from atkc.runtime.transport import open_transport

        timeout = self.endpoint.timeout or _LONGEST
        transport = open_transport(replace(self.endpoint, timeout=timeout), {})
        try:
            reply = await transport.complete(request)
            return Heard(reply, None, time.monotonic() - begin)
        except CallError as error:
            return Heard(None, error, time.monotonic() - begin)
        finally:
            await transport.close()

    async def _send(
        self, method: str, url: str, data: bytes | None, seconds: float, *, with_key: bool = True
    ) -> Answer:
        import aiohttp

        headers = {"Content-Type": "application/json"}
        if self.key and with_key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            async with (
                self._session(seconds) as session,
                session.request(
                    method, url, data=data, headers=headers, proxy=self._proxy,
                    allow_redirects=False,
                ) as response,
            ):  # fmt: skip
                return Answer(response.status, await response.read())
        except (aiohttp.ClientError, OSError, ValueError, CallError) as error:
            return Answer(0, error=self._hidden(f"{type(error).__name__}: {error}"))

    def _session(self, seconds: float) -> aiohttp.ClientSession:
        import aiohttp

        context = trust(self.endpoint.base_url)
        connector = aiohttp.TCPConnector(ssl=True if context is None else context)
        limits = aiohttp.ClientTimeout(total=seconds)
        return aiohttp.ClientSession(
            connector=connector, timeout=limits, cookie_jar=aiohttp.DummyCookieJar()
        )

    def _hidden(self, text: str) -> str:
        return hidden(text, self.key, proxy_password(self._proxy))


def _read(answer: Answer) -> Reply:
    if answer.status == 200:
        return read_reply(answer.content)
    if answer.status == 0:
        raise Unreachable(answer.error)
    raise read_error(answer.status, answer.content, None)


def _message(data: Any) -> Mapping[str, Any]:
    choices = data.get("choices") if isinstance(data, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    return message if isinstance(message, dict) else {}
