"""All rows of a stream in canonical order, for operators that have to see them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from atkc.runtime.spool import Shelf
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Ordinal, Row


class Ref(NamedTuple):
    """A row's place and identity; the row itself lies on the shelf."""

    ordinal: Ordinal
    identity: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """Refs in canonical order, and where their rows are."""

    refs: list[Ref]
    shelf: Shelf

    def get(self, ref: Ref) -> Row:
        """Return a row."""
        return self.shelf.get(ref.number)

    def take(self, ref: Ref) -> Row:
        """Return a row and forget it."""
        return self.shelf.take(ref.number)


async def gather(stage: Stage, role: str | None = None, *, forward: bool = False) -> Gathered:
    """Wait for a stream to end; `forward` passes its marks on, for rows that keep their places."""
    shelf, refs = stage.shelf(), []
    async for batch in stage.batches(role):
        for token in batch:
            if isinstance(token, Row):
                refs.append(Ref(token.ordinal, token.identity, shelf.put(token)))
            elif forward:
                stage.forward(token)
                await stage.ports.room()
    refs.sort()
    return Gathered(refs, shelf)
