"""A picture in the language of Graphviz; drawing it is up to those who have Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from atkc.compiler.drawing.palette import look_of
from atkc.compiler.drawing.picture import Arrow, Box, Picture

_ESCAPES = {"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": " "}


def draw_dot(drawn: Picture) -> str:
    """Return a digraph with a cluster per module."""
    ids = {box.id: f"n{i}" for i, box in enumerate(drawn.boxes)}
    lines = [
        f"digraph {_quoted(drawn.name)} {{",
        f"  graph [label={_quoted(drawn.name)}, labelloc=t, fontname=Helvetica, rankdir=TB];",
        "  node [fontname=Helvetica, fontsize=11, style=filled, margin=0.15];",
        '  edge [fontname=Helvetica, fontsize=9, color="#5b6470", arrowsize=0.7];',
        *_inside("", drawn, ids, "  "),
        *(_arrow(arrow, ids) for arrow in drawn.arrows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _inside(module: str, drawn: Picture, ids: dict[str, str], indent: str) -> Iterator[str]:
    for box in drawn.boxes:
        if box.cluster == module:
            yield indent + _box(box, ids[box.id], drawn.repeats(box))
    for i, cluster in enumerate(drawn.clusters):
        if cluster.parent == module:
            title = f"{cluster.name} {drawn.repeats(cluster)}".strip()
            yield f"{indent}subgraph cluster_{i} {{"
            yield f'{indent}  graph [label={_quoted(title)}, style=rounded, color="#8b95a1"];'
            yield from _inside(cluster.id, drawn, ids, indent + "  ")
            yield f"{indent}}}"


def _box(box: Box, id_: str, repeats: str) -> str:
    look = look_of(box.kind)
    notes = [box.cardinality] if box.cardinality in ("1:n", "n:1", "n:n", "filter") else []
    notes += ["waits for all"] if box.barrier else []
    second = " · ".join(filter(None, (box.kind, box.subtitle)))
    rows = [f"{box.name} {repeats}".strip(), second, ", ".join(notes)]
    label = '"' + "\\n".join(_safe(row) for row in rows if row) + '"'
    style = '"rounded,filled"' if look.outline == "round" else "filled"
    heavy = ", peripheries=2" if box.barrier else ""
    return (
        f"{id_} [label={label}, shape={look.dot}, style={style}, "
        f'fillcolor="{look.fill}", color="{look.edge}"{heavy}];'
    )


def _arrow(arrow: Arrow, ids: dict[str, str]) -> str:
    settings = []
    if arrow.port != "main":
        settings.append(f"taillabel={_quoted(arrow.port)}")
    if arrow.role != "in":
        settings.append(f"headlabel={_quoted(arrow.role.removeprefix('side.'))}")
    if arrow.aside:
        settings.append("style=dashed")
    if arrow.spill:
        settings.append('label="on disk"')
    shown = f" [{', '.join(settings)}]" if settings else ""
    return f"  {ids[arrow.source]} -> {ids[arrow.target]}{shown};"


def _quoted(text: str) -> str:
    return f'"{_safe(text)}"'


def _safe(text: str) -> str:
    return "".join(_ESCAPES.get(c, c if c.isprintable() else " ") for c in text)
