"""Join: fields of a right record with equal keys are added to each left one."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.gathered import gather
from atkc.runtime.errors import RecordError
from atkc.runtime.keys import digest
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row
from atkc.runtime.trail import NO_TRAIL, Trail, united

_Right = tuple[Data, Trail]  # the taken fields, and where they come from


async def run(stage: Stage, op: CombineOp) -> None:
    """Wait for the right side, then settle left rows as they come."""
    by: list[str] = op.options["by"]
    take: dict[str, str] = op.options["take"]
    right = await _right(stage, by, take)
    tally = stage.tallies["left"]
    missing = op.options.get("missing", "reject")
    nothing: _Right = (dict.fromkeys(take), NO_TRAIL)
    async for token in stage.arrivals("left"):
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        row = stage.enter(token)
        found = right.get(_key(row.data, by), nothing if missing == "null" else None)
        if found is not None:
            data, trail = {**row.data, **found[0]}, united((row.trail, found[1]))
            stage.leave(Row(row.ordinal, row.identity, data, trail), tally)
        elif missing == "reject":
            stage.reject(row, tally)
        else:
            stage.fail(row, RecordError("missing", "no right record has the same keys"), tally)


async def _right(stage: Stage, by: list[str], take: dict[str, str]) -> dict[bytes, _Right]:
    """Return the taken fields by key; of several equals the first in canonical order counts."""
    gathered = await gather(stage, "right")
    tally = stage.tallies["right"]
    right: dict[bytes, _Right] = {}
    for ref in gathered.refs:
        row = gathered.take(ref)
        key = _key(row.data, by)
        tally.duplicate += key in right
        tally.merged += key not in right
        right.setdefault(key, ({new: row.data.get(old) for new, old in take.items()}, row.trail))
    if tally.duplicate:
        text = f"`{stage.node.id}`: {tally.duplicate} right records have the keys of an earlier one"
        stage.warn("duplicate", text)
    return right


def _key(data: Data, by: list[str]) -> bytes:
    return digest([data.get(name) for name in by])
