"""Whether the model answers at all."""

from __future__ import annotations

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.cli.doctor.model.asking import ENOUGH, ask
from atkc.cli.doctor.model.known import advice
from atkc.cli.doctor.model.seed import refuses_seed
from atkc.cli.keys import how_to_set
from atkc.runtime.errors import CallError, Permanent, Transient


async def check(seat: Seat) -> list[Finding]:
    """Ask for one word, with the sampling parameters of the plan; keep what came."""
    seat.heard = await ask(seat, "Reply with the one word: yes")
    heard = seat.heard
    if heard.error is not None:
        return [] if refuses_seed(seat) else [_failed(seat, heard.error)]
    assert heard.reply is not None
    if heard.reply.text.strip():
        return [ok(f"answers in {heard.seconds:.2f} s")]
    if heard.reply.finish_reason == "length":
        said = f"thinks so long that {ENOUGH} tokens hold no answer"
        return [warning(said, "give the steps a large `max_tokens`, or turn thinking off")]
    return [problem("gives an empty answer", "look into the log of the server")]


def _failed(seat: Seat, error: CallError) -> Finding:
    code = error.fatal if isinstance(error, Permanent) else None
    if code == "ATK701":
        variable = seat.visit.endpoint.api_key_env
        return problem(error.message, how_to_set(variable) if variable else "set `api_key_env`")
    if code == "ATK702":
        return problem(error.message, advice(seat.spec.model, seat.visit.names()))
    if error.status == 429:
        return problem(error.message, "wait and try again; set `rpm`, `tpm`, `concurrency_limit`")
    if isinstance(error, Transient):
        return problem(error.message, "look whether the server is up and has the model loaded")
    return problem(error.message, "correct the endpoint, the model or its `sampling`")
