"""Split: shares of a stream to ports of their own, by hash, so that equal keys stay together."""

from __future__ import annotations

from atkc.compiler.plan import CombineOp
from atkc.runtime.combine.chance import share
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.keys import canonical
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


async def run(stage: Stage, op: CombineOp) -> None:
    """Send each row to the port that its hash falls to; shares below 1 leave a rest not drawn."""
    into: dict[str, float] = op.options["into"]
    by = formula(op.expressions["by"], stage.run.bodies) if "by" in op.expressions else None

    def port_of(row: Row) -> str | None:
        key = row.identity if by is None else canonical(by(row.data, stage.env(row.identity)))
        at = share(stage, "split", key)
        for port, part in into.items():
            at -= part
            if at < 0:
                return port
        # Shares that are written to sum to 1 may miss it by a rounding error.
        return list(into)[-1] if sum(into.values()) > 1 - 1e-9 else None

    async for token in stage.arrivals():
        if not isinstance(token, Row):
            stage.forward(token)
            continue
        row = stage.enter(token)
        try:
            port = port_of(row)
        except RecordError as error:
            stage.fail(row, error, stage.tally)
            continue
        if port is None:
            stage.tally.not_drawn += 1
            stage.ports.gap(row.ordinal)
        else:
            stage.leave(row, stage.tally, port)
