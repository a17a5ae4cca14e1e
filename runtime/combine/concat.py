"""Concat: streams one after the other in canonical order; nothing waits."""

from __future__ import annotations

import asyncio

from atkc.compiler.plan import CombineOp
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Ordinal, Row, Token, under


async def run(stage: Stage, _op: CombineOp) -> None:
    """Pass all tokens on; those of several roles are told apart by a prefix."""
    roles = stage.roles()
    if len(roles) == 1:
        await _pass(stage, roles[0], ())
        return
    stage.ports.mark(Mark((), len(roles)))
    async with asyncio.TaskGroup() as group:
        for index, role in enumerate(roles):
            group.create_task(_pass(stage, role, (index,)))


async def _pass(stage: Stage, role: str, prefix: Ordinal) -> None:
    tally = stage.tallies[role]
    async for token in stage.arrivals(role):
        moved: Token = under(token, prefix) if prefix else token
        if isinstance(moved, Row):
            stage.leave(stage.enter(moved), tally)
        else:
            stage.forward(moved)
