"""Group: the records of one origin, or of equal fields, become one."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from atkc.compiler.plan import CombineOp
from atkc.runtime.api import Data
from atkc.runtime.combine.fresh import Fresh
from atkc.runtime.combine.gathered import Ref, gather
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.keys import digest, group_identity
from atkc.runtime.origin import OriginTracker
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Ordinal, Row
from atkc.runtime.trail import united

# members in canonical order -> fields of the group
Collect = Callable[[Sequence[Row]], Data]


async def run(stage: Stage, op: CombineOp) -> None:
    """Group by origin as soon as all of an origin is settled, or by fields at the end."""
    if "depth" in op.options:
        await _by_origin(stage, op)
    else:
        await _by_fields(stage, op)


def _collector(stage: Stage, op: CombineOp, kept: Sequence[str]) -> Collect:
    made = {
        name.removeprefix("collect."): formula(text, stage.run.bodies)
        for name, text in op.expressions.items()
    }

    def collect(members: Sequence[Row]) -> Data:
        first = members[0].data
        data: Data = {name: first[name] for name in kept if name in first}
        for name, value in made.items():
            data[name] = [value(row.data, stage.env(row.identity)) for row in members]
        return data

    return collect


async def _by_fields(stage: Stage, op: CombineOp) -> None:
    by: list[str] = op.options["by"]
    collect = _collector(stage, op, [*by, *op.options.get("keep", ())])
    gathered = await gather(stage)
    groups: dict[bytes, array[Ref]] = {}
    for ref in gathered.refs:
        data = gathered.get(ref).data
        key = digest([data.get(name) for name in by])
        groups.setdefault(key, array("q")).append(ref)
    fresh = Fresh(stage)
    for refs in groups.values():
        members = [gathered.take(ref) for ref in refs]
        stage.tally.merged += len(members) - 1
        identity = group_identity(row.identity for row in members)
        try:
            data = collect(members)
        except RecordError as error:
            await fresh.fail(members[0], error)
        else:
            await fresh.row(identity, data, united(row.trail for row in members))
    fresh.end()


async def _by_origin(stage: Stage, op: CombineOp) -> None:
    depth: int = op.options["depth"]
    collect = _collector(stage, op, op.options.get("keep", ()))
    incomplete = op.options.get("incomplete", "keep")
    tracker, shelf = OriginTracker(depth), stage.shelf()
    members: dict[Ordinal, list[tuple[Ordinal, int]]] = {}
    async for token in stage.arrivals():
        if isinstance(token, Row):
            found = members.setdefault(tracker.origin(token.ordinal), [])
            found.append((token.ordinal, shelf.put(token)))
        elif len(token.ordinal) < depth:
            stage.forward(token)
        done = tracker.push(token)
        if done is not None:
            origin, failed = done
            rows = [shelf.take(number) for _, number in sorted(members.pop(origin, ()))]
            _settle(stage, collect, incomplete, origin, failed, rows)


def _settle(
    stage: Stage,
    collect: Collect,
    incomplete: str,
    origin: Ordinal,
    failed: int,
    members: Sequence[Row],
) -> None:
    if not members:
        stage.ports.mark(Mark(origin, 0, 0, failed))
        return
    tally = stage.tally
    tally.merged += len(members) - 1
    identity = group_identity(row.identity for row in members)
    trail = united(row.trail for row in members)
    try:
        group = stage.enter(Row(origin, identity, collect(members), trail))
    except RecordError as error:
        stage.fail(Row(origin, identity, members[0].data, trail), error, tally)
        return
    if not failed or incomplete == "keep":
        stage.leave(group, tally)
    elif incomplete == "reject":
        stage.reject(group, tally)
    else:
        stage.fail(group, RecordError("incomplete", f"{failed} members failed"), tally)
