"""Which function runs which kind of node."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from atkc.runtime.combine.table import run as run_combine
from atkc.runtime.operators import export, parse, prompt, source, vote
from atkc.runtime.operators import map as map_
from atkc.runtime.stage import Stage

OPERATORS: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "source": source.run,
    "prompt": prompt.run,
    "parse": parse.run,
    "vote": vote.run,
    "map": map_.run,
    "combine": run_combine,
    "export": export.run,
}
