"""Whether `stop` ends a reply."""

from __future__ import annotations

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.cli.doctor.model.asking import ask, told

_TEXT = "Repeat these words and add nothing: alpha beta gamma delta"
_STOP = "gamma"


async def check(seat: Seat) -> list[Finding]:
    """Ask for a sentence that must end in the middle; matters where the plan sends `stop`."""
    heard = await ask(seat, _TEXT, sampling={"stop": [_STOP]})
    if heard.reply is not None and _STOP not in heard.reply.text:
        return [ok("`stop` is taken")]
    said = "`stop` has no effect" if heard.reply else f"`stop` is not taken: {told(heard.error)}"
    fix = "leave `stop` out of `sampling`"
    return [problem(said, fix) if seat.stops else warning(said, fix)]
