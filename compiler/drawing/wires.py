"""Wires: arrows drawn as one line that branches, or as one into which others run.

What leaves one port shares a line as far as it goes the same way. Lists of files are many and all
run to the same few places, so that those which go to one place share a line instead.
"""

from __future__ import annotations

from typing import NamedTuple

from atkc.compiler.drawing.picture import Arrow, Picture

FILES = "files"


class End(NamedTuple):
    """Where a branch of a wire arrives."""

    box: str
    role: str
    spill: bool


class Wire(NamedTuple):
    """One line: either one source and all that read its port, or one end and all that feed it."""

    id: int
    port: str
    sources: tuple[str, ...]
    ends: tuple[End, ...]
    aside: bool = False

    @property
    def files(self) -> bool:
        """Whether it carries lists of written files instead of records."""
        return self.port == FILES


def wires(drawn: Picture) -> tuple[Wire, ...]:
    """Return the wires of a picture in the order of its arrows."""
    bundles: dict[tuple[str, ...], list[Arrow]] = {}
    for arrow in drawn.arrows:
        shared = (arrow.target, arrow.role) if arrow.port == FILES else (arrow.source,)
        bundles.setdefault((arrow.port, *shared), []).append(arrow)
    return tuple(_wire(i, arrows) for i, arrows in enumerate(bundles.values()))


def _wire(id_: int, arrows: list[Arrow]) -> Wire:
    ends: dict[tuple[str, str], bool] = {}
    for arrow in arrows:
        key = (arrow.target, arrow.role)
        ends[key] = ends.get(key, False) or arrow.spill
    return Wire(
        id_,
        arrows[0].port,
        tuple(dict.fromkeys(arrow.source for arrow in arrows)),
        tuple(End(*key, spill) for key, spill in ends.items()),
        arrows[0].aside,
    )
