"""Dedupe: of records with equal fields the first in canonical order stays."""

from __future__ import annotations

from typing import Any

from atkc.compiler.plan import CombineOp
from atkc.runtime.keys import digest
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


async def run(stage: Stage, op: CombineOp) -> None:
    """Send later equals to `rejected` with the identity of the first."""
    by: list[str] = op.options["by"]
    normalise = _NORMALISE[op.options.get("normalise", "none")]
    first: dict[bytes, str] = {}
    async for token in stage.ordered():
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        key = digest([normalise(token.data.get(name)) for name in by])
        row = stage.enter(token)
        if key in first:
            stage.tally.duplicate += 1
            added = {"duplicate_of": first[key], "rejected_by": stage.node.id}
            data = {**row.data, **added}
            stage.ports.row("rejected", Row(row.ordinal, row.identity, data, row.trail))
        else:
            first[key] = row.identity.hex()
            stage.leave(row, stage.tally)


def _whitespace(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _casefold(value: Any) -> Any:
    return _whitespace(value.casefold()) if isinstance(value, str) else value


_NORMALISE = {"none": lambda value: value, "whitespace": _whitespace, "casefold": _casefold}
