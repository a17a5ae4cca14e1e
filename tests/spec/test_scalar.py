"""Each decoded character is found again in the file, whatever the style of the scalar."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from atkc.spec.nodes import MapNode, Node, ScalarNode
from atkc.spec.source import Source, Span
from atkc.spec.yamltext import load

TAME = "aaaéb日🙂   \n\n'\"\\#:-{}[]%&*|>x,"  # PyYAML writes these in every style
WILD = TAME + "\t\u2028\x85\x07\xa0"
TEXTS = st.sampled_from([TAME, WILD]).flatmap(
    lambda signs: st.text(st.sampled_from(signs), max_size=60)
)
STYLES = {None: "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


def slice_of(source: Source, span: Span) -> str:
    start = source.starts[span.line - 1] + span.col - 1
    return source.text[start : source.starts[span.end_line - 1] + span.end_col - 1]


def value_of(text: str, key: str = "a") -> ScalarNode:
    node: Node | None = load(Source("f.yaml", text))[0]
    assert isinstance(node, MapNode)
    value = node.get(key)
    assert isinstance(value, ScalarNode)
    return value


def spoken(raw: str, style: str) -> str:
    """What a piece of raw text stands for in its style."""
    if style == "double":
        return str(yaml.safe_load(f'"{raw}"'))
    return raw.replace("''", "'") if style == "single" else raw


@settings(max_examples=600, deadline=None)
@given(
    text=TEXTS,
    style=st.sampled_from(list(STYLES)),
    indent=st.integers(2, 6),
    width=st.sampled_from([10, 20, 80]),
    deep=st.booleans(),
    wide=st.booleans(),
)
def test_every_visible_character_is_found_again(
    text: str, style: str | None, indent: int, width: int, deep: bool, wide: bool
) -> None:
    data = {"z": {"y": [{"a": text, "b": "c"}]}} if deep else {"a": text, "b": "c"}
    out = yaml.dump(
        data, default_style=style, indent=indent, width=width, allow_unicode=wide, sort_keys=False
    )
    source = Source("f.yaml", out)
    node = load(source)[0]
    if node is None:  # PyYAML 1.1 emits some texts that 1.2 readers refuse
        return
    scalars = [s for s in _scalars(node) if s.text == text]
    assert scalars or not set(text) <= set(TAME) or yaml.load(out, yaml.CSafeLoader) != data
    for scalar in scalars:
        for at, sign in enumerate(scalar.text):
            raw = slice_of(source, scalar.span_of(at, at + 1))
            if sign not in " \t\n":
                assert spoken(raw, scalar.style) == sign


def _scalars(node: Node) -> list[ScalarNode]:
    if isinstance(node, ScalarNode):
        return [node]
    children = (
        [n for entry in node.entries for n in entry]
        if isinstance(node, MapNode)
        else list(node.items)
    )
    return [scalar for child in children for scalar in _scalars(child)]


# (document, text to look for, line, column, raw text)
PLACES = [
    ("a: one two", "two", 1, 8, "two"),
    ("a: one\n  two\n\n   three # c\n", "three", 4, 4, "three"),
    ("a: 'it''s here'", "'s", 1, 7, "''s"),
    ("a: 'x\n\n  y z'", "z", 3, 5, "z"),
    ('a: "x\\ty \\u00e9z"', "éz", 1, 10, "\\u00e9z"),
    ('a: "x\\\n   y \\\n  \\ z"', " z", 3, 3, "\\ z"),
    ('a: "x\n\n\n y\\"z"', 'y"', 4, 2, 'y\\"'),
    ("a: |\n  one\n\n    two\n  three\n", "two\nth", 4, 5, "two\n  th"),
    ("a: |2-  # c\n    x\n   y\n", "y", 3, 4, "y"),
    ("a: |+\n  x\n\n", "x", 2, 3, "x"),
    ("a: >\n  one\n  two\n\n  three\n   four\n  five\n", "four", 6, 4, "four"),
    ("a: >-\n\n  one\n  one", "one one", 3, 3, "one\n  one"),
    ("a: &x\n  # c\n  foo bar\nb: *x\n", "bar", 3, 7, "bar"),
    ("a: &x |\n  foo\nb: *x\n", "foo", 2, 3, "foo"),
    ("a: |\r\n  one\r\n  two\r\n", "two", 3, 3, "two"),
    ("a: {n: max(a, b)}", "b)", 1, 15, "b)"),
]


@pytest.mark.parametrize(("document", "wanted", "line", "col", "raw"), PLACES)
def test_a_range_of_the_text_is_placed_exactly(
    document: str, wanted: str, line: int, col: int, raw: str
) -> None:
    node = load(Source("f.yaml", document))[0]
    assert isinstance(node, MapNode)
    scalar = next(s for s in _scalars(node) if wanted in s.text)
    at = scalar.text.index(wanted)
    span = scalar.span_of(at, at + len(wanted))
    assert (span.line, span.col) == (line, col)
    assert slice_of(scalar.source, span) == raw


@pytest.mark.parametrize(
    ("document", "start", "end", "line", "cols"),
    [
        ("a: abc", 1, 1, 1, (5, 5)),  # between two characters
        ("a: abc", 3, 3, 1, (7, 7)),  # behind the last
        ("a: 'abc'", 3, 9, 1, (8, 8)),  # beyond the text
        ("a: ''", 0, 0, 1, (4, 6)),  # nothing there: the whole scalar
        ("a:\n", 0, 0, 1, (3, 3)),
        ("a: |\n", 0, 0, 1, (4, 5)),
    ],
)
def test_empty_ranges_and_texts_have_places(
    document: str, start: int, end: int, line: int, cols: tuple[int, int]
) -> None:
    span = value_of(document).span_of(start, end)
    assert (span.line, span.col, span.end_col) == (line, *cols)
