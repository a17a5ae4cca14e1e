"""A config as nodes with places, its values by YAML 1.1, which is what the original reads."""

from __future__ import annotations

import math
from typing import Any

import yaml
from msgspec import Struct

from atkc.cli.augmentoolkit.marks import readable, written
from atkc.cli.augmentoolkit.secret import blotted
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.nodes import ListNode, MapNode, Node, ScalarNode
from atkc.spec.source import Source
from atkc.spec.yamltext import load, read

_RESOLVED = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float"))


class Read(Struct, frozen=True):
    """A config that could be read, or what is wrong with it."""

    root: MapNode | None
    source: Source  # what may be shown: keys are blotted out
    found: tuple[Diagnostic, ...]


def read_config(path: str) -> Read:
    """Return the config; findings are errors, and `root` is None beside one."""
    source = read(path)
    if isinstance(source, Diagnostic):
        return Read(None, Source(path, ""), (source,))
    shown = Source(source.path, blotted(source.text))
    root, found = load(Source(source.path, readable(shown.text)))
    errors = tuple(d for d in found if d.severity == "error")
    if not errors and not isinstance(root, MapNode):
        message = f"`{path}` is no mapping of sections"
        errors = (Diagnostic("ATK202", message, shown.span(0, 1), help="name a config file"),)
    return Read(root if isinstance(root, MapNode) and not errors else None, shown, errors)


def value_of(node: Node) -> Any:
    """Return what the original's loader makes of a node."""
    if isinstance(node, ListNode):
        return [value_of(item) for item in node.items]
    if isinstance(node, MapNode):
        return {written(name.text): value_of(value) for name, value in node.entries}
    return _scalar(node)


def _scalar(node: ScalarNode) -> Any:
    text = written(node.text)
    if node.style != "plain":
        return text
    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag not in _RESOLVED:
        return text
    try:
        value = loader.construct_object(yaml.ScalarNode(tag, text))
    except ValueError:  # longer than Python reads
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value
