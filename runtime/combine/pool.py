"""The pool of `neighbours`: what can be found, and what a query must not be given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.gathered import gather
from atkc.runtime.keys import canonical
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import Trail


class Query(Struct, frozen=True):
    """A record that looks for neighbours: as it goes on, and the identity that it came with."""

    row: Row
    identity: bytes
    text: str


class Pool(Struct):
    """The records of a pool by their numbers, in canonical order."""

    texts: list[str] = field(default_factory=list)
    taken: list[Data] = field(default_factory=list)
    trails: list[Trail] = field(default_factory=list)
    identities: list[bytes] = field(default_factory=list)
    _same: defaultdict[bytes, list[int]] = field(default_factory=lambda: defaultdict(list))
    _tokens: dict[int, int] = field(default_factory=dict)

    def add(self, row: Row, text: str, taken: Data, names: Sequence[bytes]) -> None:
        """Add a record; queries of any of these names are not given it."""
        for name in names:
            self._same[name].append(len(self.texts))
        self.texts.append(text)
        self.taken.append(taken)
        self.identities.append(row.identity)
        self.trails.append(row.trail)

    def of_names(self, names: Sequence[bytes]) -> list[int]:
        """Return the numbers of the records that go by any of these names."""
        return [number for name in names for number in self._same.get(name, ())]

    def within(self, numbers: Sequence[int], stage: Stage, op: CombineOp) -> list[int]:
        """Return the numbers of the best: no more tokens than the budget."""
        left = (op.options.get("budget") or {}).get("tokens")
        found: list[int] = []
        for number in numbers:
            if left is not None:
                left -= self._weight(number, stage)
                if left < 0:
                    break
            found.append(number)
        return found

    def _weight(self, number: int, stage: Stage) -> int:
        """Return the tokens of a record; a text that is found often is counted once."""
        if number not in self._tokens:
            self._tokens[number] = stage.run.settings.tokens(self.texts[number])
        return self._tokens[number]


async def gathered(stage: Stage, op: CombineOp) -> Pool:
    """Return the pool, once its stream has ended."""
    take: dict[str, str] = op.options["take"]
    rows = await gather(stage, "pool")
    stage.tallies["pool"].merged += len(rows.refs)
    pool = Pool()
    for ref in rows.refs:
        row = rows.take(ref)
        taken = {new: row.data.get(old) for new, old in take.items()}
        pool.add(row, text_of(row.data, op), taken, names(row.data, row.identity, op))
    return pool


def text_of(data: Data, op: CombineOp) -> str:
    """Return the text that records are compared by; a null is an empty one."""
    return str(data.get(op.options["field"]) or "")


def names(data: Data, identity: bytes, op: CombineOp) -> list[bytes]:
    """Return what keeps a record from those that share it: its identity, the value of a field.

    A null says nothing of a document, so it keeps nobody away.
    """
    exclude: Any = op.options.get("exclude", "none")
    if exclude == "none":
        return []
    value = data.get(exclude["field"]) if isinstance(exclude, dict) else None
    return [identity] if value is None else [identity, canonical(value)]
