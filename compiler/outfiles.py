"""Files that exports write: no two may have one path, also where a file system folds case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from atkc.compiler.flow import Flow
from atkc.compiler.plan import ExportOp, Node
from atkc.compiler.scope import Expansion
from atkc.spec.diagnostic import Diagnostic, Label


def check_paths(flow: Flow, ex: Expansion) -> None:
    """Report each export that would write a file which another one writes."""
    first: dict[str, tuple[str, str]] = {}
    for node in flow.nodes.values():
        for path in dict.fromkeys(_files(node)):
            key = unicodedata.normalize("NFC", path).casefold()
            if key in first:
                flow.space.report(_clash(flow, ex, node.id, path, first[key]))
                break
            first[key] = (node.id, path)


def _files(node: Node) -> Iterator[str]:
    if not isinstance(node.op, ExportOp):
        return
    if not node.op.partition:
        yield node.op.path
    for value in node.op.values:
        yield node.op.path.replace(f"{{{node.op.partition}}}", value)


def _clash(flow: Flow, ex: Expansion, id_: str, path: str, other: tuple[str, str]) -> Diagnostic:
    inst, before = ex.instances[id_], ex.instances[other[0]]
    span = flow.span(inst, "path")
    advice = "give each file a name of its own"
    if inst.path == before.path:
        message = f"`{other[0]}` and `{id_}` write one file, `{path}`"
        return Diagnostic("ATK313", message, span, help="put the name of `for_each` into the path")
    label = Label(flow.span(before, "path"), f"`{other[0]}` writes `{other[1]}`")
    return Diagnostic("ATK313", f"two exports write one file, `{path}`", span, (label,), advice)
