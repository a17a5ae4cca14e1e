"""Values that YAML took apart: expressions cut at a comma or comment, templates without quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.nodes import Node, ScalarNode
from atkc.spec.source import Source
from atkc.spec.yamlcore import quoting

Pair = tuple[Node, Node]

_STRINGS = re.compile(r"""(?<!\w)"[^"]*"|(?<!\w)'[^']*'""")
_OPEN_QUOTE = re.compile(r"""(?<!\w)["']""")
_LONGEST_CUT = 20  # pieces that one cut value is looked for in
_CANDIDATE = re.compile(r"""["'(\[{]""")
_COMMENT = re.compile(r"[ \t]+#[^\n]*")


def unclosed(text: str) -> bool:
    """Return whether a quote or bracket opens in `text` and does not close there."""
    if not _CANDIDATE.search(text):
        return False
    bare = _STRINGS.sub("", text)
    if _OPEN_QUOTE.search(bare):
        return True
    return any(bare.count(a) > bare.count(b) for a, b in ("()", "[]", "{}"))


def template(node: Node, key: Node, source: Source) -> tuple[ScalarNode, Diagnostic] | None:
    """Return the text meant by `{{ x }}`, which YAML reads as a mapping within a mapping."""
    if isinstance(key, ScalarNode) or isinstance(node, ScalarNode):
        return None
    if key.start != node.start + 1 or source.text[node.start : key.start + 1] != "{{":
        return None
    meant = _text(source, node.start, node.end)
    return meant, Diagnostic(
        "ATK110",
        "an unquoted `{{ }}` is a YAML mapping, not a template",
        meant.span,
        help=quoting(meant.text),
    )


def commented(node: ScalarNode) -> Diagnostic | None:
    """Return the finding where ` #` began a comment within quotes or brackets of a plain value."""
    comment = _COMMENT.match(node.source.text, node.end)
    if comment is None or not unclosed(node.text):
        return None
    return Diagnostic(
        "ATK116",
        f"`{node.text}` ends at ` #`, which begins a comment",
        node.source.span(node.start, comment.end()),
        help="quote the whole value",
    )


def joined_items(items: Sequence[Node], source: Source, found: list[Diagnostic]) -> list[Node]:
    """Return the items of a flow list with the pieces of values cut at commas put together."""
    return [value for _, value in joined_entries([(i, i) for i in items], source, found)]


def joined_entries(pairs: Sequence[Pair], source: Source, found: list[Diagnostic]) -> list[Pair]:
    """Return the entries of a flow mapping with the pieces of values cut at commas put together."""
    whole: list[Pair] = []
    at = 0
    while at < len(pairs):
        last = _closing(pairs, at, source)
        key, value = pairs[at]
        if last > at:
            value = _joined(value, _last(pairs[last]), source, found)
        whole.append((key, value))
        at = last + 1
    return whole


def _closing(pairs: Sequence[Pair], at: int, source: Source) -> int:
    opener = pairs[at][1]
    if not isinstance(opener, ScalarNode) or opener.style != "plain" or not unclosed(opener.text):
        return at
    for last in range(at + 1, min(at + _LONGEST_CUT, len(pairs))):
        if not unclosed(source.text[opener.start : _last(pairs[last]).end]):
            return last
    return at


def _last(pair: Pair) -> Node:
    return pair[0] if pair[1].start == pair[1].end else pair[1]


def _joined(opener: Node, closer: Node, source: Source, found: list[Diagnostic]) -> ScalarNode:
    meant = _text(source, opener.start, closer.end)
    cut = source.text[opener.start : opener.end]
    help_ = quoting(meant.text, "the whole value")
    found.append(
        Diagnostic(
            "ATK116", f"`{cut}` ends at the comma, which begins a new entry", meant.span, help=help_
        )
    )
    return meant


def _text(source: Source, start: int, end: int) -> ScalarNode:
    text = source.text[start:end]
    return ScalarNode(text, text, "plain", start, end, source)
