"""The model that a step names."""

from __future__ import annotations

from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.suggest import hint


def model_of(flow: Flow, inst: Instance) -> str | None:
    """Return the plan's name of a step's model; None where a finding says why there is none."""
    if inst.step.model in inst.models:
        name = inst.models[inst.step.model]
        return name if name in flow.models else None
    message = f"there is no model `{inst.step.model}`"
    helps = hint(inst.step.model, inst.models) or "declare it under `models:`"
    flow.report("ATK302", message, flow.span(inst, "model"), helps)
    return None
