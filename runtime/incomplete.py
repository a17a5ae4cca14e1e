"""The mark in an output folder whose last run has not completed: why, how far, what it has cost.

It stands from the start of a run, so that a kill leaves it too; a complete run takes it away.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from atkc.runtime.calling.outcome import Counters
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.own_file import read_own
from atkc.runtime.publish import INCOMPLETE, put_file

_SUMS = ("calls", "prompt_tokens", "completion_tokens", "money")


class Spent(Struct, frozen=True):
    """What so many runs have paid for; `killed` ones among them could not tell."""

    runs: int = 0
    killed: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0

    def with_run(self, total: Counters) -> Spent:
        """Return the sums with one more run."""
        sums: dict[str, Any] = {n: getattr(self, n) + getattr(total, n) for n in _SUMS}
        return Spent(self.runs + 1, self.killed, **{**sums, "money": round(sums["money"], 6)})


def read_mark(target: Path) -> dict[str, Any] | None:
    """Return the mark of an output folder; None where there is none that can be read."""
    return read_own(target / INCOMPLETE, "atkc_incomplete")


def spent_before(target: Path) -> Spent:
    """Return what the runs into a folder have paid for since the last complete one."""
    mark = read_mark(target)
    if mark is None:
        return Spent()
    told = mark.get("in_all")
    known = {n: v for n, v in (told if isinstance(told, dict) else {}).items() if _fits(n, v)}
    before = Spent(**known)
    if mark.get("how") != "running":
        return before
    values = asdict(before) | {"runs": before.runs + 1, "killed": before.killed + 1}
    return Spent(**values)


def _fits(name: str, value: Any) -> bool:
    wanted = (int, float) if name == "money" else int
    return name in Spent.__struct_fields__ and isinstance(value, wanted)


class Mark(Struct, frozen=True):
    """The mark that a run keeps in its output folder."""

    target: Path
    staging: Path
    command: str
    before: Spent

    def begin(self) -> None:
        """Say that the run is under way."""
        self._write({"how": "running", "began": _now(), "in_all": asdict(self.before)})

    def end(
        self,
        how: str,
        why: str,
        ledger: Iterable[LedgerRow],
        run: Mapping[str, Any],
        in_all: Spent,
        left: int | None,
    ) -> None:
        """Say how the run has ended. `left`: model calls to come, None where nobody knows."""
        self._write(
            {
                "how": how,
                "why": why,
                "ended": _now(),
                "steps": [_step(row) for row in ledger],
                "run": dict(run),
                "in_all": asdict(in_all),
                "calls_left": left,
            }
        )

    def _write(self, told: dict[str, Any]) -> None:
        told = {"atkc_incomplete": 1, "go_on": self.command, **told}
        put_file(self.staging, self.target, INCOMPLETE, told)


def _step(row: LedgerRow) -> dict[str, Any]:
    """Return how far a step came: what it took in, and what has become of it so far."""
    told = {name: value for name, value in asdict(row).items() if value or name in ("came", "out")}
    return {**told, "ports": dict(row.ports)}


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
