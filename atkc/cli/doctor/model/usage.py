"""Whether replies tell how many tokens they took."""

from __future__ import annotations

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, warning


async def check(seat: Seat) -> list[Finding]:
    """Look at the first answer."""
    reply = seat.heard.reply if seat.heard else None
    if reply is None:
        return []
    if reply.prompt_tokens and reply.completion_tokens:
        return [ok("tokens are told")]
    said = "replies tell no token counts, so money and `tpm` are not counted"
    return [warning(said, "bound runs with `--max-calls` instead of `--max-usd`")]
