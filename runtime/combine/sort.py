"""Sort: a new order by expressions; equals stay in canonical order, null comes last."""

from __future__ import annotations

from typing import Any

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.fresh import Fresh
from atkc.runtime.combine.gathered import Ref, gather
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.keys import canonical
from atkc.runtime.stage import Stage


async def run(stage: Stage, op: CombineOp) -> None:
    """Write all rows by `by.0`, then `by.1`, …; `descending` says for each which way."""
    names = sorted(op.expressions, key=lambda name: int(name.removeprefix("by.")))
    by = [formula(op.expressions[name], stage.run.bodies) for name in names]
    gathered = await gather(stage)
    fresh = Fresh(stage)
    keyed: list[tuple[Ref, list[Any]]] = []
    for ref in gathered.refs:
        row = gathered.get(ref)
        try:
            keyed.append((ref, [value(row.data, stage.env(row.identity)) for value in by]))
        except RecordError as error:
            await fresh.fail(row, error)
    down: list[bool] = op.options.get("descending") or []
    for index in reversed(range(len(by))):
        reverse = index < len(down) and down[index]
        keyed.sort(key=lambda pair, i=index: _key(pair[1][i]), reverse=reverse)  # type: ignore[misc]
        keyed.sort(key=lambda pair, i=index: pair[1][i] is None)  # type: ignore[misc]
    for ref, _ in keyed:
        row = gathered.take(ref)
        await fresh.row(row.identity, row.data, row.trail)
    fresh.end()


def _key(value: Any) -> tuple[int, Any]:
    """Return what orders values of any kind: truth values, numbers, texts, then the rest."""
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (1, value)
    if isinstance(value, int | float):
        return (2, value)
    return (3, value) if isinstance(value, str) else (4, canonical(value))
