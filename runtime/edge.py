"""A queue between operators: bounded, read in batches; what must not wait spills to disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

from atkc.runtime.spool import Spool
from atkc.runtime.tokens import Ordinal, Token, under


class Edge:
    """The queue of one input. Writers put at once and then wait for `room`.

    `spill`: some writer does not wait; what lies beyond the limit goes to a file.
    """

    __slots__ = ("_idle", "_items", "_limit", "_ready", "_room", "_spool", "_writers")

    def __init__(self, limit: int, writers: int, spill: Path | None = None) -> None:
        self._limit = limit
        self._writers = writers
        self._items: deque[Token] = deque()
        self._spool = Spool(spill) if spill is not None else None
        self._idle = False  # the reader waits
        self._ready = asyncio.Event()
        self._room = asyncio.Event()

    def put(self, token: Token) -> None:
        """Add a token; never waits."""
        spool = self._spool
        if spool is not None and (spool.count or len(self._items) >= self._limit):
            spool.append(token)
        else:
            self._items.append(token)
        if self._idle:
            self._idle = False
            self._ready.set()

    def is_full(self) -> bool:
        """Return whether a writer that can wait has to."""
        return len(self._items) >= self._limit

    async def room(self) -> None:
        """Wait until the reader has made room."""
        while self.is_full():
            self._room.clear()
            await self._room.wait()

    def close(self) -> None:
        """One writer is done."""
        self._writers -= 1
        self._ready.set()

    async def batches(self) -> AsyncIterator[list[Token]]:
        """Iterate over all tokens, as many at a time as lie ready, until all writers are done."""
        while True:
            if self._items:
                yield self._drain()
            elif self._writers <= 0:
                break
            else:
                self._ready.clear()
                self._idle = True
                await self._ready.wait()
        if self._spool is not None:
            self._spool.close()

    def _drain(self) -> list[Token]:
        batch = list(self._items)
        self._items.clear()
        if self._spool is not None and self._spool.count:
            self._items.extend(self._spool.take())
        self._room.set()
        return batch

    def dispose(self) -> None:
        """Give up what lies on disk."""
        if self._spool is not None:
            self._spool.close()


def _never() -> bool:
    return False


class Tap:
    """One writer's end of an edge; several edges of one role are told apart by a prefix."""

    __slots__ = ("_edge", "_prefix", "is_full", "put")
    waited = True

    def __init__(self, edge: Edge, prefix: Ordinal = (), spill: bool = False) -> None:
        self._edge = edge
        self._prefix = prefix
        self.is_full = _never if spill else edge.is_full
        self.put = self._moved if prefix else edge.put

    def _moved(self, token: Token) -> None:
        self._edge.put(under(token, self._prefix))

    async def room(self) -> None:
        """Wait until the reader has made room."""
        await self._edge.room()

    def close(self) -> None:
        """This writer is done."""
        self._edge.close()
