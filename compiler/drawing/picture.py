"""A plan as boxes, clusters and arrows: the steps as they were written, before any format.

Instances of one `for_each` are one box unless `expanded`; modules are clusters; the compiler's own
nodes (borders of modules, labels of instances) are left out, and arrows pass through them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from atkc.compiler.drawing.address import cluster_name, names_of, path_of
from atkc.compiler.drawing.facts import Fact, facts_of, subtitle
from atkc.compiler.plan import Edge, Node, Plan

HIDDEN = ("border", "label")
ASIDE = ("rejected", "failed")


class Cluster(NamedTuple):
    """A module. `times` counts its instances; `parent` is the id of the module around it, or ""."""

    id: str
    name: str
    parent: str
    times: int


class Box(NamedTuple):
    """A step. `times` counts its nodes in the plan; `cluster` is the id of its module, or ""."""

    id: str
    name: str
    kind: str
    subtitle: str
    cluster: str
    times: int
    cardinality: str
    barrier: bool
    facts: tuple[Fact, ...] = ()


class Arrow(NamedTuple):
    """A stream from a port of one box to a role of another; `spill`: it may wait on disk."""

    source: str
    port: str
    target: str
    role: str
    spill: bool

    @property
    def aside(self) -> bool:
        """Whether the stream carries what did not pass."""
        return self.port in ASIDE


class Picture(NamedTuple):
    """What a drawing shows. Clusters stand before those inside them, boxes in order of the plan."""

    name: str
    description: str
    boxes: tuple[Box, ...]
    clusters: tuple[Cluster, ...]
    arrows: tuple[Arrow, ...]
    # (box, port) -> what is written where the stream leaves
    notes: Mapping[tuple[str, str], str] = MappingProxyType({})

    def repeats(self, part: Box | Cluster) -> str:
        """Return `×N` where a part occurs another number of times than the module around it."""
        around = part.cluster if isinstance(part, Box) else part.parent
        usual = next((c.times for c in self.clusters if c.id == around), 1)
        return f"×{part.times}" if part.times != usual else ""


def picture(plan: Plan, *, expanded: bool = False) -> Picture:
    """Return the picture of a plan: one box per written step, or per instance if `expanded`."""
    groups: dict[tuple[str, ...], list[Node]] = {}
    for node in plan.nodes:
        if node.type not in HIDDEN:
            groups.setdefault(path_of(node.id, node.type, expanded=expanded), []).append(node)
    boxes = tuple(_box(path, nodes, plan) for path, nodes in groups.items())
    return Picture(
        plan.name,
        " ".join(plan.description.split()),
        boxes,
        _clusters(groups, expanded=expanded),
        _arrows(plan.nodes, groups),
    )


def _box(path: tuple[str, ...], nodes: Sequence[Node], plan: Plan) -> Box:
    first = nodes[0]
    kinds = {node.cardinality for node in nodes}
    return Box(
        id=".".join(path),
        name=path[-1].removesuffix(".export") if first.type == "output" else path[-1],
        kind=first.type,
        subtitle=subtitle(nodes),
        cluster=".".join(path[:-1]),
        times=len(nodes),
        cardinality=first.cardinality if len(kinds) == 1 else "",
        barrier=any(node.order == "barrier" for node in nodes),
        facts=facts_of(nodes, plan),
    )


def _clusters(
    groups: Mapping[tuple[str, ...], Sequence[Node]], *, expanded: bool
) -> tuple[Cluster, ...]:
    instances: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    for path, nodes in groups.items():
        for depth in range(1, len(path)):
            seen = instances.setdefault(path[:depth], {})
            seen.update((names_of(node.id)[:depth], None) for node in nodes)
    return tuple(
        Cluster(
            ".".join(path), cluster_name(path, expanded=expanded), ".".join(path[:-1]), len(seen)
        )
        for path, seen in sorted(instances.items(), key=lambda pair: len(pair[0]))
    )


def _arrows(
    nodes: Iterable[Node], groups: Mapping[tuple[str, ...], Sequence[Node]]
) -> tuple[Arrow, ...]:
    box_of = {node.id: ".".join(path) for path, group in groups.items() for node in group}
    behind: dict[str, list[Edge]] = {}  # hidden node -> the edges it stands for
    spills: dict[tuple[str, str, str, str], bool] = {}
    for node in nodes:
        real = {role: _through(edges, behind) for role, edges in node.inputs.items()}
        if node.id not in box_of:
            behind[node.id] = [edge for edges in real.values() for edge in edges]
            continue
        for role, edges in real.items():
            for edge in edges:
                key = (box_of[edge.node], edge.port, box_of[node.id], role)
                spills[key] = spills.get(key, False) or edge.spill
    return tuple(Arrow(*key, spill) for key, spill in spills.items())


def _through(edges: Iterable[Edge], behind: Mapping[str, Sequence[Edge]]) -> list[Edge]:
    """Return the edges with hidden nodes replaced by what they read; a spill anywhere counts."""
    out: list[Edge] = []
    for edge in edges:
        if edge.node not in behind:
            out.append(edge)
            continue
        out += [replace(real, spill=real.spill or edge.spill) for real in behind[edge.node]]
    return out
