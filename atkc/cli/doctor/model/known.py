"""Whether the endpoint lists the model."""

from __future__ import annotations

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.spec.suggest import hint

_SHOWN = 5  # names


async def check(seat: Seat) -> list[Finding]:
    """Look it up; a model that is not listed and yet may be asked is left to its answer."""
    visit, model = seat.visit, seat.spec.model
    if visit.listed is None:
        return []
    names = visit.names()
    if known(model, names):
        return [ok("is listed")]
    said = f"`{model}` is not among the {len(names)} models listed"
    fix = advice(model, names)
    return [warning(said, fix) if visit.may_ask else problem(said, fix)]


def known(model: str, names: list[str]) -> bool:
    """Return whether a name is listed; Google puts `models/` before, Ollama `:latest` behind."""
    return any(
        model in (name, name.removeprefix("models/"), name.removesuffix(":latest"))
        for name in names
    )


def advice(model: str, names: list[str]) -> str:
    """Return what to write instead."""
    if near := hint(model, names):
        return near
    shown = ", ".join(f"`{name}`" for name in sorted(names)[:_SHOWN])
    more = ", …" if len(names) > _SHOWN else ""
    return f"take one of {shown}{more}" if names else "load a model in the server"
