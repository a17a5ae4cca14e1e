"""How long a run will still take, from what its steps have done so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from atkc.compiler.plan import Plan
from atkc.runtime.ledger import LedgerRow

ENOUGH = 20  # calls before an estimate means anything


def calls_to_come(plan: Plan, ledger: Iterable[LedgerRow]) -> float:
    """Return how many calls the records that are under way will still need.

    Each step is taken to go on as it did: as many records out of each port, as many calls, per
    record settled. A step that has settled nothing is taken to pass one for one and to ask once.
    """
    known = {node.id for node in plan.nodes}
    rows: dict[str, list[LedgerRow]] = {}
    for row in ledger:
        # the rows of a map's verbs are called `step.1`, `step.2`, …
        name = row.step if row.step in known else row.step.rpartition(".")[0]
        rows.setdefault(name, []).append(row)
    coming: dict[str, float] = {}
    calls = 0.0
    for node in plan.nodes:
        told = rows.get(node.id, [])
        expected = sum(
            coming.get(f"{e.node}:{e.port}", 0.0) for edges in node.inputs.values() for e in edges
        )
        waiting = expected + (_inside(told[0]) if told else 0.0)
        settled = (told[0].came - _inside(told[0])) if told else 0.0
        asked = sum(r.calls + r.cached for r in told)
        if node.op.op in ("prompt", "vote"):
            calls += waiting * (asked / settled if settled > 0 else 1.0)
        ports: Mapping[str, int] = dict(told[-1].ports) if told else {}
        for port in node.ports:
            share = ports.get(port, 0) / settled if settled > 0 else float(port == "main")
            coming[f"{node.id}:{port}"] = waiting * share
    return calls


def _inside(row: LedgerRow) -> float:
    """Return how many records a step has taken and not yet settled."""
    gone = row.out + row.filtered + row.duplicate + row.failed + row.merged + row.not_drawn
    return max(0.0, row.came - (gone - row.expanded))


def left(plan: Plan, ledger: Iterable[LedgerRow], calls: int, seconds: float) -> str:
    """Return `about 3 min left`, or nothing while too little is known."""
    if calls < ENOUGH or seconds <= 0:
        return ""
    rest = calls_to_come(plan, ledger) / (calls / seconds)
    if rest < 90:
        return f"about {rest:.0f} s left"
    return f"about {rest / 60:.0f} min left" if rest < 5400 else f"about {rest / 3600:.1f} h left"
