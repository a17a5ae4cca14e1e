"""Parameters that nothing in their file reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from atkc.compiler.load import Document, Workspace, span_at
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.places import folder_of, resolve

_NAMED = re.compile(r"""\bparams\s*(?:\.\s*([A-Za-z_][\w-]*)|\[\s*['"]([^'"]+))""")
_WHOLE = re.compile(r"\bparams\b(?!\s*[.\[])")


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
    named: set[str] = set()
    for text in _texts(data):
        if _WHOLE.search(text):
            return  # handed on as a whole
        named |= {dotted or quoted for dotted, quoted in _NAMED.findall(text)}
    for name in document.data.get("params", {}):
        if name not in named:
            span = span_at(document.root, ("params", name), key=True)
            message = f"nothing reads the parameter `{name}`"
            yield Diagnostic("ATK500", message, span, help=f"use `params.{name}`, or remove it")


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        if "params" in data:
            yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key != "description":
                yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)
