"""Parse: a text field into typed fields, like a prompt without the call."""

from __future__ import annotations

from atkc.compiler.plan import ParseOp
from atkc.runtime.errors import RecordError
from atkc.runtime.operators.condition import guard
from atkc.runtime.operators.replies import Got, Settler, accepting, local_outcome
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Row


async def run(stage: Stage) -> None:
    """Parse the field of each row."""
    op = stage.node.op
    assert isinstance(op, ParseOp)
    accept = accepting(op.contract, op.shape, stage.run.bodies.parse_reply)
    settler = Settler(stage, op.shape, op.expand, op.on_failure, op.condition)
    passes = guard(op.condition, stage)

    def settle(row: Row) -> None:
        try:
            passed = passes(row)
        except RecordError as error:
            stage.fail(row, error, stage.tally)
            return
        if passed is not None:
            settler.pass_by(passed)
        else:
            settler.settle(row, [Got({}, local_outcome(accept, row.data.get(op.field)))])

    async for token in stage.tokens():
        if isinstance(token, Mark):
            stage.forward(token)
        else:
            settle(token if op.expand else stage.enter(token))
