"""Window: each record sees those just before and after it, within equal fields or the stream."""

from __future__ import annotations

from collections.abc import Iterator

from atkc.compiler.plan import CombineOp
from atkc.runtime.keys import canonical
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


async def run(stage: Stage, op: CombineOp) -> None:
    """Add `as`: {before: [...], after: [...]}, in canonical order, the record itself left out."""
    within: list[str] = op.options.get("within") or []
    windows: dict[bytes, _Window] = {}
    async for token in stage.ordered():
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        key = canonical([token.data.get(name) for name in within])
        if key not in windows:
            windows[key] = _Window(op)
        _leave(stage, windows[key].push(stage.enter(token)))
    for window in windows.values():
        _leave(stage, window.flush())


def _leave(stage: Stage, rows: Iterator[Row]) -> None:
    for row in rows:
        stage.leave(row, stage.tally)


class _Window:
    """The rows that some unfinished row still sees."""

    def __init__(self, op: CombineOp) -> None:
        self._before: int = op.options.get("before") or 0
        self._after: int = op.options.get("after") or 0
        self._take: dict[str, str] | None = op.options.get("take")
        self._as: str = op.options["as"]
        self._rows: list[Row] = []
        self._next = 0  # the first row that is not finished

    def push(self, row: Row) -> Iterator[Row]:
        self._rows.append(row)
        while len(self._rows) - self._next > self._after:
            yield self._finished()

    def flush(self) -> Iterator[Row]:
        while self._next < len(self._rows):
            yield self._finished()

    def _finished(self) -> Row:
        at, row = self._next, self._rows[self._next]
        before = self._rows[max(at - self._before, 0) : at]
        after = self._rows[at + 1 : at + 1 + self._after]
        seen = {"before": [*map(self._taken, before)], "after": [*map(self._taken, after)]}
        self._next += 1
        if self._next > self._before:
            del self._rows[: self._next - self._before]
            self._next = self._before
        trail = row.trail.beside(other.trail for other in (*before, *after))
        return Row(row.ordinal, row.identity, {**row.data, self._as: seen}, trail)

    def _taken(self, row: Row) -> dict[str, object]:
        if self._take is None:
            return row.data
        return {new: row.data.get(old) for new, old in self._take.items()}
