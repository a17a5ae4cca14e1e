"""Parameters that nothing in their file reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atkc.compiler.load import Document, Workspace, span_at
from atkc.compiler.reads import params_read
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.places import folder_of, resolve


def unread_params(space: Workspace) -> Iterator[Diagnostic]:
    """Yield one finding per parameter of a spec that no text of it names.

    The record types that a file imports count too: their defaults read the parameters of the file
    that uses them.
    """
    specs = {d.path: d for (_, kind), d in space.documents.items() if d and kind == "pipeline"}
    for document in specs.values():
        folder = folder_of(document.path)
        paths = [resolve(text, folder) for text in document.data.get("import", {}).values()]
        records = [specs[path].data.get("records", {}) for path in paths if path in specs]
        yield from _of(document, [document.data, *records])


def _of(document: Document, data: list[Any]) -> Iterator[Diagnostic]:
    named = params_read(data, but="description")
    if named is None:
        return
    for name in document.data.get("params", {}):
        if name not in named:
            span = span_at(document.root, ("params", name), key=True)
            message = f"nothing reads the parameter `{name}`"
            yield Diagnostic("ATK500", message, span, help=f"use `params.{name}`, or remove it")
