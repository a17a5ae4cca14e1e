"""Models and endpoints: those of the spec that runs, and how a module's slots are filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from atkc.compiler.load import span_at
from atkc.compiler.plan import Endpoint, Model
from atkc.compiler.scope import Entry, Expansion, Group, Scope, fitted, report_problems
from atkc.spec import model as written
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.suggest import hint

_KEPT = {"revision", "structured", "mode", "fallback", "price_in", "price_out", "max_requests"}


def root_models(ex: Expansion, scope: Scope) -> dict[str, str]:
    """Enter the models of the spec that runs; return name -> name in the plan.

    Equal models are one, so that equal steps that name either can merge; one that others fall back
    to keeps its name.
    """
    endpoints = _endpoints(ex, scope)
    names = scope.document.data.get("models", {})
    known = {name: name for name in names}
    out = dict(known)
    spare = {other for raw in names.values() for other in raw.get("fallback", ())}
    for name in names:
        found = _model(ex, scope, name, endpoints)
        if found is None:
            continue
        model = _with_fallbacks(ex, scope, name, found, known)
        if name in spare:
            ex.models[name] = model
        else:
            out[name] = _entered(ex, name, model)
    return out


def _with_fallbacks(
    ex: Expansion, scope: Scope, name: str, model: Model, known: Mapping[str, str]
) -> Model:
    """Return the model with the plan's names of its fallbacks; unknown ones are reported."""
    fallback: list[str] = []
    for i, other in enumerate(model.fallback):
        if other in known and other != name:
            fallback.append(known[other])
            continue
        span = span_at(scope.document.root, ("models", name, "fallback", i))
        message = "a model cannot stand in for itself"
        if other != name:
            message = f"there is no model `{other}`"
        ex.report(Diagnostic("ATK302", message, span, help=hint(other, known.keys() - {name})))
    return replace(model, fallback=fallback)


def _endpoints(ex: Expansion, scope: Scope) -> dict[str, Endpoint]:
    out: dict[str, Endpoint] = {}
    for name in scope.document.data.get("endpoints", {}):
        found = _filled(ex, scope, ("endpoints", name), written.Endpoint)
        if found is not None:
            out[name] = msgspec.convert(found, Endpoint, from_attributes=True)
    return out


def _filled(ex: Expansion, scope: Scope, path: tuple[str, str], kind: Any) -> Any:
    raw = scope.document.data[path[0]][path[1]]
    data, problems = ex.space.fill(dict(raw), scope.constants)
    report_problems(ex, scope, path, problems)
    if problems:
        return None
    return fitted(ex, scope.document, path, data, kind)


def _model(
    ex: Expansion, scope: Scope, name: str, endpoints: Mapping[str, Endpoint]
) -> Model | None:
    found = _filled(ex, scope, ("models", name), written.Model)
    if found is None:
        return None
    if (found.model or found.default) is None:
        span = span_at(scope.document.root, ("models", name), key=True)
        ex.report(Diagnostic("ATK203", f"model `{name}` needs the key `model`", span))
        return None
    endpoint = Endpoint()
    if found.endpoint is not None:
        if found.endpoint not in endpoints:
            span = span_at(scope.document.root, ("models", name, "endpoint"))
            message = f"there is no endpoint `{found.endpoint}`"
            ex.report(Diagnostic("ATK303", message, span, help=hint(found.endpoint, endpoints)))
        endpoint = endpoints.get(found.endpoint, endpoint)
    kept = {name: getattr(found, name) for name in _KEPT}
    said = {**kept, "model": found.model or found.default, "sampling": _sent(found.sampling)}
    return msgspec.convert({**said, "endpoint": endpoint}, Model)


def _sent(sampling: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sampling parameters less those that are null: these are not sent."""
    return {name: value for name, value in sampling.items() if value is not None}


def module_models(
    ex: Expansion, scope: Scope, module: Scope, group: Group, entry: Entry
) -> dict[str, str]:
    """Return slot -> name in the plan: what the caller binds, else the slot's own default.

    A slot's `sampling` holds where the caller's model says nothing.
    """
    slots = module.document.data.get("models", {})
    for name in entry.step.models:
        if name not in slots:
            span = span_at(scope.document.root, (*group.path, "models", name), key=True)
            message = f"`{entry.step.use}` has no model slot `{name}`"
            ex.report(Diagnostic("ATK306", message, span, help=hint(name, slots)))
    out: dict[str, str] = {}
    own: dict[str, Model] = {}
    endpoints = _endpoints(ex, module) if slots.keys() - entry.step.models.keys() else {}
    for slot in slots:
        bound = entry.step.models.get(slot)
        if bound is None:
            found = _model(ex, module, slot, endpoints)
            out[slot] = f"{module.prefix}{slot}"
            if found is not None:
                own[slot] = found
            continue
        if bound not in scope.models:
            span = span_at(scope.document.root, (*group.path, "models", slot))
            message = f"there is no model `{bound}`"
            ex.report(Diagnostic("ATK302", message, span, help=hint(bound, scope.models)))
            out[slot] = "?"
            continue
        out[slot] = _with_sampling(ex, module, slot, scope.models[bound])
    for slot, model in own.items():
        whole = _with_fallbacks(ex, module, slot, model, out)
        if whole.fallback:
            ex.models[out[slot]] = whole
        else:
            out[slot] = _entered(ex, out[slot], whole)
    return out


def _entered(ex: Expansion, name: str, model: Model) -> str:
    """Return the plan's name of a model: that of an equal one, so that equal steps can merge."""
    for other, known in ex.models.items():
        if known == model:
            return other
    ex.models[name] = model
    return name


def _with_sampling(ex: Expansion, module: Scope, slot: str, bound: str) -> str:
    raw = module.document.data["models"][slot].get("sampling")
    if not raw or bound not in ex.models:
        return bound
    sampling, problems = ex.space.fill(dict(raw), module.constants)
    report_problems(ex, module, ("models", slot), problems)
    model = ex.models[bound]
    merged = {**_sent(sampling), **model.sampling}
    if merged == model.sampling:
        return bound
    return _entered(ex, f"{module.prefix}{slot}", replace(model, sampling=merged))
