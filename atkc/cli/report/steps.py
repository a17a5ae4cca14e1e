"""What came into each step and left it: rows of the ledger, summed by node and by box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import field
from msgspec.structs import fields

from atkc.runtime.ledger import Tally

_SUMS = tuple(each.name for each in fields(Tally) if isinstance(each.default, int | float))
# What comes into a map goes through its actions; all else adds up.
_APART = tuple(name for name in _SUMS if name not in ("came", "out"))


class Step(Tally):
    """The books of a step: records, where they went, what it cost, how its ballots fell, when."""

    step: str = ""
    ports: Counter[str] = field(default_factory=Counter)
    ballots: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    start: float | None = None
    end: float | None = None

    def add(self, other: Step) -> None:
        """Add the books of another instance."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ports += other.ports
        self.ballots += other.ballots
        starts = [s for s in (self.start, other.start) if s is not None]
        ends = [e for e in (self.end, other.end) if e is not None]
        self.start, self.end = min(starts, default=None), max(ends, default=None)

    def leaves(self, port: str) -> int:
        """Return how many records left by a port."""
        if port == "failed":
            return self.failed
        return self.filtered + self.duplicate if port == "rejected" else self.ports[port]


def by_node(
    rows: Iterable[Mapping[str, Any]], nodes: Iterable[str], spans: Mapping[str, list[float]]
) -> dict[str, Step]:
    """Return the books of each node. The actions of a map are rows `node.1`, `node.2`, …"""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    known = frozenset(nodes)
    for row in rows:
        name = row["step"]
        base = name.rpartition(".")[0]
        grouped.setdefault(name if name in known or base not in known else base, []).append(row)
    return {name: _step(name, found, spans.get(name, [])) for name, found in grouped.items()}


def _step(name: str, rows: list[Mapping[str, Any]], span: list[float]) -> Step:
    chained = len(rows) > 1 and rows[0]["step"] != name
    step = Step(start=span[0] if span else None, end=span[-1] if len(span) > 1 else None)
    for at, row in enumerate(rows):
        ports = Counter(row.get("ports", {}))
        if chained and at < len(rows) - 1:
            del ports["main"]  # goes on to the next action
        step.ports += ports
        step.came += row.get("came", 0) if at == 0 or not chained else 0
        step.out += ports.total() if chained else row.get("out", 0)
        for key in _APART:
            setattr(step, key, getattr(step, key) + row.get(key, 0))
        step.ballots += Counter({tuple(cast): times for cast, times in row.get("ballots", ())})
    return step


def summed(steps: Iterable[Step]) -> Step:
    """Return the sum of books."""
    total = Step()
    for step in steps:
        total.add(step)
    return total
