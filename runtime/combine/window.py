"""Window: each record sees those just before and after it, within an origin or the stream."""

from __future__ import annotations

from collections.abc import Iterator

from atkc.compiler.plan import CombineOp
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Ordinal, Row


async def run(stage: Stage, op: CombineOp) -> None:
    """Add `as`: the records around, itself left out, in canonical order."""
    depth: int = op.options.get("depth") or 0
    near = _Window(op)
    origin: Ordinal | None = None
    async for token in stage.ordered():
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        if origin != token.ordinal[:depth]:
            origin = token.ordinal[:depth]
            _leave(stage, near.flush())
        _leave(stage, near.push(stage.enter(token)))
    _leave(stage, near.flush())


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
        self._rows, self._next = [], 0

    def _finished(self) -> Row:
        at, row = self._next, self._rows[self._next]
        around = [*self._rows[:at][-self._before or at :], *self._rows[at + 1 :][: self._after]]
        self._next += 1
        if self._next > self._before:
            del self._rows[: self._next - self._before]
            self._next = self._before
        seen = [self._taken(other) for other in around]
        return Row(row.ordinal, row.identity, {**row.data, self._as: seen})

    def _taken(self, row: Row) -> dict[str, object]:
        if self._take is None:
            return row.data
        return {new: row.data.get(old) for new, old in self._take.items()}
