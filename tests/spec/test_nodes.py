"""Nodes know their place, and paths lead to them."""

from __future__ import annotations

import pytest

from atkc.spec.nodes import ListNode, MapNode, Node, ScalarNode, locate, plain
from atkc.spec.source import Source
from atkc.spec.yamltext import load

TEXT = """\
name: x  # note
steps:
  one:
    do:
      - {set: 1}
      - where: |
          a
          b

    # trailing
  two: [1,
    2]  # note

# the end
"""


@pytest.fixture
def root() -> MapNode:
    node, found = load(Source("f.yaml", TEXT))
    assert found == []
    assert isinstance(node, MapNode)
    return node


def lines(node: Node) -> tuple[int, int, int, int]:
    span = node.span
    return span.line, span.col, span.end_line, span.end_col


def test_mappings_give_values_and_keys(root: MapNode) -> None:
    value, key = root.get("name"), root.key("name")
    assert isinstance(value, ScalarNode)
    assert (value.value, value.style, lines(value)) == ("x", "plain", (1, 7, 1, 8))
    assert key is not None
    assert lines(key) == (1, 1, 1, 5)
    assert root.get("other") is None
    assert root.key("other") is None


def test_plain_is_json_data(root: MapNode) -> None:
    assert plain(root) == {
        "name": "x",
        "steps": {"one": {"do": [{"set": 1}, {"where": "a\nb\n"}]}, "two": [1, 2]},
    }


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, (1, 1, 12, 7)),
        ((), True, (1, 1, 12, 7)),
        (("steps", "one"), False, (4, 5, 8, 12)),
        (("steps", "one"), True, (3, 3, 3, 6)),
        (("steps", "one", "do"), False, (5, 7, 8, 12)),
        (("steps", "one", "do", 0), False, (5, 9, 5, 17)),
        (("steps", "one", "do", 0), True, (5, 9, 5, 17)),
        (("steps", "one", "do", 1, "where"), False, (6, 16, 8, 12)),
        (("steps", "one", "do", 1, "where"), True, (6, 9, 6, 14)),
        (("steps", "two"), False, (11, 8, 12, 7)),
        (("steps", "two", 1), False, (12, 5, 12, 6)),
        (("steps", "one", "missing", "more"), True, (3, 3, 3, 6)),
        (("steps", "two", 7), True, (11, 3, 11, 6)),
        (("name", "deeper"), False, (1, 7, 1, 8)),
    ],
)
def test_a_path_is_followed_as_far_as_it_exists(
    root: MapNode, path: tuple[str | int, ...], key: bool, place: tuple[int, int, int, int]
) -> None:
    assert lines(locate(root, path, key)) == place


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("a", "plain"),
        ("'a'", "single"),
        ('"a"', "double"),
        ("|-\n a", "literal"),
        (">-\n a", "folded"),
    ],
)
def test_styles(text: str, style: str) -> None:
    node = load(Source("f.yaml", text))[0]
    assert isinstance(node, ScalarNode)
    assert (node.text, node.style, node.start, node.end) == ("a", style, 0, len(text))


def test_lists_hold_their_items() -> None:
    node = load(Source("f.yaml", "- a\n-\n- [b]\n"))[0]
    assert isinstance(node, ListNode)
    assert [plain(item) for item in node.items] == ["a", None, ["b"]]
    assert lines(node) == (1, 1, 3, 6)
