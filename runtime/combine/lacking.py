"""What an `accept` step tells at its end: what it took, of how many candidates, and what it lacks.

The reasons stand in the books of the steps between its gates and itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.compiler.plan import CombineOp, Node, Plan
from atkc.runtime.demand import Demand
from atkc.runtime.ledger import Accepted, LedgerRow, Taken
from atkc.runtime.stage import Stage

_REASONS = ("filtered", "duplicate", "failed", "merged", "not_drawn")


def tell(stage: Stage, op: CombineOp, demand: Demand, records: Mapping[str, int]) -> None:
    """Note what was accepted; say why it is less than was asked for, as `shortage` wants it.

    Raises InputError with `shortage: error`.
    """
    found = _accepted(stage, op, demand, records)
    stage.accepted.append(found)
    counts = (found.target, found.accepted, found.shortage, found.accepted)
    stage.taken.append(Taken(stage.node.id, "records", *counts))
    if not found.shortage:
        return
    shortage = op.options.get("shortage", "warn")
    if shortage == "error":
        raise stage.mistake("ATK750", explained(found))
    if shortage == "warn":
        stage.warn("shortage", explained(found))


def _accepted(stage: Stage, op: CombineOp, demand: Demand, records: Mapping[str, int]) -> Accepted:
    target, actual = sum(demand.targets.values()), sum(records.values())
    between = between_gates(stage.run.plan, stage.node)
    gated = "begins" in op.options
    ended = "met" if demand.met else "max_candidates" if demand.is_full else "exhausted"
    books = [t.row() for s in stage.run.stages if s.node.id in between for t in s.tallies.values()]
    strata = {
        name: (wanted, records[name], demand.accepted.get(name, 0))
        for name, wanted in demand.targets.items()
        if name
    }
    return Accepted(
        step=stage.node.id,
        target=target,
        accepted=actual,
        shortage=target - actual,
        candidates=demand.admitted if gated else None,
        max_candidates=demand.most,
        ended=ended,
        strata=strata,
        lost=tuple(lost for row in books if (lost := _lost(row)) is not None),
    )


def _lost(row: LedgerRow) -> tuple[str, dict[str, int]] | None:
    told = {name: count for name in _REASONS if (count := getattr(row, name))}
    return (row.step, told) if told else None


def between_gates(plan: Plan, accept: Node) -> set[str]:
    """Return the steps above an `accept`, up to its gates or else to the sources."""
    by_id = {node.id: node for node in plan.nodes}
    found: set[str] = set()
    stack = [e.node for edges in accept.inputs.values() for e in edges]
    while stack:
        node = by_id[stack.pop()]
        if node.id not in found and not _is_gate_of(accept.id, node.op):
            found.add(node.id)
            stack += [e.node for edges in node.inputs.values() for e in edges]
    return found


def _is_gate_of(accept: str, op: Any) -> bool:
    return isinstance(op, CombineOp) and op.operator == "gate" and op.options["of"] == accept


def explained(found: Accepted) -> str:
    """Return why fewer were accepted than were asked for."""
    text = f"`{found.step}` asks for {found.target} records and {found.accepted} were accepted"
    if found.candidates is not None:
        text += f" of {found.candidates} candidates"
    text += _END[found.ended]
    short = [f"{n}: {took} of {want}" for n, (want, took, _) in found.strata.items() if took < want]
    if short:
        text += f"; short are {', '.join(short)}"
    lost = [_told(step, reasons) for step, reasons in found.lost]
    return f"{text}; lost on the way: {', '.join(lost)}" if lost else text


def _told(step: str, reasons: Mapping[str, int]) -> str:
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in reasons.items())
    return f"{counts} at `{step}`"


_END = {
    "met": "",
    "max_candidates": " (max_candidates)",
    "exhausted": ", all that there are",
}
