"""Wires: the arrows that leave one port of one box, drawn as one line that branches."""

from __future__ import annotations

from dataclasses import dataclass

from atkc.compiler.drawing.picture import Picture


@dataclass(frozen=True, slots=True)
class End:
    """Where a branch of a wire arrives."""

    box: str
    role: str
    spill: bool


@dataclass(frozen=True, slots=True)
class Wire:
    """One port and all that read it."""

    id: int
    source: str
    port: str
    aside: bool
    ends: tuple[End, ...]


def wires(drawn: Picture) -> tuple[Wire, ...]:
    """Return the wires of a picture in the order of its arrows."""
    ends: dict[tuple[str, str, bool], list[End]] = {}
    for arrow in drawn.arrows:
        key = (arrow.source, arrow.port, arrow.aside)
        ends.setdefault(key, []).append(End(arrow.target, arrow.role, arrow.spill))
    return tuple(Wire(i, *key, tuple(found)) for i, (key, found) in enumerate(ends.items()))
