"""The way to every endpoint that speaks OpenAI's protocol: aiohttp, one session, no SDK.

This module imports aiohttp; it is itself imported when a first call needs it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
import orjson
from yarl import URL

from atkc.runtime.api import Reply, Request
from atkc.runtime.errors import CallError, Permanent, Transient, Unreachable
from atkc.runtime.families import body, family_of
from atkc.runtime.hosts import is_loopback, normalised
from atkc.runtime.transport.completion import read_error, read_reply
from atkc.runtime.transport.proxies import proxy_for, proxy_password, trust
from atkc.runtime.transport.secrets_kept import Key, hidden
from atkc.runtime.transport.statuses import seconds

_CONNECT = 30.0  # seconds
# Many servers close after 5 seconds; a connection must not be reused at that very moment.
_KEEP_ALIVE = 4.0
_JSON = {"Content-Type": "application/json"}


class DirectTransport:
    """Calls `base_url`/chat/completions, or /completions for plain prompts.

    There are `connections` at most, and each call ends within `timeout`.
    """

    def __init__(
        self,
        base_url: str,
        api_key_env: str | None = None,
        *,
        timeout: float = 600.0,
        connections: int = 16,
    ) -> None:
        self._name = normalised(base_url)
        self._host = urlsplit(base_url).hostname or ""
        self._base_url = base_url
        paths = {"chat": "/chat/completions", "completion": "/completions"}
        self._urls = {mode: URL(base_url.rstrip("/") + path) for mode, path in paths.items()}
        # A server on this machine that wants a key will say so; most want none.
        self._key = Key(api_key_env, needed=not is_loopback(base_url))
        self._timeout = timeout
        self._connections = connections
        self._proxy: str | None = None
        self._session: aiohttp.ClientSession | None = None

    async def complete(self, request: Request) -> Reply:
        """Return the completion; raises Transient or Permanent, without the key in either."""
        key = self._key.read()
        session = self._session or self._open()
        headers = {**_JSON, "Authorization": f"Bearer {key}"} if key else _JSON
        data = _dump(body(request, family_of(request.model, self._host)))
        # Raised outside of `except`: what aiohttp raises holds the headers, so nothing may hold it.
        answer = await self._post(session, self._urls[request.mode], data, headers)
        if isinstance(answer, Reply):
            return answer
        raise self._discreet(answer, key)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        context = trust(self._base_url)
        self._proxy = proxy_for(self._base_url)
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            keepalive_timeout=_KEEP_ALIVE,
            ssl=True if context is None else context,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=_CONNECT),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session

    async def _post(
        self, session: aiohttp.ClientSession, url: URL, data: bytes, headers: dict[str, str]
    ) -> Reply | CallError:
        try:
            async with session.post(
                url, data=data, headers=headers, proxy=self._proxy, allow_redirects=False
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._failure(error)
        if response.status == 200:
            return _reply(content)
        if response.status < 400:
            text = f"`{self._name}` sends elsewhere (status {response.status}), which is not done"
            return Permanent(text, status=response.status, fatal="ATK700")
        return read_error(response.status, content, seconds(response.headers.get("Retry-After")))

    def _failure(self, error: Exception) -> CallError:
        """Return what became of a call that brought no answer."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return Unreachable(f"no connection to `{self._name}` within {_CONNECT:g} s")
        if isinstance(error, TimeoutError):
            return Transient(f"no reply of `{self._name}` within {self._timeout:g} s")
        if isinstance(error, aiohttp.InvalidURL):
            return Permanent(f"`{self._name}` is no address", fatal="ATK700")
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return Permanent(f"the certificate of `{self._name}`: {error}", fatal="ATK700")
        if isinstance(error, aiohttp.ClientConnectorError):
            return Unreachable(f"no connection to `{self._name}`: {error.strerror or error}")
        return Transient(f"the connection to `{self._name}` broke: {type(error).__name__}: {error}")

    def _discreet(self, error: CallError, key: str) -> CallError:
        """Return the exception, its text less all secrets; an endpoint may echo what it got."""
        error.message = hidden(error.message, key, proxy_password(self._proxy))
        error.args = (error.message,)
        return error


def _reply(content: bytes) -> Reply | CallError:
    try:
        return read_reply(content)
    except CallError as error:
        return error


def _dump(data: object) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError as error:
        refusal = str(error)
    raise Permanent(f"the request cannot be written as JSON: {refusal}")
