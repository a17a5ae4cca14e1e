"""Which function runs which kind of node: the file in which each lives, and its name there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module

from atkc.runtime.stage import Stage
from atkc.spec.late import Late

_FILES = {
    "source": "operators.source",
    "prompt": "operators.prompt",
    "parse": "operators.parse",
    "vote": "operators.vote",
    "map": "operators.map",
    "combine": "combine.table",
    "export": "operators.export",
}
Run = Callable[[Stage], Awaitable[None]]


def _run(name: str) -> Run:
    found: Run = import_module(f"atkc.runtime.{_FILES[name]}").run
    return found


OPERATORS: Mapping[str, Run] = Late(_FILES, _run)
