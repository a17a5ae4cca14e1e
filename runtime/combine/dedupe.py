"""Dedupe: of records that are equal, or alike, the first in canonical order stays."""

from __future__ import annotations

from typing import Any, Protocol

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.aside import aside
from atkc.runtime.combine.likeness import Likeness, LikeTexts, texts_of
from atkc.runtime.digests import Digests
from atkc.runtime.keys import digest
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import NO_TRAIL


class _Seen(Protocol):
    """The kept records, by number."""

    async def first(self, data: Data) -> tuple[int, float] | None:
        """Return the first kept record that is like this one; with none this one is kept."""
        ...


async def run(stage: Stage, op: CombineOp) -> None:
    """Send what repeats a kept record to `rejected`, with what it repeats."""
    likeness = Likeness.of(op.options)
    seen: _Seen = _Equal(op) if likeness is None else _Alike(stage, op, likeness)
    kept, tally = _Kept(stage, op), stage.tally
    async for token in stage.ordered():
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        found = await seen.first(token.data)
        row = stage.enter(token)
        if found is None:
            kept.add(row)
            stage.leave(row, tally)
        else:
            tally.duplicate += 1
            stage.rejected(row, tally, kept.told(*found))


class _Kept:
    """What rejected records say of the kept ones."""

    def __init__(self, stage: Stage, op: CombineOp) -> None:
        self._as: str | None = op.options.get("as")
        self._take: dict[str, str] = op.options.get("take") or {}
        self._shelf = stage.shelf()
        self._identities = bytearray()

    def add(self, row: Row) -> None:
        self._identities += row.identity
        if self._as is not None:
            taken = {new: row.data.get(old) for new, old in self._take.items()}
            self._shelf.put(Row((), b"", taken, NO_TRAIL))

    def told(self, number: int, similarity: float) -> Data:
        told: Data = {"duplicate_of": self._identities[16 * number : 16 * (number + 1)].hex()}
        if self._as is not None:
            of = self._shelf.get(number).data
            told[self._as] = {"similarity": round(similarity, 4), "of": of}
        return told


class _Equal:
    """Records are the same if all fields of `by` are equal."""

    def __init__(self, op: CombineOp) -> None:
        self._by: list[str] = op.options["by"]
        self._normalise = _NORMALISE[op.options.get("normalise", "none")]
        self._numbers = Digests(8)
        self._next = 0

    async def first(self, data: Data) -> tuple[int, float] | None:
        key = digest([self._normalise(data.get(name)) for name in self._by])
        known = self._numbers.add(key[:16], self._next.to_bytes(8, "big"))
        if known is not None:
            return int.from_bytes(known, "big"), 1.0
        self._next += 1
        return None


class _Alike:
    """Records are the same if the texts of `by` are alike."""

    def __init__(self, stage: Stage, op: CombineOp, likeness: Likeness) -> None:
        self._stage = stage
        self._by: list[str] = op.options["by"]
        self._texts = LikeTexts(likeness, stage.shelf())

    async def first(self, data: Data) -> tuple[int, float] | None:
        texts = texts_of(data, self._by)
        return await aside(self._stage, sum(map(len, texts)), lambda: self._looked_up(texts))

    def _looked_up(self, texts: list[str]) -> tuple[int, float] | None:
        sketched = self._texts.sketched(texts)
        found = next(self._texts.alike(sketched), None)
        if found is None:
            self._texts.add(sketched)
        return found


def _whitespace(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _casefold(value: Any) -> Any:
    return _whitespace(value.casefold()) if isinstance(value, str) else value


_NORMALISE = {"none": lambda value: value, "whitespace": _whitespace, "casefold": _casefold}
