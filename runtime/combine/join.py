"""Join: fields of a right record with equal keys are added to each left one."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.gathered import gather
from atkc.runtime.errors import RecordError
from atkc.runtime.keys import digest
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


async def run(stage: Stage, op: CombineOp) -> None:
    """Wait for the right side, then settle left rows as they come."""
    by: list[str] = op.options["by"]
    take: dict[str, str] = op.options["take"]
    right = await _right(stage, by, take)
    tally = stage.tallies["left"]
    missing = op.options.get("missing", "reject")
    nothing = dict.fromkeys(take)
    async for token in stage.arrivals("left"):
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        row = stage.enter(token)
        found = right.get(_key(row.data, by), nothing if missing == "null" else None)
        if found is not None:
            stage.leave(Row(row.ordinal, row.identity, {**row.data, **found}), tally)
        elif missing == "reject":
            stage.reject(row, tally)
        else:
            stage.fail(row, RecordError("missing", "no right record has the same keys"), tally)


async def _right(stage: Stage, by: list[str], take: dict[str, str]) -> dict[bytes, Data]:
    """Return the taken fields by key; of several equals the first in canonical order counts."""
    gathered = await gather(stage, "right")
    tally = stage.tallies["right"]
    right: dict[bytes, Data] = {}
    for ref in gathered.refs:
        data = gathered.take(ref).data
        key = _key(data, by)
        tally.duplicate += key in right
        tally.merged += key not in right
        right.setdefault(key, {new: data.get(old) for new, old in take.items()})
    if tally.duplicate:
        text = f"`{stage.node.id}`: {tally.duplicate} right records have the keys of an earlier one"
        stage.warn("duplicate", text)
    return right


def _key(data: Data, by: list[str]) -> bytes:
    return digest([data.get(name) for name in by])
