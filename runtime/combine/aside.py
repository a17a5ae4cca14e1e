"""Work on texts, off the event loop where it would hold it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from atkc.runtime.stage import Stage

T = TypeVar("T")

_SHORT = 4_000  # characters: work on fewer takes less time than handing it to a thread


async def aside(stage: Stage, characters: int, work: Callable[[], T]) -> T:
    """Return what the work returns; that on long texts is done in a thread."""
    return work() if characters < _SHORT else await stage.in_thread(work)
