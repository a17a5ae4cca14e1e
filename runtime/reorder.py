"""Canonical order out of any order: a row is let go as soon as all places before it are settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from atkc.runtime.errors import AtkcError
from atkc.runtime.spool import Shelf
from atkc.runtime.tokens import Mark, Ordinal, Row, Token


class Reorderer:
    """Holds early tokens (rows beyond a bound on disk) and gives all back in canonical order."""

    __slots__ = ("_at", "_counts", "_done", "_finals", "_held", "_opened", "_shelf")

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._at: Ordinal = ()
        self._done = False
        self._held: dict[Ordinal, int | Mark] = {}
        self._opened: set[Ordinal] = set()  # announced without a number of children
        self._finals: dict[Ordinal, Mark] = {}  # the marks that told the number later
        self._counts: dict[Ordinal, int] = {}

    def push(self, tokens: Iterable[Token]) -> Iterator[Token]:
        """Take tokens and yield those whose turn has come."""
        for token in tokens:
            if token.ordinal == self._at and not self._done and _settles(token):
                self._step(token.ordinal)
                yield token
                at = self._at
                if not self._held and at and self._counts.get(at[:-1]) != at[-1]:
                    continue
            elif isinstance(token, Row):
                self._held[token.ordinal] = self._shelf.put(token)
                continue
            else:
                self._note(token)
            yield from self._advance()

    @property
    def awaited(self) -> Ordinal | None:
        """Return the place whose turn it is; None once all are settled."""
        return None if self._done else self._at

    def finish(self) -> None:
        """Raise AtkcError if the stream ended before each place was settled: a bug of ours."""
        if not self._done:
            raise AtkcError(f"a stream ended before place {self._at} was settled")

    def _note(self, mark: Mark) -> None:
        if mark.ordinal in self._opened and mark.children is not None:
            self._opened.discard(mark.ordinal)
            self._finals[mark.ordinal] = mark
            self._counts[mark.ordinal] = mark.children
            return
        if mark.children is None:
            self._opened.add(mark.ordinal)
        elif mark.children:
            self._counts[mark.ordinal] = mark.children
        self._held[mark.ordinal] = mark

    def _advance(self) -> list[Token]:
        out: list[Token] = []
        while not self._done:
            held = self._held.pop(self._at, None)
            if held is None:
                if not self._at or self._counts.get(self._at[:-1]) != self._at[-1]:
                    break
                self._leave(self._at[:-1], out)
            elif isinstance(held, Mark):
                out.append(held)
                self._enter(held)
            else:
                out.append(self._shelf.take(held))
                self._step(self._at)
        return out

    def _enter(self, mark: Mark) -> None:
        if mark.children == 0:
            self._step(mark.ordinal)
        else:
            self._at = (*mark.ordinal, 0)

    def _leave(self, parent: Ordinal, out: list[Token]) -> None:
        del self._counts[parent]
        final = self._finals.pop(parent, None)
        if final is not None:
            out.append(final)
        self._step(parent)

    def _step(self, ordinal: Ordinal) -> None:
        if ordinal:
            self._at = (*ordinal[:-1], ordinal[-1] + 1)
        else:
            self._done = True


def _settles(token: Token) -> bool:
    """Return whether a token settles its place for good."""
    return isinstance(token, Row) or token.children == 0
