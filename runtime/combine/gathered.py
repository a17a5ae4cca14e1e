"""All rows of a stream in canonical order, for operators that have to see them all."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from atkc.runtime.spool import Shelf
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row

Ref = int  # a row's number in canonical order


class Gathered(Struct, frozen=True):
    """Rows on a shelf, in memory the first of them and 24 bytes for each other."""

    shelf: Shelf
    identities: bytearray

    @property
    def refs(self) -> Sequence[Ref]:
        """Return the rows' numbers in canonical order."""
        return range(len(self.identities) // 16)

    def identity(self, ref: Ref) -> bytes:
        """Return the identity of a row."""
        return bytes(self.identities[16 * ref : 16 * (ref + 1)])

    def get(self, ref: Ref) -> Row:
        """Return a row."""
        return self.shelf.get(ref)

    def take(self, ref: Ref) -> Row:
        """Return a row and forget it."""
        return self.shelf.take(ref)


async def gather(stage: Stage, role: str | None = None, *, forward: bool = False) -> Gathered:
    """Wait for a stream to end; `forward` passes its marks on, for rows that keep their places."""
    found = Gathered(stage.shelf(), bytearray())
    async for token in stage.ordered(role):
        if isinstance(token, Row):
            found.shelf.put(token)
            found.identities.extend(token.identity)
        elif forward:
            stage.forward(token)
    return found
