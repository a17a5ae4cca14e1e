"""A picture as Mermaid, which GitHub and many editors draw."""

from __future__ import annotations

import json
from collections.abc import Iterator

from atkc.compiler.drawing.palette import LOOKS, class_of, look_of
from atkc.compiler.drawing.picture import Arrow, Box, Picture

# What means something even inside a quoted label (braces: a directive), as Mermaid's entities.
_ENTITIES = {c: f"#{ord(c)};" for c in '#"&<>`;$\\{}'}

# The title is YAML, where entities are unknown: what could open a directive or a fence is replaced.
_IN_TITLE = str.maketrans("{}`", "()'")


def draw_mermaid(drawn: Picture) -> str:
    """Return a flowchart with a subgraph per module."""
    ids = {box.id: f"n{i}" for i, box in enumerate(drawn.boxes)}
    title = drawn.name.translate(_IN_TITLE)
    lines = ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---", "flowchart TB"]
    lines += _inside("", drawn, ids, "  ")
    lines += [_arrow(arrow, ids) for arrow in drawn.arrows]
    lines += _classes(drawn)
    return "\n".join(lines) + "\n"


def fenced(text: str) -> str:
    """Return Mermaid text as a block of Markdown."""
    return f"```mermaid\n{text}```\n"


def _inside(module: str, drawn: Picture, ids: dict[str, str], indent: str) -> Iterator[str]:
    for box in drawn.boxes:
        if box.cluster == module:
            yield indent + _box(box, ids[box.id], drawn.repeats(box))
    for i, cluster in enumerate(drawn.clusters):
        if cluster.parent == module:
            title = f"{cluster.name} {drawn.repeats(cluster)}".strip()
            yield f'{indent}subgraph m{i}["{_safe(title)}"]'
            yield from _inside(cluster.id, drawn, ids, indent + "  ")
            yield f"{indent}end"


def _box(box: Box, id_: str, repeats: str) -> str:
    left, right = look_of(box.kind).mermaid
    first = f"{box.name} {repeats}".strip()
    second = f"{box.kind} · {box.subtitle}" if box.subtitle else box.kind
    notes = [n for n in (_counts(box), "waits for all" if box.barrier else "") if n]
    text = "<br/>".join(_safe(line) for line in (first, second, *notes))
    return f'{id_}{left}"{text}"{right}:::{class_of(box.kind)}'


def _counts(box: Box) -> str:
    return box.cardinality if box.cardinality in ("1:n", "n:1", "n:n", "filter") else ""


def _arrow(arrow: Arrow, ids: dict[str, str]) -> str:
    line = "-.->" if arrow.aside else "-->"
    role = "" if arrow.role == "in" else arrow.role.removeprefix("side.")
    port = "" if arrow.port == "main" else arrow.port
    said = [" → ".join(filter(None, (port, role))), "on disk" if arrow.spill else ""]
    text = ", ".join(_safe(part) for part in said if part)
    label = f'|"{text}"|' if text else ""
    return f"  {ids[arrow.source]} {line}{label} {ids[arrow.target]}"


def _classes(drawn: Picture) -> Iterator[str]:
    used = {class_of(box.kind) for box in drawn.boxes}
    for kind, look in LOOKS.items():
        if class_of(kind) in used:
            yield f"  classDef {class_of(kind)} fill:{look.fill},stroke:{look.edge},color:#16191d"


def _safe(text: str) -> str:
    return "".join(_ENTITIES.get(c, c if c.isprintable() else " ") for c in text)
