"""Neighbours: each record of a query gets the nearest records of a pool."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
    fields_there,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.named_model import model_of
from atkc.spec.rowtype import (
    Field,
    ListOf,
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `neighbours` makes of a stream."""
    step = inst.step
    pool = flow.incoming(inst, "pool")
    if step.field is None or step.as_ is None or step.take is None:
        for key, value in (("field", step.field), ("as", step.as_), ("take", step.take)):
            if value is None:
                span = flow.span(inst, key=True)
                flow.report("ATK203", f"`neighbours` needs the key `{key}`", span)
        return None
    if pool is None:
        pool = record
    right = fields_there(flow, inst, record, [step.field], "field")
    right &= fields_there(flow, inst, pool, [step.field], "field")
    kinds: dict[str, Field] = {}
    for new, old in step.take.items():
        found = pool.get(old)
        if found is None:
            flow.unknown_field(inst, ("take", new), old, pool)
            right = False
        else:
            kinds[new] = found
    model = _model(flow, inst)
    same = _same_field(flow, inst, record, pool)
    if not right or model is None or same is None:
        return None
    options = {
        "field": step.field,
        "top": step.top or 3,
        "scorer": step.scorer,
        "exclude": {"field": step.exclude.field} if same else step.exclude,
        "take": dict(step.take),
        "as": step.as_,
        "budget": dict(step.budget) if step.budget else None,
    }
    added = Record.of({step.as_: ListOf(Record(tuple(kinds.items())))})
    out = flow.add(inst, record, added, [], ("as",))
    read = frozenset({step.field}) | same
    return Fitted({"main": out}, options, {}, "1:1", "barrier", None, read, model)


def _model(flow: Flow, inst: Instance) -> str | None:
    """Return the plan's name of the model, empty where none is asked; None after a finding."""
    step = inst.step
    if step.scorer == "embeddings":
        if step.model is not None:
            return model_of(flow, inst)
        message = "`scorer: embeddings` needs the key `model`"
        helps = "name the model that embeds the texts, one of `models:`"
        flow.report("ATK203", message, flow.span(inst, "scorer"), helps)
        return None
    if step.model is None:
        return ""
    message = f"`model` is for `scorer: embeddings`; this step ranks by `{step.scorer}`"
    flow.report("ATK206", message, flow.span(inst, "model"), "take `model` out, or add the scorer")
    return None


def _same_field(flow: Flow, inst: Instance, query: Record, pool: Record) -> frozenset[str] | None:
    """Return the field whose equal values keep records apart, if any; None after a finding."""
    exclude = inst.step.exclude
    if isinstance(exclude, str):
        return frozenset()
    right = [
        fields_there(flow, inst, record, [exclude.field], "exclude", "field")
        for record in ((query, pool) if query != pool else (query,))
    ]
    return frozenset({exclude.field}) if all(right) else None
