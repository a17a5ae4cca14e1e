"""Files and batches of an endpoint that speaks OpenAI's protocol.

This module imports aiohttp; it is itself imported when a first batch needs it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
import orjson

from atkc.runtime.batch.api import NAMED, PATHS, Remote, read_remote
from atkc.runtime.errors import CallError, Transient
from atkc.runtime.hosts import is_loopback, normalised
from atkc.runtime.transport.broken import failure_of
from atkc.runtime.transport.completion import read_error, read_object
from atkc.runtime.transport.proxies import proxy_for, proxy_password, trust
from atkc.runtime.transport.quota import wait_of
from atkc.runtime.transport.secrets_kept import Key, hidden

_CONNECT = 30.0  # seconds
_PAGES = 50  # of a list of batches, 100 each: where an older one is looked for
_BLOCK = 1 << 20  # bytes


class DirectBatches:
    """Uses what lies under `base_url`; an answer may be silent for `timeout` seconds at most."""

    def __init__(
        self, base_url: str, api_key_env: str | None = None, *, timeout: float = 600.0
    ) -> None:
        self._name = normalised(base_url)
        self._base = base_url.rstrip("/")
        self._key = Key(api_key_env, needed=not is_loopback(base_url))
        self._timeout = timeout
        self._proxy: str | None = None
        self._session: aiohttp.ClientSession | None = None

    async def upload(self, path: Path) -> str:
        """Return the provider's name of an uploaded file; raises Transient or Permanent."""
        with path.open("rb") as file:
            form = aiohttp.FormData()
            form.add_field("purpose", "batch")
            form.add_field("file", file, filename=path.name, content_type="application/jsonl")
            told = await self._asked("POST", "/files", data=form)
        return str(told.get("id") or "")

    async def create(self, file: str, mode: str, model: str, name: str) -> Remote:  # noqa: ARG002  # others name the model
        """Begin a batch."""
        body = {
            "input_file_id": file,
            "endpoint": PATHS[mode],
            "completion_window": "24h",
            "metadata": {NAMED: name},
        }
        return read_remote(await self._asked("POST", "/batches", json=body))

    async def retrieve(self, batch: str) -> Remote:
        """Return a batch as it stands."""
        return read_remote(await self._asked("GET", f"/batches/{batch}"))

    async def cancel(self, batch: str) -> Remote:
        """Ask for the end of a batch."""
        return read_remote(await self._asked("POST", f"/batches/{batch}/cancel"))

    async def find(self, name: str) -> Remote | None:
        """Return the batch that carries a name."""
        after: str | None = None
        for _ in range(_PAGES):
            asked = {"limit": "100", **({"after": after} if after else {})}
            told = await self._asked("GET", "/batches", params=asked)
            page = told.get("data") or []
            for item in page:
                if (item.get("metadata") or {}).get(NAMED) == name:
                    return read_remote(item)
            if not told.get("has_more") or not page:
                break
            after = page[-1]["id"]
        return None

    async def download(self, file: str, into: BinaryIO) -> None:
        """Append a file of answers to a file of ours."""
        async with self._answer("GET", f"/files/{file}/content") as response:
            async for block in response.content.iter_chunked(_BLOCK):
                into.write(block)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _asked(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        async with self._answer(method, path, **given) as response:
            return read_object(await response.read())

    @asynccontextmanager
    async def _answer(
        self, method: str, path: str, **given: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield a good answer; raises Transient or Permanent, without the key in either."""
        key = self._key.read()
        session = self._session or self._open()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if "json" in given:
            given["data"] = orjson.dumps(given.pop("json"))
            headers["Content-Type"] = "application/json"
        failure: CallError
        try:
            async with session.request(
                method,
                self._base + path,
                headers=headers,
                proxy=self._proxy,
                allow_redirects=False,
                **given,
            ) as response:
                if response.status == 200:
                    yield response
                    return
                content = await response.read()
                failure = read_error(response.status, content, wait_of(response.headers))
        except CallError as error:
            failure = error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = self._failure(error)
        # Raised outside of `except`: what aiohttp raises holds the headers, so nothing may hold it.
        failure.message = hidden(failure.message, key, proxy_password(self._proxy))
        failure.args = (failure.message,)
        raise failure

    def _open(self) -> aiohttp.ClientSession:
        context = trust(self._base)
        self._proxy = proxy_for(self._base)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=True if context is None else context),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=_CONNECT, sock_read=self._timeout
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session

    def _failure(self, error: Exception) -> CallError:
        if isinstance(error, TimeoutError):
            return Transient(f"no answer of `{self._name}` within {self._timeout:g} s")
        return failure_of(error, self._name)
