"""Whether the model takes the seed that every call carries."""

from __future__ import annotations

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, problem


async def check(seat: Seat) -> list[Finding]:
    """Judge by the first answer, which was asked for with a seed."""
    if refuses_seed(seat):
        fix = "reach the model through LiteLLM: `provider/model` and no `api_base`"
        return [problem("refuses `seed`, which every call carries", fix)]
    if not seat.visit.talk.direct:
        return [ok("accepted, or left out by LiteLLM")]
    return [ok("accepted")]


def refuses_seed(seat: Seat) -> bool:
    """Return whether the first call failed for its seed."""
    error = seat.heard.error if seat.heard else None
    return error is not None and error.status in (400, 422) and "seed" in error.message.lower()
