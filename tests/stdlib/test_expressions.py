"""Every function of the expression language: what it types to, what it gives, what it refuses."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from atkc.spec.conform import conform
from atkc.spec.diagnostic import Problem
from atkc.spec.expression.check import check
from atkc.spec.expression.evaluate import compile_expr
from atkc.spec.expression.functions import FUNCTIONS
from atkc.spec.expression.parse import parse
from atkc.spec.expression.scope import Scope
from atkc.spec.expression.syntax import Expr
from atkc.spec.rowtype import Record, show
from atkc.spec.typetext import parse_type
from atkc.stdlib.expressions import EXPRESSIONS


class Env:
    """Seeded by the label alone; a token is a character."""

    sides: Mapping[str, Any] = {}

    def rng(self, label: str) -> random.Random:
        return random.Random(label)

    def tokens(self, text: str) -> int:
        return len(text)


RECORD = parse_type(
    {
        "s": "string",
        "i": "integer",
        "n": "number",
        "b": "boolean",
        "none": "string | null",
        "xs": ["integer"],
        "fs": ["number"],
        "ss": ["string"],
        "rows": [{"id": "string", "score": "optional integer", "note": "string | null"}],
        "maybes": [{"type": {"id": "string"}, "nullable": True}],
        "open": {"any": "integer"},
        "maps": [{"any": "integer"}],
        "anything": "any",
        "anys": ["any"],
    },
    {},
)
assert isinstance(RECORD, Record)
SCOPE = Scope(RECORD)
DATA = {
    "s": " Ab c ",
    "i": 7,
    "n": 2.5,
    "b": True,
    "none": None,
    "xs": [3, 1, 2, 1],
    "fs": [0.5, 2],
    "ss": ["b", "a"],
    "rows": [{"id": "x", "score": 1, "note": None}, {"id": "y", "note": "n"}],
    "maybes": [{"id": "x"}, None],
    "open": {"k": 1, "j": 2},
    "maps": [{"k": 1}, {}],
    "anything": [1],
    "anys": [1, 1.0, True, "1", [1], [1.0], {"a": 1}, {"a": 1.0}, None, None],
}

CALLS: list[tuple[str, str, Any]] = [
    ("count(xs)", "integer", 4),
    ("count(s)", "integer", 6),
    ("count(open)", "integer", 2),
    ("count([])", "integer", 0),
    ("length(xs)", "integer", 4),
    ("sum(xs)", "integer", 7),
    ("sum(fs)", "number", 2.5),
    ("sum([])", "integer", 0),
    ("min(3, i)", "integer", 3),
    ("min(n, i)", "number", 2.5),
    ("min(xs)", "integer | null", 1),
    ("min(i)", "integer", 7),
    ("max(3, i, n)", "number", 7),
    ("max(fs)", "number | null", 2),
    ("max([])", "any", None),
    ("abs(-i)", "integer", 7),
    ("abs(-n)", "number", 2.5),
    ("floor(n)", "integer", 2),
    ("floor(-n)", "integer", -3),
    ("ceil(n)", "integer", 3),
    ("round(n)", "integer", 2),
    ("round(3.5)", "integer", 4),
    ("round(2.345, 1)", "number", 2.3),
    ("round(i, -1)", "integer", 10),
    ("round(n, 99999999999)", "number", 2.5),
    ("round(i, -99999999999)", "integer", 0),
    ("lower(s)", "string", " ab c "),
    ("upper(s)", "string", " AB C "),
    ("strip(s)", "string", "Ab c"),
    ("slug('Größe & Höhe_2.txt')", "string", "größe-höhe_2-txt"),
    ("slug('../..')", "string", "unnamed"),
    ("basename('a/b.txt/')", "string", "b.txt"),
    ("basename('atkc:examples/harbour')", "string", "harbour"),
    ("basename('x')", "string", "x"),
    ("stem('a/b.tar.gz')", "string", "b.tar"),
    ("stem('a/.hidden')", "string", ".hidden"),
    ("stem('a/b')", "string", "b"),
    ("split(s)", "[string]", ["Ab", "c"]),
    ("split('a,b,', ',')", "[string]", ["a", "b", ""]),
    ("split(s, '')", "[string]", ["Ab", "c"]),
    ("join(ss, ', ')", "string", "b, a"),
    ("replace(s, ' ', '_')", "string", "_Ab_c_"),
    ("replace(s, '', '_')", "string", " Ab c "),
    ("contains(s, 'b c')", "boolean", True),
    ("contains(xs, 2.0)", "boolean", True),
    ("contains(ss, none)", "boolean", False),
    ("contains(anys, true)", "boolean", True),
    ("starts_with(s, ' A')", "boolean", True),
    ("ends_with(s, 'c')", "boolean", False),
    ("words(s)", "integer", 2),
    ("tokens(s)", "integer", 6),
    ("truncate(s, 3)", "string", " Ab"),
    ("truncate(s, -1)", "string", ""),
    ("concat(xs, [9])", "[integer]", [3, 1, 2, 1, 9]),
    ("concat(xs, fs)", "[number]", [3, 1, 2, 1, 0.5, 2]),
    ("concat(ss, [], [none])", "[string | null]", ["b", "a", None]),
    ("take(xs, 2)", "[integer]", [3, 1]),
    ("take(xs, 99)", "[integer]", [3, 1, 2, 1]),
    ("take(xs, -1)", "[integer]", []),
    ("drop(xs, 2)", "[integer]", [2, 1]),
    ("drop(xs, -1)", "[integer]", [3, 1, 2, 1]),
    ("first(xs)", "integer | null", 3),
    ("first([])", "any", None),
    ("last(xs)", "integer | null", 1),
    ("reverse(xs)", "[integer]", [1, 2, 1, 3]),
    ("sort(xs)", "[integer]", [1, 1, 2, 3]),
    ("sort(ss)", "[string]", ["a", "b"]),
    ("unique(xs)", "[integer]", [3, 1, 2]),
    ("unique(anys)", "[any]", [1, True, "1", [1], {"a": 1}, None]),
    ("pluck(rows, 'id')", "[string]", ["x", "y"]),
    ("pluck(rows, 'score')", "[integer | null]", [1, None]),
    ("pluck(rows, 'note')", "[string | null]", [None, "n"]),
    ("pluck(maybes, 'id')", "[string | null]", ["x", None]),
    ("pluck(maps, 'k')", "[integer | null]", [1, None]),
    ("pluck(anys, 'a')", "[any]", [None] * 6 + [1, 1.0, None, None]),
    ("range(3)", "[integer]", [0, 1, 2]),
    ("range(2, 4)", "[integer]", [2, 3]),
    ("range(-1)", "[integer]", []),
    ("keys(open)", "[string]", ["k", "j"]),
    ("values(open)", "[integer]", [1, 2]),
    ("get(open, 'k')", "integer | null", 1),
    ("get(open, s)", "integer | null", None),
    ("to_string(i)", "string", "7"),
    ("to_string(n)", "string", "2.5"),
    ("to_string(b)", "string", "true"),
    ("to_string(s)", "string", " Ab c "),
    ("to_number(' -2.50 ')", "number | null", -2.5),
    ("to_number('12')", "number | null", 12),
    ("to_number('1e999')", "number | null", None),
    ("to_number('nan')", "number | null", None),
    ("to_number('1_000')", "number | null", None),
    ("to_number('')", "number | null", None),
    ("to_number(b)", "number | null", 1),
    ("to_number(i)", "integer", 7),
    ("to_integer('12')", "integer | null", 12),
    ("to_integer('12.0')", "integer | null", 12),
    ("to_integer('12.5')", "integer | null", None),
    ("to_integer('x')", "integer | null", None),
    ("to_integer(n)", "integer | null", None),
    ("to_integer(i)", "integer", 7),
    ("to_integer(b)", "integer", 1),
    ("draw('x')", "number", random.Random("x").random()),
    ("draw_int('x', 1, 6)", "integer", random.Random("x").randint(1, 6)),
    ("draw_int('x', 5, 2)", "integer", 5),
    ("pick(ss, 'x')", "string | null", random.Random("x").choice(["b", "a"])),
    ("pick([], 'x')", "any", None),
    ("shuffle(take(xs, 1), 'x')", "[integer]", [3]),
    ("sort(shuffle(xs, 'x'))", "[integer]", [1, 1, 2, 3]),
]

WRONG: list[tuple[str, str]] = [
    ("count(i)", "ATK404"),
    ("length(none)", "ATK405"),
    ("sum(ss)", "ATK404"),
    ("min(i, ss)", "ATK404"),
    ("min(xs, i)", "ATK404"),
    ("max()", "ATK404"),
    ("max(none)", "ATK405"),
    ("abs(s)", "ATK404"),
    ("floor(i / n)", "ATK405"),
    ("ceil(b)", "ATK404"),
    ("round(n, n)", "ATK404"),
    ("round(n, 1, 2)", "ATK404"),
    ("lower(none)", "ATK405"),
    ("upper(i)", "ATK404"),
    ("strip(ss)", "ATK404"),
    ("slug(i)", "ATK404"),
    ("basename(none)", "ATK405"),
    ("stem(i)", "ATK404"),
    ("split(s, i)", "ATK404"),
    ("join(xs, ',')", "ATK404"),
    ("join(ss)", "ATK404"),
    ("replace(s, ' ')", "ATK404"),
    ("contains(s, i)", "ATK404"),
    ("contains(xs, s)", "ATK404"),
    ("contains(i, i)", "ATK404"),
    ("starts_with(s, i)", "ATK404"),
    ("ends_with(none, s)", "ATK405"),
    ("words(ss)", "ATK404"),
    ("tokens(i)", "ATK404"),
    ("truncate(s, n)", "ATK404"),
    ("concat(xs, ss)", "ATK404"),
    ("concat(xs, i)", "ATK404"),
    ("take(s, 1)", "ATK404"),
    ("drop(xs, n)", "ATK404"),
    ("first(s)", "ATK404"),
    ("last(open)", "ATK404"),
    ("reverse(s)", "ATK404"),
    ("sort(rows)", "ATK404"),
    ("unique(s)", "ATK404"),
    ("pluck(rows, 'idd')", "ATK401"),
    ("pluck(rows, s)", "ATK404"),
    ("pluck(xs, 'id')", "ATK404"),
    ("range(n)", "ATK404"),
    ("keys(rows[0])", "ATK405"),
    ("keys({a: 1})", "ATK404"),
    ("values(xs)", "ATK404"),
    ("get(open, i)", "ATK404"),
    ("get(xs, 'a')", "ATK404"),
    ("to_string(xs)", "ATK404"),
    ("to_string(none)", "ATK405"),
    ("to_number(ss)", "ATK404"),
    ("to_integer(none)", "ATK405"),
    ("draw()", "ATK404"),
    ("draw(s)", "ATK404"),
    ("draw_int('x', 1)", "ATK404"),
    ("draw_int('x', 1, n)", "ATK404"),
    ("pick(s, 'x')", "ATK404"),
    ("pick(ss, s)", "ATK404"),
    ("shuffle(ss)", "ATK404"),
]


def tree(text: str) -> Expr:
    found = parse(text)
    assert not isinstance(found, Problem)
    return found


@pytest.mark.parametrize(("text", "kind", "value"), CALLS, ids=[c[0] for c in CALLS])
def test_calls(text: str, kind: str, value: Any) -> None:
    found, problems = check(tree(text), SCOPE)
    assert (show(found), problems) == (kind, [])
    made = compile_expr(tree(text), {}, EXPRESSIONS)(DATA, Env())
    assert (type(made), made) == (type(value), value)
    assert conform(made, found) == []


@pytest.mark.parametrize(("text", "code"), WRONG, ids=[w[0] for w in WRONG])
def test_wrong_arguments(text: str, code: str) -> None:
    _, problems = check(tree(text), SCOPE)
    assert [p.code for p in problems] == [code]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_a_body_and_its_rows(name: str) -> None:
    assert name in EXPRESSIONS
    assert any(text.startswith(f"{name}(") for text, _, _ in CALLS)
    assert any(text.startswith(f"{name}(") for text, _ in WRONG)


def test_there_is_no_body_without_a_signature() -> None:
    assert set(EXPRESSIONS) == set(FUNCTIONS)


def test_labels_part_the_draws_and_the_same_label_repeats() -> None:
    made = compile_expr(tree("[draw('a'), draw('b'), draw('a')]"), {}, EXPRESSIONS)({}, Env())
    assert made[0] == made[2] != made[1]


def test_nothing_changes_its_arguments() -> None:
    data = {"xs": [3, 1, 2]}
    for text in ("sort(xs)", "reverse(xs)", "shuffle(xs, 'x')", "unique(xs)", "concat(xs, xs)"):
        compile_expr(tree(text), {}, EXPRESSIONS)(data, Env())
    assert data == {"xs": [3, 1, 2]}
