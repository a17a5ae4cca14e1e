"""Whether `max_tokens` bounds a reply, and whether a reply that was cut says so."""

from __future__ import annotations

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.cli.doctor.model.asking import ask, told
from atkc.runtime.api import Reply

_TEXT = "Count from 1 to 50, with a space between the numbers."
_MOST = 8  # tokens
_LONG = _MOST * 5  # characters that so few tokens cannot make of numbers


async def check(seat: Seat) -> list[Finding]:
    """Ask for more than fits."""
    heard = await ask(seat, _TEXT, sampling={"max_tokens": _MOST})
    if heard.reply is None:
        fix = "leave `max_tokens` away, or give more"
        return [warning(f"`max_tokens: {_MOST}` is not taken: {told(heard.error)}", fix)]
    return [_judged(heard.reply)]


def _judged(reply: Reply) -> Finding:
    if reply.finish_reason == "length":
        return ok("`max_tokens` cuts a reply, and the reply says so")
    told_of = reply.completion_tokens
    if told_of > _MOST or (not told_of and len(reply.text) > _LONG):
        return problem("`max_tokens` has no effect", "bound the length in the server's settings")
    if 0 < told_of < _MOST:
        said = f"ended by itself after {told_of} tokens, so nothing was cut"
        return warning(said, "look whether long replies end with `finish_reason: length`")
    said = f"a reply that was cut says `finish_reason: {reply.finish_reason}` and passes for whole"
    return problem(said, "update the server; until then give far more `max_tokens` than needed")
