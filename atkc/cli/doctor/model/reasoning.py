"""Whether the model thinks, and whether its thoughts are kept apart from the text."""

from __future__ import annotations

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, warning
from atkc.stdlib.replies.reasoning import without_reasoning

_FIELDS = ("reasoning_content", "reasoning", "reasoning_details")


async def check(seat: Seat) -> list[Finding]:
    """Look at the first answer; what LiteLLM makes of it is not seen."""
    heard = seat.heard
    if heard is None or heard.reply is None or not seat.visit.talk.direct:
        return []
    if without_reasoning(heard.reply.text) != heard.reply.text:
        said = "thoughts stand in the text; they are cut off before it is parsed"
        return [warning(said, "let the server keep them apart (vLLM: `--reasoning-parser`)")]
    if any(heard.message.get(name) for name in _FIELDS):
        return [ok("thinks, beside the text; `max_tokens` counts the thoughts too")]
    return [ok("no thoughts seen")]
