"""Reading YAML: every trap is named at its place, and nothing raises."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.nodes import MapNode, plain
from atkc.spec.source import Source, Span
from atkc.spec.yamltext import LARGEST, MOST_ERRORS, load, read


def shown(source: Source, span: Span | None) -> str:
    assert span is not None
    start = source.starts[span.line - 1] + span.col - 1
    return source.text[start : source.starts[span.end_line - 1] + span.end_col - 1]


def findings(text: str) -> list[tuple[str, int, str]]:
    source = Source("f.yaml", text)
    return [(d.code, d.span.line if d.span else 0, shown(source, d.span)) for d in load(source)[1]]


# (text, code, line, underlined text, value read or ... where the document is spoilt)
TRAPS: list[tuple[str, str, int, str, object]] = [
    # templates and expressions
    ("a: {{ x }}\n", "ATK110", 1, "{{ x }}", {"a": "{{ x }}"}),
    ("a: [b, {{ x }}]\n", "ATK110", 1, "{{ x }}", {"a": ["b", "{{ x }}"]}),
    ("{{ x }}: 1\n", "ATK110", 1, "{{ x }}", {"{{ x }}": 1}),
    ("a: {{x}} and {{y}}  # c\n", "ATK110", 1, "{{x}} and {{y}}", ...),
    ("a: {% if x %}\n", "ATK110", 1, "{% if x %}", ...),
    ("a: {n: ${x}}\n", "ATK110", 1, "${x}", ...),
    ("a: [${x}, 1]\n", "ATK110", 1, "${x}", ...),
    ('a: {n: "x" in tags, m: 1}\n', "ATK110", 1, '"x" in tags', ...),
    ("a: {n: xs[0]}\n", "ATK110", 1, "xs[0]", ...),
    ('if: contains(t, "a: b")\n', "ATK110", 1, 'contains(t, "a: b")', ...),
    ("a: {n: max(a, b), m: 1}\n", "ATK116", 1, "max(a, b)", {"a": {"n": "max(a, b)", "m": 1}}),
    ("a: {n: f(a, g(b, c))}\n", "ATK116", 1, "f(a, g(b, c))", {"a": {"n": "f(a, g(b, c))"}}),
    ("a: [max(a, b), c]\n", "ATK116", 1, "max(a, b)", {"a": ["max(a, b)", "c"]}),
    ("a: {n: x == 'p, q'}\n", "ATK116", 1, "x == 'p, q'", {"a": {"n": "x == 'p, q'"}}),
    ('a: text != "a #1"\n', "ATK116", 1, 'text != "a #1"', {"a": 'text != "a'}),
    ('a: {n: text != "a #1"}\nb: 1\n', "ATK116", 1, '#1"}', ...),
    # YAML 1.1
    ("a: yes\n", "ATK111", 1, "yes", {"a": "yes"}),
    ("on: 1\n", "ATK111", 1, "on", {"on": 1}),
    ("a: 010\n", "ATK111", 1, "010", {"a": 10}),
    ("a: 12:30:00\n", "ATK111", 1, "12:30:00", {"a": "12:30:00"}),
    ("a: 2024-01-01\n", "ATK111", 1, "2024-01-01", {"a": "2024-01-01"}),
    ("a: 1e3\n", "ATK111", 1, "1e3", {"a": 1000.0}),
    ("a: 1_000\n", "ATK111", 1, "1_000", {"a": "1_000"}),
    ("a: 0o17\n", "ATK111", 1, "0o17", {"a": 15}),
    # keys, anchors, aliases, tags, numbers
    ("a: 1\na: 2\n", "ATK112", 2, "a", {"a": 1}),
    ("a: &x 1\n", "ATK113", 1, "&x", {"a": 1}),
    ("a: &x [*x]\n", "ATK114", 1, "*x", {"a": [None]}),
    ("a: {<<: {b: 1}}\n", "ATK115", 1, "<<", {"a": {}}),
    ("a: !!str 1\n", "ATK115", 1, "!!str", {"a": 1}),
    ("a: !!PLACEHOLDER!!\n", "ATK115", 1, "!!PLACEHOLDER!!", {"a": None}),
    ("1: b\n", "ATK207", 1, "1", {"1": "b"}),
    ("null: b\n", "ATK207", 1, "null", {"null": "b"}),
    ("[a]: b\n", "ATK207", 1, "[a]", {}),
    ("a: .nan\n", "ATK205", 1, ".nan", ...),
    ("a: *x\n", "ATK100", 1, "*x", {"a": None}),
    # syntax
    ("a: b: c\n", "ATK100", 1, "b: c", ...),
    ("a: 'b\nc: 1\n", "ATK100", 1, "'b", ...),
    ('a: "x\ny: "z"\n', "ATK100", 1, '"x', ...),
    ("a: 'it's'\n", "ATK100", 1, "s'", ...),
    ('a: "x" y\n', "ATK100", 1, "y", ...),
    ('a: "\\q"\n', "ATK100", 1, "\\q", ...),
    ("a: [1, 2\nb: 3\n", "ATK100", 1, "[", ...),
    ("a: {b: 1\nc: 2\n", "ATK100", 1, "{", ...),
    ("a: [1]]\n", "ATK100", 1, "]", ...),
    ("a: [b,,c]\n", "ATK100", 1, ",", ...),
    ("a:\n\tb: 1\n", "ATK100", 2, "\t", ...),
    ("a: @x\n", "ATK100", 1, "@x", ...),
    ("a: %x\n", "ATK100", 1, "%x", ...),
    ("a: *bold*\n", "ATK100", 1, "*bold*", ...),
    ("a: - b\n", "ATK100", 1, "- b", ...),
    ("a: > b\n", "ATK100", 1, "> b", ...),
    ("a: 1\nb:2\nc: 3\n", "ATK100", 2, "b:2", ...),
    ("- a\n-b\n- c\n", "ATK100", 2, "-b", ...),
    ("a: 1\n  b: 2\n", "ATK100", 2, "b", ...),
    ("a:\n  b: 1\n c: 2\n", "ATK100", 3, "c: 2", ...),
    ("- a\nb: 1\n", "ATK100", 2, "b: 1", ...),
    ("a: |\n  x\n y\n", "ATK100", 3, "y", ...),
    ("a: 1\n---\nb: 2\n", "ATK100", 2, "---", ...),
    ("a: 1\nb\0: 2\n", "ATK100", 2, "\0", ...),
    ("a: \ud800\n", "ATK100", 1, "\ud800", ...),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line", "underlined", "value"), TRAPS)
def test_each_trap_is_found_once_at_its_place(
    text: str, code: str, line: int, underlined: str, value: object
) -> None:
    assert findings(text) == [(code, line, underlined)]
    node, found = load(Source("f.yaml", text))
    assert found[0].message
    assert found[0].help
    if value is not ...:
        assert node is not None
        assert plain(node) == value


@pytest.mark.parametrize(("text", "code", "line", "underlined", "value"), TRAPS)
def test_without_libyaml_the_same_is_found(
    text: str, code: str, line: int, underlined: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert [(c, n) for c, n, _ in findings(text)] == [(code, line)]


FINE: list[tuple[str, object]] = [
    ("", None),
    ("# only a comment\n", None),
    ("a: ${x}\n", {"a": "${x}"}),
    ('a: "{{ x }}"\n', {"a": "{{ x }}"}),
    ("a: text {{ x }} more\n", {"a": "text {{ x }} more"}),
    ("a: [don't, can't, 'b, c']\n", {"a": ["don't", "can't", "b, c"]}),
    ("a: [5' pipe, 6' pipe, hello :(]\n", {"a": ["5' pipe", "6' pipe", "hello :("]}),
    ("a: it's # a comment\n", {"a": "it's"}),
    ("a: count(xs) > 0  # a comment\n", {"a": "count(xs) > 0"}),
    ("a: [1, 1.0, '1', true, null, ~]\n", {"a": [1, 1.0, "1", True, None, None]}),
    ("a: [0x1f, -2.5e+3, .5, 5., +1]\n", {"a": [31, -2500.0, 0.5, 5.0, 1]}),
    ("a: 123456789012345678901234567890\n", {"a": 123456789012345678901234567890}),
    ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
    ("a: b\u2028c\x85d\n", {"a": "b\u2028c\x85d"}),
    ("a: |\n  x\u2028y\n  z\nb: 1\n", {"a": "x\u2028y\nz\n", "b": 1}),
    ("a: 1\r\nb: |\r\n  x\r\n  y\r\n", {"a": 1, "b": "x\ny\n"}),
    ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), FINE)
def test_what_is_right_passes_in_silence(text: str, value: object) -> None:
    node, found = load(Source("f.yaml", text))
    assert found == []
    assert node is not None
    assert plain(node) == value
    assert repr(plain(node)) == repr(value)  # 1, 1.0 and True stay apart


def test_a_duplicate_key_points_at_the_first() -> None:
    source = Source("f.yaml", "b: 1\na: 1\n'a': 2\n")
    found = load(source)[1]
    assert [(d.code, shown(source, d.span)) for d in found] == [("ATK112", "'a'")]
    assert [label.span.line for label in found[0].labels] == [2]


def test_all_syntax_errors_of_a_file_are_found() -> None:
    text = (
        "atkc: 1\nname: a: b\nsteps:\n  one:\n    from: 'x\n    with: 1\n  two:\n\t  a: 1\n"
        "  three:\n    with: {a: 1\n  four: {n: ${x}}\n  five:\n    a: max(b)\n   b: 1\ntests: @x\n"
    )
    assert [(code, line) for code, line, _ in findings(text)] == [
        ("ATK100", 2),
        ("ATK100", 5),
        ("ATK100", 8),
        ("ATK100", 10),
        ("ATK110", 11),
        ("ATK100", 14),
        ("ATK100", 15),
    ]


def test_traps_are_found_beside_syntax_errors() -> None:
    assert [c for c, _, _ in findings("a: {n: max(a, b)}\nb: c: d\n")] == ["ATK100", "ATK116"]


def test_the_number_of_syntax_errors_is_bounded() -> None:
    assert len(findings("a: @x\n" * 3 * MOST_ERRORS)) == MOST_ERRORS


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 50_000, "ATK101"),
        ("{" * 50_000, "ATK101"),
        ("- " * 50_000, "ATK101"),
        ("".join(f"{' ' * i}a:\n" for i in range(100)), "ATK101"),
        ("a: &a [" + "[" * 50 + "1" + "]" * 51 + "\nb: " + "[" * 50 + "*a" + "]" * 50, "ATK101"),
        (
            "a0: &a0 [1]\n"
            + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20)),
            "ATK114",
        ),
        ("a: " + "9" * 5000, "ATK205"),
        ("a: 0x" + "f" * 5000, "ATK205"),
    ],
)
def test_what_would_break_a_reader_is_refused(text: str, code: str) -> None:
    assert code in [c for c, _, _ in findings(text)]


def test_an_alias_is_the_node_it_names() -> None:
    node, _ = load(Source("f.yaml", "a: &x {b: 1}\nc: *x\n"))
    assert isinstance(node, MapNode)
    assert node.get("c") is node.get("a")


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_is_left_as_found(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        load(Source("f.yaml", "a: [\n"))
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


SAMPLE = """\
atkc: 1
params: {a: {type: path, default: "x"}, b: 'it''s'}
steps: &s
  one:
    - {n: max(a, b), m: ${x}}
    - text: |2-
          deep
        less
    - >+
      folded

      text # no comment
  two: *s
  "three\\n": ["\\u00e9", 010, yes, ~]
"""


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_mutation_raises(data: st.DataObject) -> None:
    text = SAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        upto = min(at + data.draw(st.integers(0, 6)), len(text))
        signs = st.text(st.sampled_from("[]{}:,-?&*!|>'\"%@`# \t\n\r\0\ud800\u2028\x85<a1~\\"))
        text = text[:at] + data.draw(signs) + text[upto:]
    check_anything(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(categories=None), max_size=60))
def test_no_text_raises(text: str) -> None:
    check_anything(text)


def check_anything(text: str) -> None:
    source = Source("f.yaml", text)
    node, found = load(source)
    assert node is not None or any(d.severity == "error" for d in found)
    for diagnostic in found:
        shown(source, diagnostic.span)
        assert diagnostic.span is not None
        assert 1 <= diagnostic.span.line <= diagnostic.span.end_line <= len(source.starts)
    if node is not None:
        plain(node)


# --- files --------------------------------------------------------------------------------------


def test_a_file_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\r\n")
    assert read(str(path)) == Source(str(path), "a: é\r\n")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "ATK001"),
        (b"a: 1\nb: \xff\n", "ATK001"),
        ("a: 1".encode("utf-16"), "ATK001"),
        (b"#" * (LARGEST + 1), "ATK101"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding(
    tmp_path: Path, content: bytes | None, code: str
) -> None:
    path = tmp_path / "a.yaml"
    if content is not None:
        path.write_bytes(content)
    found = read(str(path))
    assert isinstance(found, Diagnostic)
    assert found.code == code
    assert found.span is None


@pytest.mark.parametrize("path", ["", "\0", "."])
def test_a_path_that_names_no_file_is_a_finding(path: str) -> None:
    found = read(path)
    assert isinstance(found, Diagnostic)
    assert found.code == "ATK001"
