"""A run to its end, however it ends: what is in flight is let in as far as there is time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from atkc.cli.consent import Gate
from atkc.cli.interruption import Interruption
from atkc.cli.progress import Progress
from atkc.runtime.calling.calls import Caller
from atkc.runtime.errors import AtkcError, Interrupted, StopRun, StoreError
from atkc.runtime.workers import Unattended

T = TypeVar("T")


async def ended(
    work: Coroutine[Any, Any, T],
    caller: Caller,
    gate: Gate,
    progress: Progress,
    interruption: Interruption,
) -> T:
    """Return what the work comes to, once all connections are closed.

    Raises what ended it; Interrupted where that was a signal.
    """
    loop = asyncio.get_running_loop()
    loop.set_default_executor(Unattended())
    task = loop.create_task(work)

    def soften() -> None:
        progress.say(_softly(caller.in_flight, interruption.grace))
        task.cancel()

    with interruption.during(soften, caller.cut):
        land: float | None = 0.0
        try:
            return await task
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if not interruption.count or (me is not None and me.cancelling()):
                raise  # the loop itself is ending
            land = None  # it ends with `cut`
            raise Interrupted("a signal") from None
        except StopRun:
            land = None  # they are paid for, and each has a time-out of its own
            raise
        except StoreError:
            raise
        except AtkcError:
            land = interruption.grace  # one endpoint may be at fault, and others answer
            raise
        finally:
            gate.shut()
            await caller.close(0.0 if interruption.hurried else land)


def _softly(calls: int, grace: float) -> str:
    if not calls:
        return "interrupted: nothing more is sent"
    word = "call" if calls == 1 else "calls"
    return (
        f"interrupted: nothing more is sent; {calls} {word} in flight may come in for {grace:g} s "
        "(again: stop at once)"
    )
