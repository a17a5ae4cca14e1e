"""What an operator writes to: a row at one port is a gap at the others; splits are seen by all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from atkc.runtime.tokens import Mark, Ordinal, Row, Token


class Sink(Protocol):
    """Where a port's tokens go: the end of an edge, or a shelf for what nobody reads.

    One that is not `waited` for takes all rows at once, and is told of no marks.
    """

    @property
    def waited(self) -> bool:
        """Return whether it may be full, and wants marks."""
        ...

    def put(self, token: Token) -> None:
        """Take a token; never waits."""
        ...

    def is_full(self) -> bool:
        """Return whether the writer should wait."""
        ...

    async def room(self) -> None:
        """Wait until there is room."""
        ...

    def close(self) -> None:
        """No more tokens will come."""
        ...


class Ports:
    """The ports of one node that somebody reads. Tokens are put at once; `room` waits after."""

    __slots__ = ("_all", "_others", "_own", "_waited")

    def __init__(self, sinks: Mapping[str, Sequence[Sink]]) -> None:
        self._own = {port: tuple(s) for port, s in sinks.items()}
        self._all = tuple(s for own in self._own.values() for s in own)
        self._waited = tuple(s for s in self._all if s.waited)
        self._others: dict[str, tuple[Sink, ...]] = {}

    def row(self, port: str, row: Row) -> None:
        """Settle a place with a row at one port."""
        for sink in self._own.get(port, ()):
            sink.put(row)
        others = self._others.get(port)
        if others is None:
            others = self._rest(port)
        if others:
            gap = Mark(row.ordinal, 0, int(port == "rejected"), int(port == "failed"))
            for sink in others:
                sink.put(gap)

    def aside(self, port: str, row: Row) -> None:
        """Put a row at one port, of which the others are told nothing."""
        for sink in self._own.get(port, ()):
            sink.put(row)

    def gap(self, ordinal: Ordinal) -> None:
        """Settle a place with nothing, at all ports."""
        self.mark(Mark(ordinal))

    def mark(self, mark: Mark) -> None:
        """Tell all ports."""
        for sink in self._waited:
            sink.put(mark)

    def is_full(self) -> bool:
        """Return whether some reader has no room."""
        for sink in self._waited:  # noqa: SIM110 (asked after each record: a generator is dear)
            if sink.is_full():
                return True
        return False

    async def room(self) -> None:
        """Wait until each reader has room."""
        for sink in self._waited:
            if sink.is_full():
                await sink.room()

    def close(self) -> None:
        """No more tokens will come."""
        for sink in self._all:
            sink.close()

    def _rest(self, port: str) -> tuple[Sink, ...]:
        rest = tuple(s for name, own in self._own.items() if name != port for s in own if s.waited)
        self._others[port] = rest
        return rest
