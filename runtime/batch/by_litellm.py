"""Files and batches of the providers for which LiteLLM offers them in OpenAI's shapes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, BinaryIO

from atkc.runtime.batch.api import NAMED, PATHS, Remote, read_remote
from atkc.runtime.errors import Permanent
from atkc.runtime.transport.litellm_route import failure_of, load
from atkc.runtime.transport.secrets_kept import Key

_PAGES = 50
_OWN_SHAPES = ("mistral",)
_NO_LIST = ("mistral",)  # LiteLLM cannot list these
_NO_CANCEL = ("mistral",)


class LiteLLMBatches:
    """Uses a provider's files and batches through LiteLLM, which is imported by the first call."""

    def __init__(
        self,
        provider: str,
        api_key_env: str | None,
        *,
        timeout: float = 600.0,
        base_url: str | None = None,
    ) -> None:
        self._provider = provider
        self._key = Key(api_key_env)
        self._given = {"timeout": timeout, "max_retries": 0} | (
            {"api_base": base_url} if base_url else {}
        )

    async def upload(self, path: Path) -> str:
        """Return the provider's name of an uploaded file; raises Transient or Permanent."""
        with path.open("rb") as file:
            named = (path.name, file, "application/jsonl")
            told = await self._asked("acreate_file", file=named, purpose="batch")
        return str(told.id)

    async def create(self, file: str, mode: str, model: str, name: str) -> Remote:
        """Begin a batch."""
        told = await self._asked(
            "acreate_batch",
            input_file_id=file,
            endpoint=PATHS[mode],
            completion_window="24h",
            metadata={NAMED: name},
            **self._named(model),
        )
        return _remote(told)

    async def retrieve(self, batch: str) -> Remote:
        """Return a batch as it stands."""
        named = self._named(self._provider)  # any name will do
        return _remote(await self._asked("aretrieve_batch", batch_id=batch, **named))

    async def cancel(self, batch: str) -> Remote:
        """Ask for the end of a batch; raises Permanent where LiteLLM has no way to it."""
        if self._provider in _NO_CANCEL:
            text = f"LiteLLM cannot cancel batches of `{self._provider}`: do so at the provider"
            raise Permanent(text)
        return _remote(await self._asked("acancel_batch", batch_id=batch))

    async def find(self, name: str) -> Remote | None:
        """Return the batch that carries a name; None as well where batches cannot be listed."""
        if self._provider in _NO_LIST:
            return None
        after: str | None = None
        for _ in range(_PAGES):
            told = await self._asked("alist_batches", limit=100, after=after)
            page = list(told.data or ())
            for item in page:
                if (item.metadata or {}).get(NAMED) == name:
                    return _remote(item)
            if not page or not getattr(told, "has_more", False):
                break
            after = page[-1].id
        return None

    async def download(self, file: str, into: BinaryIO) -> None:
        """Append a file of answers to a file of ours."""
        told = await self._asked("afile_content", file_id=file)
        into.write(told.content)

    async def close(self) -> None:
        """Do nothing: the connections are closed by the transport for single calls."""

    def _named(self, model: str) -> dict[str, str]:
        """Return what LiteLLM wants to hear where a provider has shapes of its own."""
        return {"model": model} if self._provider in _OWN_SHAPES else {}

    async def _asked(self, name: str, **given: Any) -> Any:
        key = self._key.read()
        call: Callable[..., Awaitable[Any]] = getattr(load(), name)
        try:
            return await call(
                custom_llm_provider=self._provider,
                **({"api_key": key} if key else {}),
                **self._given,
                **given,
            )
        except Exception as error:  # noqa: BLE001 - providers raise what they like; all is mapped
            failure = failure_of(error, key)
        raise failure


def _remote(told: Any) -> Remote:
    return read_remote(told.model_dump())
