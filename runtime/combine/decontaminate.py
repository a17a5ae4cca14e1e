"""Decontaminate: records that share a run of words with a text of another stream are rejected.

The method is that of "Language Models are Few-Shot Learners" (Brown and others, 2020, appendix C):
a training text that holds one of the runs of 13 words of an evaluation text has seen it.
"""

from __future__ import annotations

from collections.abc import Iterable

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.aside import aside
from atkc.runtime.combine.gathered import gather
from atkc.runtime.combine.units import runs, units
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row

_FEW = 3  # a text of fewer words stands in very many others


async def run(stage: Stage, op: CombineOp) -> None:
    """Wait for the other stream, then settle records as they come."""
    texts = _Texts(op)
    await texts.read(stage)
    tally, field = stage.tallies["records"], op.options["field"]
    async for token in stage.arrivals("records"):
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        row, text = stage.enter(token), str(token.data.get(field) or "")
        found = await aside(stage, len(text), lambda text=text: texts.overlap(text))  # type: ignore[misc]
        if found is None:
            stage.leave(row, tally)
        else:
            stage.reject(row, tally, found)


class _Texts:
    """Every run of words of the other stream, by its length, and what is told of its record."""

    def __init__(self, op: CombineOp) -> None:
        self._op = op
        self._as: str | None = op.options.get("as")
        self._runs: dict[int, dict[str, int]] = {}  # length -> run -> the first text that has it
        self._taken: list[Data] = []

    async def read(self, stage: Stage) -> None:
        """Gather the other stream."""
        gathered = await gather(stage, "against")
        stage.tallies["against"].merged += len(gathered.refs)
        datas = (gathered.take(ref).data for ref in gathered.refs)
        few = await stage.in_thread(lambda: sum(map(self._add, datas)))
        if few:
            text = f"`{stage.node.id}`: {few} texts of `against` have fewer than {_FEW} words; "
            stage.warn("short", text + "they match wherever these words stand")

    def _add(self, data: Data) -> bool:
        """Note the runs of a record; return whether its text is very short."""
        take: dict[str, str] = self._op.options.get("take") or {}
        number = len(self._taken)
        self._taken.append({new: data.get(old) for new, old in take.items()})
        found = units(str(data.get(self._op.options["against_field"]) or ""))
        if found:
            length = min(len(found), self._op.options["words"])
            known = self._runs.setdefault(length, {})
            for text in runs(found, length):
                known.setdefault(text, number)
        return 0 < len(found) < _FEW

    def overlap(self, text: str) -> Data | None:
        """Return what a rejected record says of the overlap, None where there is none."""
        found = units(text)
        for length in sorted(self._runs, reverse=True):
            matched = _first(self._runs[length], runs(found, length) if found[length - 1 :] else ())
            if matched is not None:
                return self._told(matched, self._runs[length][matched])
        return None

    def _told(self, matched: str, number: int) -> Data:
        if self._as is None:
            return {}
        return {self._as: {"matched": matched, "of": self._taken[number]}}


def _first(known: dict[str, int], texts: Iterable[str]) -> str | None:
    return next((text for text in texts if text in known), None)
