"""Blocks of a graph: edges are of one block if a circle without repetition leads through both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence


def blocks(edges: Sequence[tuple[str, str]]) -> list[int]:
    """Return a number of a block for each edge, seen without direction (Hopcroft and Tarjan)."""
    around: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for number, (one, other) in enumerate(edges):
        around[one].append((other, number))
        around[other].append((one, number))
    search = _Search(around, [-1] * len(edges))
    for node in around:
        if node not in search.order:
            search.begin_at(node)
    return search.found


class _Search:
    """Goes through in depth, without recursion: a graph may be a chain of thousands."""

    def __init__(self, around: dict[str, list[tuple[str, int]]], found: list[int]) -> None:
        self.found = found
        self.order: dict[str, int] = {}
        self._around = around
        self._low: dict[str, int] = {}  # the first node in order that is reached from below
        self._gone: set[int] = set()
        self._open: list[int] = []  # edges of blocks that are not closed
        self._path: list[tuple[str, int, Iterator[tuple[str, int]]]] = []
        self._blocks = 0

    def begin_at(self, root: str) -> None:
        self._enter(root, -1)
        while self._path:
            node, by, rest = self._path[-1]
            step = next(rest, None)
            if step is None:
                self._path.pop()
                self._leave(node, by)
            elif step[1] not in self._gone:
                self._go(node, *step)

    def _go(self, node: str, other: str, edge: int) -> None:
        self._gone.add(edge)
        self._open.append(edge)
        if other in self.order:
            self._low[node] = min(self._low[node], self.order[other])
        else:
            self._enter(other, edge)

    def _enter(self, node: str, by: int) -> None:
        self.order[node] = self._low[node] = len(self.order)
        self._path.append((node, by, iter(self._around[node])))

    def _leave(self, node: str, by: int) -> None:
        if not self._path:
            return
        before = self._path[-1][0]
        self._low[before] = min(self._low[before], self._low[node])
        if self._low[node] >= self.order[before]:
            edge = -1
            while edge != by:
                edge = self._open.pop()
                self.found[edge] = self._blocks
            self._blocks += 1
