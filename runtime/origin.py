"""When is a record of long ago done? Counts what is still to settle below each origin."""

from __future__ import annotations

from atkc.runtime.tokens import Mark, Ordinal, Row, Token


class OriginTracker:
    """Tells for tokens in any order (marks before children) which origins are settled.

    An origin is a place whose ordinal has `depth` positions.
    """

    __slots__ = ("_depth", "_failed", "_need", "_open", "_opened")

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._need: dict[Ordinal, int] = {}
        self._open: dict[Ordinal, int] = {}
        self._failed: dict[Ordinal, int] = {}
        self._opened: set[Ordinal] = set()

    def origin(self, ordinal: Ordinal) -> Ordinal:
        """Return the origin of a place."""
        return ordinal[: self._depth]

    def push(self, token: Token) -> tuple[Ordinal, int] | None:
        """Count a token; return (origin, failed rows below it) if that settled the origin."""
        if len(token.ordinal) < self._depth and isinstance(token, Mark):
            return None  # above all origins
        origin = self.origin(token.ordinal)
        need = self._need.get(origin, 1)
        if isinstance(token, Row):
            need -= 1
        elif token.children is None:
            self._opened.add(token.ordinal)
            self._open[origin] = self._open.get(origin, 0) + 1
        else:
            need += token.children - 1
            if token.failed:
                self._failed[origin] = self._failed.get(origin, 0) + token.failed
            if token.ordinal in self._opened:
                self._opened.discard(token.ordinal)
                self._open[origin] -= 1
        self._need[origin] = need
        if need or self._open.get(origin):
            return None
        del self._need[origin]
        self._open.pop(origin, None)
        return origin, self._failed.pop(origin, 0)
