"""The engine: runs all nodes of a plan at once in one event loop until every stream has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from atkc.compiler.plan import Plan
from atkc.runtime.api import Bodies
from atkc.runtime.asking import Caller
from atkc.runtime.current import STEP
from atkc.runtime.errors import AtkcError, InputError, StopRun, StoreError
from atkc.runtime.events import Event, RunStarted, StepDone
from atkc.runtime.failures import Failures
from atkc.runtime.gates import Gates
from atkc.runtime.leash import leashes_of
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.operators.table import OPERATORS
from atkc.runtime.settings import Result, Settings
from atkc.runtime.stage import Run, Stage
from atkc.runtime.wiring import wire
from atkc.runtime.workers import Workers
from atkc.spec.signature import Library

# If several nodes fail at once, what the user can act upon is told first.
_FIRST = (InputError, StopRun, StoreError, AtkcError)


async def execute(
    plan: Plan,
    library: Library,
    bodies: Bodies,
    caller: Caller,
    settings: Settings,
    listen: Callable[[Event], None],
) -> Result:
    """Run a plan to its end and return its books, files and unread failures.

    Raises what ended the run early (an AtkcError); then no task or spool file is left, and no
    thread but one that hangs in a reader or a function.
    """
    threads = Workers(max(1, settings.workers))
    sources = sum(node.op.op == "source" for node in plan.nodes)
    gates = Gates(plan, settings.max_failures)
    run = Run(plan, library, bodies, caller, settings, listen, threads, sources, gates)
    run.leashes = leashes_of(plan)
    failures = Failures()
    run.stages = stages = wire(run, failures)
    listen(RunStarted(tuple(node.id for node in plan.nodes), lambda: _ledger(stages)))
    try:
        await _all(stages)
    except BaseException:
        failures.close()
        raise
    finally:
        for stage in stages:
            stage.dispose()
        await threads.over()
    order = {node.id: index for index, node in enumerate(plan.nodes)}
    files = tuple(entry for stage in stages for entry in stage.files)
    sidecars = tuple(entry for stage in stages for entry in stage.sidecars)
    run.warnings.sort(key=lambda warning: order[warning.step])
    takes = tuple(taken for stage in stages for taken in stage.taken)
    written = {
        s.node.id: tuple(f.path for f in s.files) for s in stages if s.node.op.op == "export"
    }
    return Result(
        _ledger(stages),
        files,
        failures,
        tuple(run.warnings),
        takes,
        sidecars,
        written,
        gates.kinds(),
        tuple(found for stage in stages for found in stage.accepted),
    )


async def _all(stages: list[Stage]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for stage in stages:
                group.create_task(_one(stage), name=stage.node.id)
    except BaseExceptionGroup as group_error:
        raise _worst(group_error) from None


async def _one(stage: Stage) -> None:
    STEP.set(stage.node.id)  # for this task and those that it starts
    await OPERATORS[stage.node.op.op](stage)
    await stage.ports.room()
    stage.ports.close()
    stage.end()
    stage.run.listen(StepDone(stage.node.id, tuple(t.row() for t in stage.tallies.values())))


def _ledger(stages: list[Stage]) -> tuple[LedgerRow, ...]:
    return tuple(tally.row() for stage in stages for tally in stage.tallies.values())


def _worst(group: BaseExceptionGroup[BaseException]) -> BaseException:
    leaves = list(_leaves(group))
    for kind in _FIRST:
        for leaf in leaves:
            if isinstance(leaf, kind):
                return leaf
    return leaves[0]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
