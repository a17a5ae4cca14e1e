"""The ways to a model, and which of them a model takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from atkc.runtime.api import Transport
from atkc.runtime.modelspec import OPENAI, EndpointSpec
from atkc.runtime.transport.watched import Watched, WatchedTransport

Handed = Mapping[str, Callable[[], Transport]]  # by provider: transports from outside


def _direct(endpoint: EndpointSpec) -> Transport:
    from atkc.runtime.transport.direct import DirectTransport

    return DirectTransport(
        endpoint.base_url,
        endpoint.api_key_env,
        timeout=endpoint.timeout,
        connections=endpoint.slots,
    )


def _litellm(endpoint: EndpointSpec) -> Transport:
    from atkc.runtime.transport.litellm_route import LiteLLMTransport

    return LiteLLMTransport(endpoint.provider, endpoint.api_key_env, timeout=endpoint.timeout)


ROUTES: Mapping[str, Callable[[EndpointSpec], Transport]] = {
    "direct": _direct,
    "litellm": _litellm,
}


def route(endpoint: EndpointSpec, handed: Handed) -> str:
    """Return how an endpoint is reached: `handed`, `direct` or `litellm`."""
    if endpoint.provider in handed:
        return "handed"
    return "direct" if endpoint.provider == OPENAI or endpoint.base_url else "litellm"


def open_transport(endpoint: EndpointSpec, handed: Handed) -> Transport:
    """Return a transport to an endpoint; it connects with its first call."""
    way = route(endpoint, handed)
    found = handed[endpoint.provider]() if way == "handed" else ROUTES[way](endpoint)
    if isinstance(handed, Watched):
        return WatchedTransport(found, endpoint, handed.observer)
    return found
