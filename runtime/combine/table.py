"""The operators of `combine`, and the file in which each lives as `run`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module

from atkc.compiler.plan import CombineOp
from atkc.runtime.stage import Stage
from atkc.spec.late import Late

_FILES = {
    "batch": "batch",
    "cluster": "cluster",
    "concat": "concat",
    "decontaminate": "decontaminate",
    "dedupe": "dedupe",
    "gate": "gate",
    "group": "group",
    "join": "join",
    "measure": "measure",
    "neighbours": "neighbours",
    "shuffle": "shuffle",
    "sort": "sort",
    "split": "split",
    "take": "take",
    "window": "window",
    "zip": "zip_streams",
}
Run = Callable[[Stage, CombineOp], Awaitable[None]]


def _run(name: str) -> Run:
    found: Run = import_module(f"atkc.runtime.combine.{_FILES[name]}").run
    return found


COMBINE: Mapping[str, Run] = Late(_FILES, _run)


async def run(stage: Stage) -> None:
    """Read the one-record streams, then run the operator."""
    from atkc.runtime.combine import sides

    op = stage.node.op
    assert isinstance(op, CombineOp)
    await sides.load(stage, op)
    await COMBINE[op.operator](stage, op)
