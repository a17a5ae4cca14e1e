"""How each type of step looks: its outline and colours, by day and by night, in every format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Look(NamedTuple):
    """Outline (a name in `outlines`), Graphviz shape, Mermaid brackets; fill and edge, twice."""

    outline: str
    dot: str
    mermaid: tuple[str, str]
    fill: str
    edge: str
    dark_fill: str
    dark_edge: str
    meaning: str


LOOKS: Mapping[str, Look] = {
    "source": Look(
        "slanted", "parallelogram", ("[/", "/]"), "#e3f0ff", "#3b78b8", "#173350", "#7fb2e6",
        "source: reads records",
    ),
    "prompt": Look(
        "round", "box", ("(", ")"), "#fdf0d5", "#b7791f", "#46340f", "#e7b85c",
        "prompt: asks a model",
    ),
    "parse": Look(
        "square", "box", ("[", "]"), "#f1f5d8", "#7a8a1c", "#363d12", "#c3d360",
        "parse: text to fields",
    ),
    "vote-filter": Look(
        "hexagon", "hexagon", ("{{", "}}"), "#fbe3ea", "#b8436a", "#4a1a2a", "#ee8fae",
        "vote-filter: judges keep or reject",
    ),
    "map": Look(
        "square", "box", ("[", "]"), "#f1f2f4", "#69727f", "#2a2f37", "#a5aebb",
        "map: changes each record",
    ),
    "combine": Look(
        "stadium", "ellipse", ("([", "])"), "#ece6fb", "#6f52b5", "#2e2350", "#b49df0",
        "combine: whole streams",
    ),
    "export": Look(
        "page", "note", ("[[", "]]"), "#dff3e4", "#2f8550", "#143a23", "#76cb95",
        "export: writes a file",
    ),
}  # fmt: skip
# Inputs of a spec that runs alone read, and its outputs write.
ALIKE = {"input": "source", "output": "export"}


def look_of(kind: str) -> Look:
    """Return the look of a type of step; one that is not known looks like a map."""
    return LOOKS.get(ALIKE.get(kind, kind), LOOKS["map"])


def class_of(kind: str) -> str:
    """Return the name of the look, as a class."""
    name = ALIKE.get(kind, kind)
    return (name if name in LOOKS else "map").replace("-", "_")
