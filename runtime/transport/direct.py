"""The way to every endpoint that speaks OpenAI's protocol: aiohttp, one session, no SDK.

This module imports aiohttp; it is itself imported when a first call needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
import orjson
from yarl import URL

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.errors import CallError, Permanent, Transient, Unreachable
from atkc.runtime.families import body, family_of
from atkc.runtime.hosts import is_loopback, normalised
from atkc.runtime.transport.broken import failure_of
from atkc.runtime.transport.completion import read_error, read_reply
from atkc.runtime.transport.embedding import embedding_body, read_embeddings
from atkc.runtime.transport.proxies import proxy_for, proxy_password, trust
from atkc.runtime.transport.quota import Quota, read_quota, wait_of
from atkc.runtime.transport.secrets_kept import Key, hidden

A = TypeVar("A", Reply, Embeddings)

_CONNECT = 30.0  # seconds
# Many servers close after 5 seconds; a connection must not be reused at that very moment.
_KEEP_ALIVE = 4.0
_JSON = {"Content-Type": "application/json"}


class DirectTransport:
    """Calls what lies under `base_url`; `connections` at most, each call within `timeout`.

    Without one it is who calls that ends it.
    """

    def __init__(
        self,
        base_url: str,
        api_key_env: str | None = None,
        *,
        timeout: float | None = 600.0,
        connections: int = 16,
    ) -> None:
        self._name = normalised(base_url)
        self._host = urlsplit(base_url).hostname or ""
        self._base_url = base_url
        self._completions = {
            "chat": URL(base_url.rstrip("/") + "/chat/completions"),
            "completion": URL(base_url.rstrip("/") + "/completions"),
        }
        self._embeddings = URL(base_url.rstrip("/") + "/embeddings")
        # A server on this machine that wants a key will say so; most want none.
        self._key = Key(api_key_env, needed=not is_loopback(base_url))
        self._timeout = timeout
        self._connections = connections
        self._proxy: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self.heard: Callable[[Quota], None] | None = None

    async def complete(self, request: Request) -> Reply:
        """Return the completion; raises Transient or Permanent, without the key in either."""
        data = body(request, family_of(request.model, self._host))
        return await self._asked(self._completions[request.mode], data, read_reply)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the vectors; raises as `complete` does."""

        def read(content: bytes) -> Embeddings:
            return read_embeddings(content, len(request.texts))

        return await self._asked(self._embeddings, embedding_body(request), read)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _asked(self, url: URL, data: object, read: Callable[[bytes], A]) -> A:
        key = self._key.read()
        session = self._session or self._open()
        headers = {**_JSON, "Authorization": f"Bearer {key}"} if key else _JSON
        # Raised outside of `except`: what aiohttp raises holds the headers, so nothing may hold it.
        answer = await self._post(session, url, _dump(data), headers, read)
        if isinstance(answer, CallError):
            raise self._discreet(answer, key)
        return answer

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
        self,
        session: aiohttp.ClientSession,
        url: URL,
        data: bytes,
        headers: dict[str, str],
        read: Callable[[bytes], A],
    ) -> A | CallError:
        try:
            async with session.post(
                url, data=data, headers=headers, proxy=self._proxy, allow_redirects=False
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._failure(error)
        if self.heard is not None:
            quota = read_quota(response.headers)
            if quota is not None:
                self.heard(quota)
        if response.status == 200:
            return _read(read, content)
        if response.status < 400:
            text = f"`{self._name}` sends elsewhere (status {response.status}), which is not done"
            return Permanent(text, status=response.status, fatal="ATK700")
        return read_error(response.status, content, wait_of(response.headers))

    def _failure(self, error: Exception) -> CallError:
        """Return what became of a call that brought no answer."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return Unreachable(f"no connection to `{self._name}` within {_CONNECT:g} s")
        if isinstance(error, TimeoutError):
            return Transient(f"no reply of `{self._name}` within {self._timeout or 0:g} s")
        return failure_of(error, self._name)

    def _discreet(self, error: CallError, key: str) -> CallError:
        """Return the exception, its text less all secrets; an endpoint may echo what it got."""
        error.message = hidden(error.message, key, proxy_password(self._proxy))
        error.args = (error.message,)
        return error


def _read(read: Callable[[bytes], A], content: bytes) -> A | CallError:
    try:
        return read(content)
    except CallError as error:
        return error


def _dump(data: object) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError as error:
        refusal = str(error)
    raise Permanent(f"the request cannot be written as JSON: {refusal}")
