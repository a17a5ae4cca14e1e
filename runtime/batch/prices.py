"""Models at the price of batches."""

from __future__ import annotations

from collections.abc import Container, Mapping

from msgspec.structs import replace

from atkc.runtime.batch.providers import batch_price, is_batched
from atkc.runtime.modelspec import ModelSpec


def at_batch_prices(
    models: Mapping[str, ModelSpec], asked: bool, live: Container[str]
) -> dict[str, ModelSpec]:
    """Return the models, priced as their calls will be; those named `live` embed, which is live."""
    return {name: spec if name in live else _priced(spec, asked) for name, spec in models.items()}


def _priced(spec: ModelSpec, asked: bool) -> ModelSpec:
    fallback = tuple(_priced(other, asked) for other in spec.fallback)
    share = batch_price(spec.endpoint) if is_batched(spec.endpoint, asked) else 1.0
    return replace(
        spec,
        price_in=_part(spec.price_in, share),
        price_out=_part(spec.price_out, share),
        fallback=fallback,
    )


def _part(price: float | None, share: float) -> float | None:
    return None if price is None else price * share
