"""Accept, a way to `take`: so many records, in shares by stratum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from atkc.compiler.combine.fitting import Fitted
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.compiler.plan import Expression
from atkc.spec.rowtype import BOOLEAN, STRING, Enum, Record, Type, show

KEYS = frozenset({"accept", "max_candidates", "ahead", "by", "strata", "fill"})


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted | None:
    """Return what `take` makes of a stream of which it accepts a number of records."""
    step = inst.step
    expressions: dict[str, Expression] = {}
    read: frozenset[str] = frozenset()
    kind: Type | None = None
    if "by" in inst.raw:
        by, kind, read = flow.expression(inst, ("by",), inst.raw["by"], record)
        expressions["by"] = by
    shares = _shares(flow, inst, kind)
    if shares is None:
        return None
    options: dict[str, Any] = {
        "shortage": step.shortage,
        "targets": apportioned(step.accept, shares),
        "ahead": step.ahead,
    }
    if step.max_candidates is not None:
        options["max_candidates"] = step.max_candidates
    if step.fill:
        options["fill"] = True
    ports = {"main": record, "rejected": record.plus(Record.of({"rejected_by": STRING}))}
    return Fitted(ports, options, expressions, "filter", "ordered", None, read)


def apportioned(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Return whole numbers in these shares that sum to the total: largest remainders first."""
    exact = {name: total * share for name, share in shares.items()}
    parts = {name: math.floor(value + 1e-9) for name, value in exact.items()}
    left = total - sum(parts.values())
    for name in sorted(exact, key=lambda name: parts[name] - exact[name])[:left]:
        parts[name] += 1
    return parts


def _shares(flow: Flow, inst: Instance, kind: Type | None) -> dict[str, float] | None:
    """Return the share of each stratum; without strata there is one, which has no name."""
    given = inst.step.strata
    if kind is None:
        if given is None and not inst.step.fill:
            return {"": 1.0}
        _misfit(flow, inst, "strata" if given is not None else "fill", "there is no `by`")
        return None
    known = _values(kind)
    names = known if given is None else list(given)
    if not names:
        why = f"`by` is {show(kind)}, of which the values are not known: name them under `strata`"
        _misfit(flow, inst, "by", why)
        return None
    strange = [name for name in names if known and name not in known]
    if strange:
        why = f"`{strange[0]}` is no value of `by`, which is {show(kind)}"
        _misfit(flow, inst, "strata", why)
        return None
    if not isinstance(given, dict):
        return dict.fromkeys(names, 1 / len(names))
    if abs(sum(given.values()) - 1) > 1e-6:
        _misfit(flow, inst, "strata", f"the shares sum to {sum(given.values()):g}, not to 1")
        return None
    return dict(given)


def _values(kind: Type) -> list[str]:
    if isinstance(kind, Enum):
        return list(kind.values)
    return ["true", "false"] if kind == BOOLEAN else []


def _misfit(flow: Flow, inst: Instance, key: str, why: str) -> None:
    flow.report("ATK482", f"the strata do not fit: {why}", flow.span(inst, key))
