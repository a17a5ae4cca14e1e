"""The way to all other providers, and what models cost: LiteLLM, imported by the first call."""

from __future__ import annotations

import gc
import importlib.util
import logging
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.endings import ERROR, REFUSAL, ending
from atkc.runtime.errors import CallError, Transient
from atkc.runtime.flat_prompt import flat, with_stop
from atkc.runtime.transport.embedding import in_order
from atkc.runtime.transport.quota import Quota, read_quota, wait_of
from atkc.runtime.transport.secrets_kept import Key, hidden
from atkc.runtime.transport.statuses import error_for

# Without these it fetches prices from the network, and asks a hub for tokenizers.
_QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_TELEMETRY": "False",
    "HF_HUB_OFFLINE": "1",
}
_UNBOUNDED = 86_400.0  # seconds, where it is who calls that ends a call
_HANDED_ON = "llm_provider-"  # what it puts before the name of a provider's header
_PRICES = "model_prices_and_context_window_backup.json"


class LiteLLMTransport:
    """Calls `provider`/model through LiteLLM; its own retries are off, ours count."""

    def __init__(
        self,
        provider: str,
        api_key_env: str | None = None,
        *,
        timeout: float | None = 600.0,
        base_url: str | None = None,
    ) -> None:
        self._provider = provider
        self._key = Key(api_key_env)
        self._timeout = timeout or _UNBOUNDED
        self._base_url = base_url
        self.heard: Callable[[Quota], None] | None = None

    async def complete(self, request: Request) -> Reply:
        """Return the completion; raises Transient or Permanent, without the key in either."""
        key = self._key.read()
        litellm = load()
        try:
            ask = litellm.acompletion if request.mode == "chat" else litellm.atext_completion
            answer = await ask(**self._arguments(request, key))
            self._tell(answer)
            return _reply(answer)
        except Exception as error:  # noqa: BLE001 - providers raise what they like; all is mapped
            failure = failure_of(error, key)
        raise failure

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the vectors; raises as `complete` does."""
        key = self._key.read()
        litellm = load()
        try:
            answer = await litellm.aembedding(**self._wanted(request, key))
            return _embeddings(answer, len(request.texts))
        except Exception as error:  # noqa: BLE001 - providers raise what they like; all is mapped
            failure = failure_of(error, key)
        raise failure

    async def close(self) -> None:
        """Close the connections that LiteLLM would leave open."""
        if not load.cache_info().currsize:
            return
        from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

        await close_litellm_async_clients()

    def _tell(self, answer: Any) -> None:
        """Tell what the provider's headers say is left; LiteLLM hands them on, less or more."""
        headers = (getattr(answer, "_hidden_params", None) or {}).get("additional_headers")
        if self.heard is None or not isinstance(headers, dict):
            return
        quota = read_quota(headers, _HANDED_ON) or read_quota(headers)
        if quota is not None:
            self.heard(quota)

    def _arguments(self, request: Request, key: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"messages": list(request.messages)}
        if request.mode == "completion":
            stop = with_stop(request.sampling.get("stop"))
            asked = {"prompt": flat(request.messages), "stop": stop}
        return {
            **request.sampling,
            **asked,
            "seed": request.seed,
            **self._common(request.model, key, {"response_format": request.response_format}),
        }

    def _wanted(self, request: EmbeddingRequest, key: str) -> dict[str, Any]:
        optional = {"dimensions": request.dimensions}
        return {"input": list(request.texts), **self._common(request.model, key, optional)}

    def _common(self, model: str, key: str, optional: dict[str, Any]) -> dict[str, Any]:
        given = {"api_key": key or None, "api_base": self._base_url, **optional}
        return {
            "model": f"{self._provider}/{model}",
            "timeout": self._timeout,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": True,
            **{name: value for name, value in given.items() if value is not None},
        }


def price(model: str) -> tuple[float, float] | None:
    """Return (input, output) money per token of `provider/model`; None if the table lacks it.

    The table is read as a file: importing LiteLLM takes two seconds.
    """
    table = _price_table()
    row = table.get(model) or table.get(model.partition("/")[2]) or {}
    prices = row.get("input_cost_per_token"), row.get("output_cost_per_token")
    if prices[0] is None or prices[1] is None:
        return None
    return float(prices[0]), float(prices[1])


def price_per_million(model: str) -> tuple[float, float] | None:
    """Return (input, output) money per million tokens, None if the table lacks the model."""
    found = price(model)
    return None if found is None else (found[0] * 1e6, found[1] * 1e6)


@cache
def _price_table() -> dict[str, dict[str, Any]]:
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return {}
    file = Path(spec.submodule_search_locations[0]) / _PRICES
    table: dict[str, dict[str, Any]] = orjson.loads(file.read_bytes()) if file.exists() else {}
    return table


@cache
def load() -> Any:
    """Return LiteLLM, imported, silent, and asking no network."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    litellm = _imported()
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    # Not `turn_off_message_logging`: nothing is told of the messages, and each would be copied
    # three times to be blacked out, a quarter of a call's CPU.
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm


def _imported() -> Any:
    """Return the module; nothing of it is garbage, so no collection need ever look through it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        import litellm
    finally:
        if collecting:
            gc.enable()
    gc.freeze()
    return litellm


def _reply(answer: Any) -> Reply:
    if not answer.choices:
        raise Transient("the endpoint sent no choices", status=200)
    choice, usage = answer.choices[0], getattr(answer, "usage", None)
    text, ended = _text(choice), ending(choice.finish_reason)
    if ended == ERROR:
        raise Transient("the endpoint broke off the reply", status=200)
    refusal = getattr(getattr(choice, "message", None), "refusal", None)
    if refusal:
        text, ended = text or str(refusal), REFUSAL
    return Reply(
        text=text,
        finish_reason=ended,
        model=str(answer.model or ""),
        prompt_tokens=int(getattr(usage, "prompt_tokens", 0) or 0),
        completion_tokens=int(getattr(usage, "completion_tokens", 0) or 0),
    )


def _text(choice: Any) -> str:
    message = getattr(choice, "message", None)
    return str((choice.text if message is None else message.content) or "")


def _embeddings(answer: Any, texts: int) -> Embeddings:
    rows = [row if isinstance(row, dict) else dict(row) for row in answer.data or ()]
    used = int(getattr(getattr(answer, "usage", None), "prompt_tokens", 0) or 0)
    return Embeddings(in_order(rows, texts), str(answer.model or ""), used)


def failure_of(error: Exception, key: str) -> CallError:
    """Return our exception for one of LiteLLM's; it gives most of them a status."""
    if isinstance(error, CallError):
        return error
    text = hidden(str(error), key)
    status = getattr(error, "status_code", None)
    if not isinstance(status, int) or status < 400:
        return Transient(f"the call failed: {type(error).__name__}: {text}")
    headers = getattr(error, "litellm_response_headers", None) or {}
    words = (str(getattr(error, "code", "")), str(getattr(error, "type", "")))
    return error_for(status, text, words=words, retry_after=wait_of(headers))
