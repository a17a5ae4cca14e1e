"""The models of a plan with their prices, as the call layer wants them."""

from __future__ import annotations

from typing import Any

from atkc.compiler.plan import Plan
from atkc.runtime.modelspec import ModelSpec, no_prices, resolve


def models_of(plan: Plan) -> dict[str, ModelSpec]:
    """Return the models of a plan as the call layer wants them."""

    def remote(name: str) -> Any:
        from atkc.runtime.transport.litellm_route import price_per_million

        return price_per_million(name)

    paid = any(not m.model.startswith("atkc/") for m in plan.models.values())
    return {name: resolve(name, plan.models, remote if paid else no_prices) for name in plan.models}
