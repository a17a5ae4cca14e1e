"""Which providers have a batch API that is used here, its limits, and what a call costs there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from atkc.runtime.batch.api import BatchApi
from atkc.runtime.modelspec import BUILT_IN, OPENAI, EndpointSpec

_MIB = 1 << 20


class Offer(Struct, frozen=True):
    """What one batch may hold, and its price as a share of the live one.

    `host`: the address that decides how requests are written, where LiteLLM knows it.
    """

    requests: int = 50_000
    size: int = 100 * _MIB
    price: float = 1.0  # unknown: nothing less than the live price is safe under a cap
    host: str = ""


# By host of an address, or by the name of a provider that LiteLLM leads to.
OFFERS: Mapping[str, Offer] = {
    "api.openai.com": Offer(size=190 * _MIB, price=0.5),
    "api.groq.com": Offer(size=190 * _MIB, price=0.5),
    "azure": Offer(size=190 * _MIB, price=0.5),
    "mistral": Offer(size=190 * _MIB, price=0.5, host="api.mistral.ai"),
}
# Of what LiteLLM offers, those that need no bucket and whose address is not taken for OpenAI's.
BY_LITELLM = ("azure", "mistral")


def is_batched(endpoint: EndpointSpec, asked: bool) -> bool:
    """Return whether calls to an endpoint go in batches: its own word counts before the flag."""
    if endpoint.provider == BUILT_IN:
        return False
    return asked if endpoint.batch is None else endpoint.batch


def has_batches(endpoint: EndpointSpec) -> bool:
    """Return whether there is a way to a batch API; the endpoint itself may still lack one."""
    return _is_direct(endpoint) or endpoint.provider in BY_LITELLM


def offer(endpoint: EndpointSpec) -> Offer:
    """Return what is known of a provider's batches."""
    name = urlsplit(endpoint.base_url).hostname or "" if _is_direct(endpoint) else endpoint.provider
    return OFFERS.get(name, Offer())


def batch_price(endpoint: EndpointSpec) -> float:
    """Return what a call in a batch costs, as a share of the live price."""
    return offer(endpoint).price if endpoint.batch_price is None else endpoint.batch_price


_SILENCE = 600.0  # seconds, where the endpoint sets no time limit


def open_batches(endpoint: EndpointSpec) -> BatchApi:
    """Return the batch API of an endpoint; it connects with its first call."""
    silence = endpoint.timeout or _SILENCE
    if _is_direct(endpoint):
        from atkc.runtime.batch.direct import DirectBatches

        return DirectBatches(endpoint.base_url, endpoint.api_key_env, timeout=silence)
    from atkc.runtime.batch.by_litellm import LiteLLMBatches

    return LiteLLMBatches(endpoint.provider, endpoint.api_key_env, timeout=silence)


def _is_direct(endpoint: EndpointSpec) -> bool:
    return endpoint.provider == OPENAI or bool(endpoint.base_url)
