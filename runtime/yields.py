"""Yield alarms: a filter that lets nothing through, or next to nothing, is said loudly.

What sorts records rather than dropping them raises no alarm: a step whose `rejected` port is read,
and a map of a stream that others read too.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter

from msgspec import Struct, field

from atkc.compiler.plan import Action, CombineOp, MapOp, Node, Plan, VoteOp
from atkc.runtime.api import Data
from atkc.runtime.ledger import Tally
from atkc.runtime.tokens import Ordinal, Row

FEW = 3  # rejected records from which on "all of them" is worth an alarm
ENOUGH = 20  # records of which the least share is asked
LEAST = 0.05  # share of records that a filter keeps unless something is wrong
SOON = 50  # first records, all rejected, that are told at once
SHOWN = 3  # rejected records that an alarm shows
_LONGEST = 100  # characters of a text that is shown


class Rejects(Struct):
    """The first rejected records of a step, in canonical order, with their reasons."""

    node: Node
    quiet: bool = False
    _first: dict[str, list[tuple[Ordinal, str]]] = field(default_factory=dict)

    def note(self, row: Row, tally: Tally, added: Data | None, why: str) -> str | None:
        """Take note of a rejected record; return an alarm if the first ones all were."""
        if self.quiet:
            return None
        first = self._first.setdefault(tally.step, [])
        if len(first) < SHOWN or row.ordinal < first[-1][0]:
            reason = why or _reason(self.node, tally, added or {})
            insort(first, (row.ordinal, f"{_shown(row.data)}: {reason}"))
            del first[SHOWN:]
        refused = tally.filtered + tally.duplicate
        if refused != SOON or tally.out:
            return None
        return self._told(tally, f"rejected all of its first {SOON} records")

    def alarm(self, tally: Tally) -> str | None:
        """Return the alarm of a ledger row that is closed, if there is one."""
        refused = tally.filtered + tally.duplicate
        if self.quiet or not refused:
            return None
        if not tally.out and refused >= FEW:
            return self._told(tally, f"rejected all {refused} records")
        if tally.came >= ENOUGH and tally.out < LEAST * tally.came and refused > tally.failed:
            return self._told(tally, f"kept only {tally.out} of {tally.came} records")
        return None

    def _told(self, tally: Tally, what: str) -> str:
        lines = "".join(f"\n    {text}" for _, text in self._first.get(tally.step, ()))
        return f"`{tally.step}` {what}{lines}"


def sorters(plan: Plan) -> frozenset[str]:
    """Return the steps that sort records rather than dropping them."""
    edges = [edge for node in plan.nodes for some in node.inputs.values() for edge in some]
    readers = Counter((edge.node, edge.port) for edge in edges)
    found = {edge.node for edge in edges if edge.port == "rejected"}
    for node in plan.nodes:
        read = [edge for some in node.inputs.values() for edge in some]
        if isinstance(node.op, MapOp) and all(readers[e.node, e.port] > 1 for e in read):
            found.add(node.id)
    return frozenset(found)


def _reason(node: Node, tally: Tally, added: Data) -> str:
    op = node.op
    if isinstance(op, VoteOp):
        return _ballots(added.get(op.name, {}).get("ballots", []))
    if isinstance(op, MapOp):
        number = tally.step.removeprefix(f"{node.id}.")
        return _action(op.actions[int(number) - 1 if number.isdecimal() else 0])
    if isinstance(op, CombineOp):
        told = [f"{name} {value}" for name, value in added.items() if value]
        return _short(f"`{op.operator}` " + "; ".join(told)).rstrip()
    return "no items"


def _ballots(ballots: list[Data]) -> str:
    words = []
    for ballot in ballots:
        more = [str(value) for name, value in ballot.items() if name not in ("pass", "verdict")]
        words.append(" ".join(["yes" if ballot.get("pass") else "no", *more]))
    return "ballots " + _short(", ".join(words))


def _action(action: Action) -> str:
    match action.verb:
        case "where":
            return f"`{action.test.text if action.test else ''}` is not true"
        case "apply":
            return f"`{action.function}` says no, or made nothing of it"
    return f"`{action.verb}` made nothing of it"


def _shown(data: Data) -> str:
    """Return what a record is known by: its source, and its first text."""
    texts = [value for name, value in data.items() if isinstance(value, str) and name != "source"]
    source = data.get("source")
    head = f"{source} " if isinstance(source, str) else ""
    return head + (f"`{_short(texts[0])}`" if texts else _short(str(data)))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
