"""Sides: streams of one record that expressions read by name."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


async def load(stage: Stage, op: CombineOp) -> None:
    """Wait for each side's record; raises InputError where there is none or more than one."""
    for role in dict.fromkeys(op.sides.values()):
        rows = []
        async for batch in stage.batches(role):
            rows += [token for token in batch if isinstance(token, Row)]
        stage.tallies[role].merged += len(rows)
        if len(rows) != 1:
            message = f"`{stage.node.id}` reads one record at `{role}`, and {len(rows)} came"
            raise stage.mistake("ATK606", message, "combine the stream to one record by `measure`")
        for name, of in op.sides.items():
            if of == role:
                stage.sides[name] = rows[0].data
