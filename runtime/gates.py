"""Gates: `max_failures` of a step and of a run. Too many failed records end a run."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping

from atkc.compiler.plan import Gate, MapOp, Node, Plan
from atkc.runtime.errors import RecordError
from atkc.runtime.ledger import Tally

SOON = 20  # records that a step has seen before a share may end the run early
_SURE = 3.0  # standard deviations that failures must lie beyond a share to end it early
_MANY = 0.5  # share of failed records that is warned of
_FEW = 10  # but not among fewer records


Tallies = Mapping[str, Tally]
HINT = "all replies are kept: mend the step, or raise `max_failures`, and run again"


class Gates:
    """Counts failures by step and kind, and says why the run is to end where a limit is crossed.

    The run's number counts the failed records that no step reads; its share holds for each step
    whose failed records no step reads. Both stand beside the limits of the steps.
    """

    def __init__(self, plan: Plan, whole: Gate | None) -> None:
        self._whole = whole if whole is not None else plan.max_failures
        self._total = 0
        self._kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def failed(self, node: Node, tallies: Tallies, error: RecordError) -> str | None:
        """Take note of a failed record; return why the run is to end, if it is."""
        self._kinds[node.id][error.kind] += 1
        self._total += not node.handled
        failed, seen = _counts(node, tallies)
        for gate, name in self._of(node):
            if gate.records is not None and failed > gate.records:
                return self._why(node, tallies, name, gate, error)
            if gate.share is not None and _is_sure(gate.share, failed, seen):
                return self._why(node, tallies, name, gate, error)
        most = None if self._whole is None else self._whole.records
        if most is not None and not node.handled and self._total > most:
            return self._why(node, tallies, "the run", Gate(records=most), error)
        return None

    def kinds(self) -> dict[str, dict[str, int]]:
        """Return by step how many records failed of which kind."""
        return {step: dict(sorted(kinds.items())) for step, kinds in sorted(self._kinds.items())}

    def ended(self, node: Node, tallies: Tallies) -> str | None:
        """Look at a step that has settled all its records; return why the run is to end."""
        failed, seen = _counts(node, tallies)
        for gate, name in self._of(node):
            if gate.share is not None and failed > gate.share * seen:
                return self._why(node, tallies, name, gate, None)
        return None

    def warning(self, node: Node, tallies: Tallies) -> str | None:
        """Return what is to be said of a step that has lost most of its records."""
        failed, seen = _counts(node, tallies)
        if node.handled or seen < _FEW or failed <= _MANY * seen:
            return None
        return f"`{node.id}`: {failed} of {seen} records failed: {self._told(node.id)}"

    def _of(self, node: Node) -> list[tuple[Gate, str]]:
        """Return the limits that hold for one step by itself."""
        found = [(node.max_failures, f"`{node.id}`")]
        if self._whole is not None and self._whole.share is not None and not node.handled:
            found.append((self._whole, "the run"))
        return [(gate, name) for gate, name in found if gate is not None]

    def _why(
        self, node: Node, tallies: Tallies, name: str, gate: Gate, last: RecordError | None
    ) -> str:
        failed, seen = _counts(node, tallies)
        limit = gate.records if gate.share is None else f"{gate.share * 100:.4g}%"
        out = f"too many failed records: `max_failures` of {name} is {limit}; `{node.id}` failed "
        out += f"{failed} of {seen} so far: {self._told(node.id)}"
        if self._total > failed:
            out += f"; all steps together {self._total}"
        return out if last is None else f"{out}. The last one: {last.message}"

    def _told(self, step: str) -> str:
        kinds = sorted(self._kinds[step].items(), key=lambda item: (-item[1], item[0]))
        return ", ".join(f"{count} {kind}" for kind, count in kinds)


def _is_sure(share: float, failed: int, seen: int) -> bool:
    """Return whether so many failures are beyond what chance makes of a share."""
    if share == 0:
        return failed > 0
    spread = math.sqrt(share * (1 - share) * seen)
    return seen >= SOON and failed > share * seen + _SURE * spread


def _counts(node: Node, tallies: Tallies) -> tuple[int, int]:
    """Return the failed records of a step, and those that could have failed."""
    books = list(tallies.values())
    failed = sum(tally.failed for tally in books)
    if isinstance(node.op, MapOp):
        return failed, books[0].came + sum(tally.expanded for tally in books)
    mine = [tally for tally in books if tally.failed] or books
    return failed, sum(tally.came + tally.expanded for tally in mine)
