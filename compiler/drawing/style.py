"""The style sheet of a drawing, made from the palette: readable on white and on black.

Rules are spelled out instead of using variables, which some viewers do not know.
"""

from __future__ import annotations

from collections.abc import Iterator

from atkc.compiler.drawing.palette import LOOKS, class_of

FONT = '"Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif'
# class: (property, by day, by night)
_PLAIN: dict[str, tuple[tuple[str, str, str], ...]] = {
    ".paper": (("fill", "#ffffff", "#14171b"),),
    ".name": (("fill", "#16191d", "#f0f2f5"),),
    ".small, .port": (("fill", "#4d5661", "#b4bdc8"),),
    ".title": (("fill", "#16191d", "#f0f2f5"),),
    ".halo": (("stroke", "#ffffff", "#14171b"),),
    ".module": (("fill", "#7d8793", "#aab4c0"), ("stroke", "#8b95a1", "#6b7683")),
    ".line": (("stroke", "#5b6470", "#98a2ae"),),
    ".tip, .spill": (("fill", "#5b6470", "#98a2ae"),),
    ".line.aside": (("stroke", "#b5534a", "#e08c84"),),
    ".tip.aside": (("fill", "#b5534a", "#e08c84"),),
    ".line.files": (("stroke", "#8fa39a", "#6f8579"),),
    ".tip.files": (("fill", "#8fa39a", "#6f8579"),),
    ".hot .line": (("stroke", "#0b66d6", "#6db3ff"),),
    ".hot .tip": (("fill", "#0b66d6", "#6db3ff"),),
}
_FIXED = (
    f"text {{ font-family: {FONT}; }}",
    ".name { font-size: 13px; font-weight: 600; }",
    ".small { font-size: 11px; }",
    ".port { font-size: 10px; font-style: italic; }",
    ".title { font-size: 13px; font-weight: 700; }",
    ".heading { font-size: 17px; }",
    ".halo { stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }",
    ".module { fill-opacity: 0.09; stroke-width: 1; }",
    ".box path { stroke-width: 1.3; }",
    ".line { fill: none; stroke-width: 1.3; }",
    ".line.aside { stroke-dasharray: 5 4; }",
    ".line.files { stroke-dasharray: 1.5 3; stroke-linecap: round; }",
    ".box .bar { stroke-width: 5; fill: none; }",
)


def sheet() -> str:
    """Return the style sheet."""
    dark = "\n".join(f"  {rule}" for rule in _rules(night=True))
    day = "\n".join([*_FIXED, *_rules(night=False)])
    return f"{day}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _rules(*, night: bool) -> Iterator[str]:
    for selector, settings in _PLAIN.items():
        said = " ".join(f"{name}: {b if night else a};" for name, a, b in settings)
        yield f"{selector} {{ {said} }}"
    for kind, look in LOOKS.items():
        fill, edge = (look.dark_fill, look.dark_edge) if night else (look.fill, look.edge)
        yield f".{class_of(kind)} path {{ fill: {fill}; stroke: {edge}; }}"
        yield f".{class_of(kind)} .bar {{ stroke: {edge}; }}"
