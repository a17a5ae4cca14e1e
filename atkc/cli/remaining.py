"""What a run has still to do, from what its steps have done so far: records, calls, time, money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from atkc.compiler.plan import Node, Plan
from atkc.runtime.ledger import LedgerRow

ENOUGH = 20  # calls before an estimate means anything


class Coming(Struct, frozen=True):
    """What one node has settled, and what it is expected to get still."""

    settled: float
    records: float
    calls: float = 0.0
    money: float | None = 0.0  # None: it has settled nothing, so nobody knows


def to_come(plan: Plan, ledger: Iterable[LedgerRow]) -> dict[str, Coming]:
    """Return by node what the records that are under way will still need.

    Each step is taken to go on as it did: as many records out of each port, as many calls, as much
    money per record settled. One that has settled nothing is taken to pass one for one and to ask
    once.
    """
    rows = _by_node(plan, ledger)
    promised: dict[str, float] = {}  # by port: let out, and to be let out
    out: dict[str, Coming] = {}
    for node in plan.nodes:
        told = rows.get(node.id, [])
        entries = told[:1] if node.op.op == "map" else told  # a map's verbs follow each other
        inside = sum(map(_inside, entries))
        settled = sum(row.came for row in entries) - inside
        expected = sum(
            promised.get(f"{e.node}:{e.port}", 0.0) for edges in node.inputs.values() for e in edges
        )
        waiting = max(expected - settled, inside)
        out[node.id] = _coming(node, told, settled, waiting)
        for port in node.ports:
            gone = _let_out(told, port)
            share = gone / settled if settled > 0 else float(port == "main")
            promised[f"{node.id}:{port}"] = gone + waiting * share
    return out


def _coming(node: Node, told: Sequence[LedgerRow], settled: float, waiting: float) -> Coming:
    if node.op.op not in ("prompt", "vote"):
        return Coming(settled, waiting)
    if settled <= 0:
        return Coming(settled, waiting, waiting, None)
    asked = sum(row.calls + row.cached for row in told)
    money = sum(row.money for row in told)
    return Coming(settled, waiting, waiting * asked / settled, waiting * money / settled)


def _let_out(told: Sequence[LedgerRow], port: str) -> float:
    if port == "failed":
        return sum(row.failed for row in told)
    if port == "rejected":
        return sum(row.filtered for row in told)
    return dict(told[-1].ports).get(port, 0) if told else 0


def _by_node(plan: Plan, ledger: Iterable[LedgerRow]) -> dict[str, list[LedgerRow]]:
    known = {node.id for node in plan.nodes}
    rows: dict[str, list[LedgerRow]] = {}
    for row in ledger:
        # the rows of a map's verbs are called `step.1`, `step.2`, …
        name = row.step if row.step in known else row.step.rpartition(".")[0]
        rows.setdefault(name, []).append(row)
    return rows


def _inside(row: LedgerRow) -> float:
    """Return how many records a step has taken and not yet settled."""
    gone = row.out + row.filtered + row.duplicate + row.failed + row.merged + row.not_drawn
    return max(0.0, row.came - (gone - row.expanded))


def seconds_left(coming: Mapping[str, Coming], asked: int, rate: float) -> float | None:
    """Return how long the calls to come will take at so many a second; None: too early to say."""
    if asked < ENOUGH or rate <= 0:
        return None
    return sum(c.calls for c in coming.values()) / rate


def money_in_all(coming: Mapping[str, Coming], money: float, asked: int) -> float | None:
    """Return what the run will have cost at its end; None: too early to say, or it is free.

    Steps that have settled nothing are taken to pay as much a call as the run did on the whole.
    """
    if asked < ENOUGH or money <= 0:
        return None
    a_call = money / asked
    return money + sum(c.calls * a_call if c.money is None else c.money for c in coming.values())


def about(seconds: float | None) -> str:
    """Return `about 3 min left`, or nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    return (
        f"about {seconds / 60:.0f} min left"
        if seconds < 5400
        else f"about {seconds / 3600:.1f} h left"
    )
