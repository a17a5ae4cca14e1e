"""The hash of a plan: equal for equal work, in whatever folder a project lies."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from msgspec.structs import replace

from atkc.compiler.plan import Node, ParamValue, Plan, SourceOp, encoded
from atkc.spec.places import SCHEME, folder_of, project_of

_INSIDE = "\0"  # begins no text of a spec: what is inside a project is no other text


def plan_digest(plan: Plan) -> str:
    """Return the SHA-256 of a plan, in hexadecimal.

    Of files inside the project only the place there counts; which lines a step was written in, and
    who gave a parameter its value, do not. All else does, and each text as it is where a record
    or a request may show it.
    """
    root = _project(plan)
    params = {name: ParamValue(_placed(v.value, root), "") for name, v in plan.params.items()}
    nodes = [_node(node, root) for node in plan.nodes]
    plain = replace(plan, params=params, nodes=nodes, output=_placed(plan.output, root))
    return hashlib.sha256(encoded(plain)).hexdigest()


def _node(node: Node, root: str) -> Node:
    if not isinstance(node.op, SourceOp):
        return replace(node, place=None)
    op = replace(node.op, options=_placed(node.op.options, root))
    return replace(node, place=None, op=op)


def _project(plan: Plan) -> str:
    """Return the folder that the plan's documents have in common; empty where all are shipped."""
    written = {node.place.path for node in plan.nodes if node.place is not None}
    folders = {folder_of(path) for path in written if not path.startswith(SCHEME)}
    return project_of(f"{os.path.commonpath(folders)}/_") if folders else ""


def _placed(value: Any, root: str) -> Any:
    """Return a value with the paths below a folder as paths from there."""
    if isinstance(value, dict):
        return {name: _placed(item, root) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_placed(item, root) for item in value]
    if isinstance(value, str) and root and f"{value}/".startswith(f"{root.rstrip('/')}/"):
        return _INSIDE + value[len(root) :]
    return value
