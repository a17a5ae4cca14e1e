"""The event stream of libyaml composed into positioned nodes; what YAML lets pass is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from atkc.spec.diagnostic import Diagnostic, Label
from atkc.spec.nodes import ListNode, MapNode, Node, ScalarNode
from atkc.spec.source import Source
from atkc.spec.suggest import hint
from atkc.spec.yamlcore import pitfall, quoting, resolve
from atkc.spec.yamltraps import commented, joined_entries, joined_items, template

DEEPEST = 64
MOST_COPIES = 100_000  # nodes that aliases may stand for, all together

_STYLES = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
_PROPERTY = re.compile(r"(?:&[\w-]+|!(?:<[^>\s]*>|[^\s,\[\]{}]*))(?:\s+|#[^\n]*)*")


class _Open(Struct):
    """A collection that has begun: its nodes so far, in a mapping keys and values in turn."""

    is_map: bool
    flow: bool
    start: int
    anchor: str | None
    nodes: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


class _Anchored(Struct, frozen=True):
    node: Node
    size: int
    height: int


class Composer(Struct):
    """Events in, nodes and findings out; it never recurses, whatever the document does."""

    source: Source
    genuine: dict[int, str] | None = None  # stand-in characters to translate back
    root: Node | None = None
    found: list[Diagnostic] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, _Anchored] = field(default_factory=dict)
    unused: dict[str, Diagnostic] = field(default_factory=dict)
    copies: int = 0
    documents: int = 0

    def run(self, events: Iterable[Any]) -> bool:
        """Compose a document; False when it is given up: too deep, too large, or one of several."""
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self._add(self._scalar(event), event.anchor)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if not self._begin(event, kind is MappingStartEvent):
                    return False
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._finish(event.end_mark.index)
            elif kind is AliasEvent:
                if not self._alias(event):
                    return False
            elif kind is DocumentStartEvent and not self._document(event):
                return False
        self.found.extend(self.unused.values())
        return True

    def report(self, code: str, message: str, start: int, end: int, help_: str | None) -> None:
        """Record a finding about the characters [start, end) of the source."""
        self.found.append(Diagnostic(code, message, self.source.span(start, end), help=help_))

    @property
    def last(self) -> ScalarNode | None:
        """The value read last, if it was a scalar and its collection is still open."""
        nodes = self.stack[-1].nodes if self.stack else []
        return nodes[-1] if nodes and isinstance(nodes[-1], ScalarNode) else None

    # --- one event each -------------------------------------------------------------------------

    def _document(self, event: Any) -> bool:
        self.documents += 1
        if self.documents == 1:
            return True
        start, end = event.start_mark.index, event.end_mark.index
        message = "a second document begins here, and a file holds one"
        self.report("ATK100", message, start, end, "move it into a file of its own")
        return False

    def _scalar(self, event: Any) -> ScalarNode:
        start, end, text = event.start_mark.index, event.end_mark.index, event.value
        if event.anchor is not None or event.tag is not None:
            start = self._properties(event, start, end)
        if self.genuine is not None:
            text = text.translate(self.genuine)
        style = _STYLES[event.style]
        if style == "plain":
            node = ScalarNode(resolve(text), text, style, start, end, self.source)
            if text:
                self._check_plain(node)
            return node
        if style in ("literal", "folded"):
            end = start + len(self.source.text[start:end].rstrip(" \t\r\n"))
        return ScalarNode(text, text, style, start, end, self.source)

    def _check_plain(self, node: ScalarNode) -> None:
        problem = pitfall(node.text, node.value)
        if problem is not None:
            self.found.append(problem.at(node.span))
        if self.source.text.startswith((" ", "\t"), node.end):
            cut = commented(node)
            if cut is not None:
                self.found.append(cut)

    def _begin(self, event: Any, is_map: bool) -> bool:
        start = event.start_mark.index
        if len(self.stack) >= DEEPEST:
            return self._too_deep(start)
        if event.anchor is not None or event.tag is not None:
            start = self._properties(event, start, None)
        self.stack.append(_Open(is_map, bool(event.flow_style), start, event.anchor))
        return True

    def _too_deep(self, offset: int) -> bool:
        message = f"values nest deeper than {DEEPEST} levels here"
        self.report("ATK101", message, offset, offset + 1, "split the document, or flatten it")
        return False

    def _finish(self, offset: int) -> None:
        frame = self.stack.pop()
        end = offset
        if not frame.flow:  # libyaml's mark lies behind trailing comments and blank lines
            end = max([frame.start, *(node.end for node in frame.nodes[-2:])])
        node = self._mapping(frame, end) if frame.is_map else self._list(frame, end)
        self._add(node, frame.anchor, frame.size, frame.height)

    def _alias(self, event: Any) -> bool:
        name, start, end = event.anchor, event.start_mark.index, event.end_mark.index
        self.unused.pop(name, None)
        known = self.anchors.get(name)
        if known is not None:
            if len(self.stack) + known.height > DEEPEST:
                return self._too_deep(start)
            self.copies += known.size
            if self.copies <= MOST_COPIES:
                self._add(known.node, None, known.size, known.height)
                return True
        self._refuse_alias(name, start, end, known is not None)
        self._add(ScalarNode(None, "", "plain", start, end, self.source), None)
        return self.copies <= MOST_COPIES

    def _refuse_alias(self, name: str, start: int, end: int, known: bool) -> None:
        if known:
            message = f"aliases stand for more than {MOST_COPIES} values"
            self.report("ATK114", message, start, end, "write the values out, or use fewer aliases")
        elif any(frame.anchor == name for frame in self.stack):
            message = f"`*{name}` stands within the value that `&{name}` names"
            self.report("ATK114", message, start, end, "write the value out")
        else:
            near = hint(name, self.anchors) or quoting("*" + name, "it if it is text")
            self.report("ATK100", f"no anchor `&{name}` stands above", start, end, near)

    # --- anchors and tags -----------------------------------------------------------------------

    def _properties(self, event: Any, start: int, end: int | None) -> int:
        """Report a tag, remember an anchor; return the offset at which the value itself begins."""
        text, at = self.source.text, start
        limit = len(text) if end is None else end
        while at < limit and text[at] in "&!" and (match := _PROPERTY.match(text, at, limit)):
            if text[at] == "!":
                self._tag(match[0].split()[0], at)
            else:
                self._anchor(event.anchor, at)
            at = match.end()
        return at

    def _tag(self, tag: str, at: int) -> None:
        help_ = "remove the tag"
        if tag.startswith("!!") and tag.endswith("!!"):
            help_ = "declare a parameter without a default and write `${params.name}`"
        self.report(
            "ATK115", f"the tag `{tag}` is not part of the language", at, at + len(tag), help_
        )

    def _anchor(self, name: str, at: int) -> None:
        span = self.source.span(at, at + 1 + len(name))
        message = f"no alias uses the anchor `&{name}`"
        help_ = f"remove it, or write `*{name}` where the value is wanted"
        self.unused[name] = Diagnostic("ATK113", message, span, help=help_)
        self.anchors.pop(name, None)

    # --- nodes into collections -----------------------------------------------------------------

    def _add(self, node: Node, anchor: str | None, size: int = 1, height: int = 0) -> None:
        if anchor is not None:
            self.anchors[anchor] = _Anchored(node, size, height)
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        frame.nodes.append(node)
        frame.size += size
        if height >= frame.height:
            frame.height = height + 1

    def _list(self, frame: _Open, end: int) -> Node:
        items = frame.nodes
        if frame.flow:
            items = joined_items(items, self.source, self.found)
        return ListNode(tuple(items), frame.start, end, self.source)

    def _mapping(self, frame: _Open, end: int) -> Node:
        pairs = list(zip(frame.nodes[::2], frame.nodes[1::2], strict=True))
        whole = MapNode((), frame.start, end, self.source)
        if frame.flow and pairs:
            meant = template(whole, pairs[0][0], self.source)
            if meant is not None:
                self.found.append(meant[1])
                return meant[0]
            pairs = joined_entries(pairs, self.source, self.found)
        return MapNode(self._entries(pairs), frame.start, end, self.source)

    def _entries(self, pairs: list[tuple[Node, Node]]) -> tuple[tuple[ScalarNode, Node], ...]:
        known: dict[str, ScalarNode] = {}
        kept: list[tuple[ScalarNode, Node]] = []
        for key, value in pairs:
            if not isinstance(key, ScalarNode):
                self._refuse_key(key)
            elif key.text in known:
                self._duplicate(key, known[key.text])
            elif key.text == "<<" and key.style == "plain":
                help_ = "write the keys out, or put them into a prompt file or module"
                self.report("ATK115", "merge keys are not supported", key.start, key.end, help_)
            else:
                if not isinstance(key.value, str):
                    self._refuse_name(key)
                known[key.text] = key
                kept.append((key, value))
        return tuple(kept)

    def _refuse_key(self, key: Node) -> None:
        kind = "a mapping" if isinstance(key, MapNode) else "a list"
        help_ = "quote the key if it is text"
        self.report("ATK207", f"a key must be text, not {kind}", key.start, key.end, help_)

    def _refuse_name(self, key: ScalarNode) -> None:
        if key.text:
            message = f"the key `{key.text}` is not text"
            help_ = quoting(key.text, "it")
        else:
            message, help_ = "the key is missing here", "write a name before the `:`"
        self.report("ATK207", message, key.start, key.end, help_)

    def _duplicate(self, key: ScalarNode, first: ScalarNode) -> None:
        self.found.append(
            Diagnostic(
                "ATK112",
                f"the key `{key.text}` occurs twice",
                key.span,
                (Label(first.span, "first written here"),),
                "remove one of them, or give it another name",
            )
        )
