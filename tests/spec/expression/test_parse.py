"""Syntax: trees, precedence, offsets, and what each kind of mistake is called."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.parse import MAX_DEPTH, MAX_LENGTH, parse
from atkc.spec.expression.syntax import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expr,
    Index,
    ListExpr,
    Literal,
    Name,
    ObjectExpr,
    Unary,
    children,
)

A, B, C = Name("a"), Name("b"), Name("c")
ONE, TWO = Literal(1), Literal(2)

TREES = [
    ("a", A),
    ("ärger_2", Name("ärger_2")),
    ("12", Literal(12)),
    ("-12", Literal(-12)),
    ("- -1", Literal(1)),
    ("1.5", Literal(1.5)),
    ("2e-5", Literal(2e-5)),
    ("true", Literal(True)),
    ("null", Literal(None)),
    ("'a\"b'", Literal('a"b')),
    ('"a\'b"', Literal("a'b")),
    (r'"\n\t\r\\\/\"\'"', Literal("\n\t\r\\/\"'")),
    (r"'\u00e9\ud83d\ude00'", Literal("é😀")),
    ("'a # b, c: d'", Literal("a # b, c: d")),
    ("[]", ListExpr(())),
    ("[1, a,]", ListExpr((ONE, A))),
    ("{}", ObjectExpr(())),
    ("{role: 'user', \"a b\": a}", ObjectExpr((("role", Literal("user")), ("a b", A)))),
    ("a.b", Attribute(A, "b")),
    ("a[0]", Index(A, Literal(0))),
    ('a["k"].b', Attribute(Index(A, Literal("k")), "b")),
    ("f()", Call("f", ())),
    ("f(a, 1)", Call("f", (A, ONE))),
    ("f(a)[0]", Index(Call("f", (A,)), Literal(0))),
    ("if a then 1 else 2", Conditional(A, ONE, TWO)),
    ("if a then 1 else if b then 2 else c", Conditional(A, ONE, Conditional(B, TWO, C))),
    ("(if a then 1 else 2) + 1", Binary("+", Conditional(A, ONE, TWO), ONE)),
    ("a + b * c", Binary("+", A, Binary("*", B, C))),
    ("a - b - c", Binary("-", Binary("-", A, B), C)),
    ("(a + b) * c", Binary("*", Binary("+", A, B), C)),
    ("-a * b", Binary("*", Unary("-", A), B)),
    ("a -1", Binary("-", A, ONE)),
    ("a < b + c", Binary("<", A, Binary("+", B, C))),
    ("a ?? b ?? c", Binary("??", A, Binary("??", B, C))),
    ("a ?? 1 > 2", Binary(">", Binary("??", A, ONE), TWO)),
    ("a ?? b + c", Binary("??", A, Binary("+", B, C))),
    ("not a == b", Unary("not", Binary("==", A, B))),
    ("not a and b", Binary("and", Unary("not", A), B)),
    ("a or b and c", Binary("or", A, Binary("and", B, C))),
    ("a in b", Binary("in", A, B)),
    ("a not in b", Binary("not in", A, B)),
    ("a and b != c", Binary("and", A, Binary("!=", B, C))),
    ("index", Name("index")),
    ("iff", Name("iff")),
    ("nothing", Name("nothing")),
    ("a\n  + b", Binary("+", A, B)),
]


@pytest.mark.parametrize(("text", "tree"), TREES, ids=[t for t, _ in TREES])
def test_trees(text: str, tree: object) -> None:
    assert parse(text) == tree


OFFSETS = [
    ("  a + bb ", "a + bb"),
    ("a.bb[1] ", "a.bb[1]"),
    (" f(a, b)", "f(a, b)"),
    (" not a", "not a"),
    (" - a", "- a"),
    (" [1, 2] ", "[1, 2]"),
    (" {a: 1} ", "{a: 1}"),
    (" if a then b else c ", "if a then b else c"),
    (" a not in b ", "a not in b"),
    (" 'x' ", "'x'"),
    (" -1", "-1"),
    (" null ", "null"),
]


def parts_of(tree: Expr) -> Iterator[Expr]:
    yield tree
    for child in children(tree):
        yield from parts_of(child)


@pytest.mark.parametrize(("text", "covered"), OFFSETS)
def test_offsets(text: str, covered: str) -> None:
    tree = parse(text)
    assert not isinstance(tree, Problem)
    assert text[tree.start : tree.end] == covered
    assert all(tree.start <= part.start < part.end <= tree.end for part in parts_of(tree))


MISTAKES = [
    ("", "", None),
    ("   ", "   ", None),
    ("a +", "", "comma"),
    ("if a then b", "", "comma"),
    ("f(a", "(", "comma"),
    ("max(a", "(", "comma"),
    ("[1, {a: 2", "[", "comma"),
    ('text != "a ', '"', "#"),
    ("a['k", "'", "#"),
    ("a b", "b", None),
    ("a }", "}", None),
    ("(a, b)", ",", None),
    ("a = b", "=", "=="),
    ("a === b", "=", "=="),
    ("a && b", "&&", "and"),
    ("a || b", "||", "or"),
    ("!a", "!", "not"),
    ("text | lower", "|", "lower(text)"),
    ("2 ** 3", "**", "power"),
    ("${params.x}", "${", "alone"),
    ("{{ text }}", "{{", "templates"),
    ("a < b < c", "<", "and"),
    ("a == b == c", "==", "and"),
    ("a.if", "if", '["if"]'),
    ("'\\q'", "\\q", None),
    ("'\\ud800'", "'\\ud800'", None),
    ("1e999", "1e999", None),
    ("9" * 301, "9" * 301, None),
    ("{a: 1, b: 2, a: 3}", "a", None),
    ("lambda x: x", "x", None),
    ("a.", "", "comma"),
    ("٣", "٣", None),
]


@pytest.mark.parametrize(
    ("text", "underlined", "help_"), MISTAKES, ids=[m[0][:20] for m in MISTAKES]
)
def test_mistakes(text: str, underlined: str, help_: str | None) -> None:
    found = parse(text)
    assert isinstance(found, Problem)
    assert found.code == "ATK400"
    assert text[found.start : found.end] == underlined
    assert found.help is None if help_ is None else help_ in (found.help or "")


def test_depth_is_bounded() -> None:
    assert not isinstance(parse("-" * (MAX_DEPTH - 1) + "a"), Problem)
    assert isinstance(parse("-" * MAX_DEPTH + "a"), Problem)
    assert not isinstance(parse("(" * 500 + "a" + ")" * 500), Problem)


def test_length_is_bounded() -> None:
    assert isinstance(parse("a" * (MAX_LENGTH + 1)), Problem)


@pytest.mark.parametrize("text", ["(" * 9999, "-" * 9999, '"\\' * 4999, "a+" * 4999, "[[" * 4000])
def test_large_texts_are_quick(text: str) -> None:
    parse("a")
    began = time.perf_counter()
    assert isinstance(parse(text), Problem)
    assert time.perf_counter() - began < 2


def test_the_parser_is_loaded_at_first_use() -> None:
    code = "import sys, atkc.spec.interpolate; print('lark' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout == "False\n"


ALPHABET = st.sampled_from(
    [*"()[]{}.,:+-*/%<>'\"\\ #$ab1é\n", "if ", "then ", "else ", "not ", "in ", "??", "==", "null"]
)


@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_random_pieces_never_raise(text: str) -> None:
    parse(text)


@given(st.text(max_size=40))
def test_random_text_never_raises(text: str) -> None:
    parse(text)
