"""The picture of a plan as plain data in `events.jsonl`, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.compiler.drawing.address import path_of
from atkc.compiler.drawing.picture import HIDDEN, Arrow, Box, Cluster, Picture, picture
from atkc.compiler.plan import Plan


def told(plan: Plan) -> dict[str, Any]:
    """Return boxes with their nodes, clusters and arrows."""
    drawn = picture(plan)
    nodes: dict[str, list[str]] = {}
    for node in plan.nodes:
        if node.type not in HIDDEN:
            nodes.setdefault(".".join(path_of(node.id, node.type, expanded=False)), []).append(
                node.id
            )
    return {
        "name": drawn.name,
        "description": drawn.description,
        "boxes": [_box(box, nodes[box.id]) for box in drawn.boxes],
        "clusters": [cluster._asdict() for cluster in drawn.clusters],
        "arrows": [arrow._asdict() for arrow in drawn.arrows],
    }


def _box(box: Box, nodes: list[str]) -> dict[str, Any]:
    said = box._asdict()
    del said["facts"]
    return {**said, "nodes": nodes}


def read(graph: Mapping[str, Any]) -> tuple[Picture, dict[str, tuple[str, ...]]]:
    """Return the picture and by box the nodes that it stands for."""
    boxes, nodes = [], {}
    for said in graph["boxes"]:
        known = dict(said)
        nodes[known["id"]] = tuple(known.pop("nodes"))
        boxes.append(Box(**known))
    drawn = Picture(
        graph["name"],
        graph["description"],
        tuple(boxes),
        tuple(Cluster(**c) for c in graph["clusters"]),
        tuple(Arrow(**a) for a in graph["arrows"]),
    )
    return drawn, nodes
