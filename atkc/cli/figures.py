"""The figures of a picture in words: for plain lines and for the head of the table."""

from __future__ import annotations

from atkc.cli.picture import Picture
from atkc.cli.remaining import about
from atkc.spec.screen import printable


def figures(picture: Picture) -> list[str]:
    """Return the figures in order of weight; what is nothing or not known is left out."""
    totals = picture.totals
    tokens = totals.prompt_tokens + totals.completion_tokens
    told = [
        f"{totals.calls} calls ({picture.calls_rate:.1f}/s)",
        f"{totals.cached + totals.shared} from cache",
        about(picture.left),
        cost(totals.money, picture.in_all),
        f"{picture.records_rate:.0f} records/s",
        f"{tokens:,} tokens",
        f"{totals.retried} sent again" if totals.retried else "",
        f"{totals.failed} calls failed" if totals.failed else "",
        f"{picture.done} of {picture.steps} steps done",
    ]
    return [part for part in told if part]


def cost(money: float, in_all: float | None) -> str:
    """Return `$0.12 of about $1.90`; nothing where nothing is paid."""
    if not money:
        return ""
    return _dollars(money) + (f" of about {_dollars(in_all)}" if in_all is not None else "")


def plain(picture: Picture) -> str:
    """Return the line for a log; below it one for each endpoint that is held back."""
    told = ", ".join(figures(picture))
    return "\n         ".join((f"{picture.seconds:5.0f} s: {told}", *map(printable, picture.held)))


def _dollars(money: float) -> str:
    return f"${money:.2f}" if money >= 0.1 else f"${money:.4f}"
