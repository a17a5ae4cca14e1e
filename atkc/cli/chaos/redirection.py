"""A plan whose models all answer at one address."""

from __future__ import annotations

from msgspec.structs import replace

from atkc.compiler.plan import Budget, Endpoint, Model, Plan
from atkc.runtime.modelspec import BUILT_IN, OPENAI


def redirected(plan: Plan, url: str, *, concurrency: int, timeout: float) -> Plan:
    """Return the plan with every model at that address, under its own name and without a key.

    Without hedges and batches, which ask otherwise, and without a budget, which would end the run.
    """
    endpoint = Endpoint(api_base=url, concurrency=concurrency, timeout=timeout)
    models = {name: _moved(model, endpoint) for name, model in plan.models.items()}
    return replace(plan, models=models, budget=Budget())


def _moved(model: Model, endpoint: Endpoint) -> Model:
    first = model.model.partition("/")[0]
    # `openai/` says which protocol is spoken; what follows is sent as it is written.
    name = model.model if first == OPENAI else f"{OPENAI}/{model.model}"
    if first == BUILT_IN:
        name = f"{OPENAI}/{model.model}"
    return replace(model, model=name, endpoint=endpoint, price_in=None, price_out=None)
