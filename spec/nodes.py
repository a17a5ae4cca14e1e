"""Positioned YAML values: what was written, what it means, and where each character stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from atkc.spec.scalar import place
from atkc.spec.source import Source, Span

Scalar = str | int | float | bool | None


class ScalarNode(Struct, frozen=True):
    """A single value; `value` follows the YAML 1.2 core schema, `text` is the decoded string."""

    value: Scalar
    text: str
    style: str  # plain, single, double, literal or folded
    start: int  # offset of the first character, after anchors
    end: int
    source: Source

    @property
    def span(self) -> Span:
        """Return where the scalar stands, quotes and block header included."""
        return self.source.span(self.start, self.end)

    def span_of(self, start: int, end: int) -> Span:
        """Return where the characters [start, end) of `text` stand in the file."""
        raw = self.source.text[self.start : self.end]
        first, last = place(raw, self.style, self.text, start, end)
        return self.source.span(self.start + first, self.start + last)


class MapNode(Struct, frozen=True):
    """A mapping in written order; every key is a scalar, and none occurs twice."""

    entries: tuple[tuple[ScalarNode, Node], ...]
    start: int
    end: int
    source: Source

    @property
    def span(self) -> Span:
        """Return where the mapping stands, from its first key to its last value."""
        return self.source.span(self.start, self.end)

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None where the mapping has no such key."""
        found = _step(self, key)
        return None if found is None else found[1]

    def key(self, key: str) -> ScalarNode | None:
        """Return the node of the key itself, or None where the mapping has no such key."""
        return next((name for name, _ in self.entries if name.text == key), None)


class ListNode(Struct, frozen=True):
    """A list of values."""

    items: tuple[Node, ...]
    start: int
    end: int
    source: Source

    @property
    def span(self) -> Span:
        """Return where the list stands, from its first item to its last."""
        return self.source.span(self.start, self.end)


Node = ScalarNode | MapNode | ListNode


def plain(node: Node) -> Any:
    """Return the value as JSON data: dict, list, str, int, float, bool or None."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {name.text: plain(value) for name, value in node.entries}


def locate(node: Node, path: Sequence[str | int], key: bool = False) -> Node:
    """Return the node that `path` leads to, as far as the path exists.

    With `key`, a last step into a mapping gives the node of its key instead of the value; a
    last step into a list gives the item, which has no key.
    """
    name: ScalarNode | None = None
    for step in path:
        found = _step(node, step)
        if found is None:
            break
        name, node = found
    return name if key and name is not None else node


def _step(node: Node, step: str | int) -> tuple[ScalarNode | None, Node] | None:
    if isinstance(node, MapNode):
        for entry in node.entries:
            if entry[0].text == step:
                return entry
        return None
    if isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return None, node.items[step]
    return None
