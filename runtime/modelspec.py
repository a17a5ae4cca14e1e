"""A model as the call layer sees it: what to send where, under which limits, at what price."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from atkc.compiler.plan import Hedge, Model
from atkc.runtime.families import PLAIN, Family, family_of
from atkc.runtime.hedging import Hedging
from atkc.runtime.hosts import is_loopback, normalised

BUILT_IN = "atkc"  # the provider whose models run in this process
BUILT_IN_REVISION = "1"  # changes whenever equal requests get other replies or vectors of these
OPENAI = "openai"  # the provider of every endpoint that speaks OpenAI's protocol
OPENAI_URL = "https://api.openai.com/v1"

_CONCURRENCY_REMOTE, _CONCURRENCY_LOCAL = 16, 4

# (input, output) money per million tokens of a model by its full name, None if unknown.
Prices = Callable[[str], tuple[float, float] | None]


class EndpointSpec(Struct, frozen=True):
    """Where models answer, and the limits they share there."""

    provider: str
    base_url: str = ""
    api_key_env: str | None = None
    concurrency: int | None = None  # None: 16, on this machine 4
    rpm: int | None = None
    tpm: int | None = None
    timeout: float | None = None  # seconds a call may take; None: by its tokens
    retries: int | None = None  # of a call after failures of the network; None: as many as usual
    hedging: Hedging | None = None
    batch: bool | None = None  # whether calls go in batches; None: as the run is told
    batch_price: float | None = None  # share of the live price; None: as known of the provider

    @property
    def key(self) -> tuple[str, str, str | None]:
        """Return what two endpoints have in common that share one limiter."""
        address = normalised(self.base_url) if self.base_url else ""
        return self.provider, address, self.api_key_env

    @property
    def name(self) -> str:
        """Return how messages call the endpoint; it holds no credentials."""
        return normalised(self.base_url) if self.base_url else self.provider

    @property
    def slots(self) -> int:
        """Return how many calls may be in flight."""
        local = bool(self.base_url) and is_loopback(self.base_url)
        return self.concurrency or (_CONCURRENCY_LOCAL if local else _CONCURRENCY_REMOTE)


class ModelSpec(Struct, frozen=True):
    """A model under the name that steps use; `model` is the name as sent."""

    name: str
    model: str
    endpoint: EndpointSpec
    sampling: Mapping[str, Any] = field(default_factory=dict)
    revision: str | None = None
    structured: str = "off"  # off, json, schema
    mode: str = "chat"  # chat, completion
    price_in: float | None = None  # money per million tokens
    price_out: float | None = None
    fallback: tuple[ModelSpec, ...] = ()
    max_requests: int = 30  # for one question
    family: Family = PLAIN  # says which of the sampling parameters are sent, where we decide that

    def money(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """Return what so many tokens cost, None where a price is not known."""
        if self.price_in is None or (self.price_out is None and completion_tokens):
            return None
        return (prompt_tokens * self.price_in + completion_tokens * (self.price_out or 0)) / 1e6

    def response_format(self, derived: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Return what the model's `structured` makes of the format derived from a contract."""
        if derived is None or self.structured == "off" or self.mode == "completion":
            return None
        return {"type": "json_object"} if self.structured == "json" else derived


def no_prices(_name: str) -> None:
    """Return None: no price is known."""


def resolve(name: str, models: Mapping[str, Model], prices: Prices = no_prices) -> ModelSpec:
    """Return a model of the plan with its fallbacks; `prices` fills in what the plan leaves out.

    The fallbacks of a fallback are not followed.
    """
    fallback = tuple(_single(other, models[other], prices) for other in models[name].fallback)
    return _single(name, models[name], prices, fallback)


def _single(
    name: str, model: Model, prices: Prices, fallback: tuple[ModelSpec, ...] = ()
) -> ModelSpec:
    provider, sent = route_name(model.model, model.endpoint.api_base)
    price_in, price_out = _price(model, provider, prices)
    endpoint = _endpoint(provider, model)
    return ModelSpec(
        name=name,
        model=sent,
        endpoint=endpoint,
        sampling=model.sampling,
        revision=_revision(provider, model.revision),
        structured=model.structured,
        mode=model.mode,
        price_in=price_in,
        price_out=price_out,
        fallback=fallback,
        max_requests=model.max_requests,
        family=_family(provider, sent, endpoint.base_url),
    )


def _family(provider: str, model: str, base_url: str) -> Family:
    """Return what is known of a model; LiteLLM has a table of its own."""
    return family_of(model, urlsplit(base_url).hostname or "") if provider == OPENAI else PLAIN


def _revision(provider: str, given: str | None) -> str | None:
    """Return what tells replies of two models of one name apart; ours are known by their code."""
    if provider != BUILT_IN:
        return given
    return BUILT_IN_REVISION if given is None else f"{BUILT_IN_REVISION} {given}"


def route_name(full: str, api_base: str) -> tuple[str, str]:
    """Return (provider, name as sent): after `openai/` and under an `api_base`, as written."""
    first, slash, rest = full.partition("/")
    if slash and first in (BUILT_IN, OPENAI):
        return first, rest
    if api_base or not slash:
        return OPENAI, full
    return first, rest


def _endpoint(provider: str, model: Model) -> EndpointSpec:
    given = model.endpoint
    base_url, key_name = given.api_base, given.api_key_env
    if provider == BUILT_IN:
        base_url, key_name = "", None
    elif provider == OPENAI and not base_url:
        base_url, key_name = OPENAI_URL, key_name or "OPENAI_API_KEY"
    limits = (given.concurrency, given.rpm, given.tpm, given.timeout, given.retries)
    return EndpointSpec(
        provider,
        base_url,
        key_name,
        *limits,
        hedging=_hedging(given.hedge),
        batch=given.batch,
        batch_price=given.batch_price,
    )


def _hedging(given: Hedge | None) -> Hedging | None:
    if given is None or not given.extra:
        return None
    if isinstance(given.after, str):
        return Hedging(share=float(given.after.removeprefix("p")) / 100, extra=given.extra)
    return Hedging(seconds=given.after, extra=given.extra)


def _price(model: Model, provider: str, prices: Prices) -> tuple[float | None, float | None]:
    if provider == BUILT_IN:
        return 0.0, 0.0
    price_in, price_out = model.price_in, model.price_out
    base = model.endpoint.api_base
    # A model on this machine may be called like one that is sold elsewhere.
    if (price_in is None or price_out is None) and not (base and is_loopback(base)):
        known = prices(model.model) or (None, None)
        price_in = known[0] if price_in is None else price_in
        price_out = known[1] if price_out is None else price_out
    return price_in, price_out
