"""The formats of drawings, and which file names ask for them. A new format is a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from atkc.compiler.drawing.dot import draw_dot
from atkc.compiler.drawing.mermaid import draw_mermaid
from atkc.compiler.drawing.page import draw_page
from atkc.compiler.drawing.picture import Picture
from atkc.compiler.drawing.svg import draw_svg

FORMATS: Mapping[str, Callable[[Picture], str]] = {
    "mermaid": draw_mermaid,
    "dot": draw_dot,
    "svg": draw_svg,
    "html": draw_page,
}
SUFFIXES: Mapping[str, str] = {
    ".mmd": "mermaid",
    ".md": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".svg": "svg",
    ".html": "html",
}
