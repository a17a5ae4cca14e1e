"""Value slots: parts, escapes, types, printing, and the places of mistakes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.scope import Constant
from atkc.spec.interpolate import Value, evaluate, interpolate, parse_value, type_of
from atkc.spec.rowtype import show
from atkc.spec.typetext import parse_type
from atkc.stdlib.expressions import EXPRESSIONS

PARAMS = {"n": 3, "share": 0.5, "on": True, "name": "ä b", "none": None, "tags": ["x", "y"]}
KIND = parse_type(
    "{n: integer, share: number, on: boolean, name: string, none: string | null, tags: [string]}",
    {},
)
CONSTANTS = {"params": Constant(KIND, PARAMS)}

FINE: list[tuple[str, str, Any]] = [
    ("", "one of ", ""),
    ("plain }{ text", "one of plain }{ text", "plain }{ text"),
    ("${params.n}", "integer", 3),
    ("${ params.tags }", "[string]", ["x", "y"]),
    ("${params.none}", "string | null", None),
    (" ${params.n}", "string", " 3"),
    ("a/${params.name}-${params.n}.yaml", "string", "a/ä b-3.yaml"),
    ("${params.share}${params.on}", "string", "0.5true"),
    ("${params.none ?? 'x'}!", "string", "x!"),
    ("$${params.n}", "one of ${params.n}", "${params.n}"),
    ("$${a} ${params.n}", "string", "${a} 3"),
    ("$$${params.n}", "one of $${params.n}", "$${params.n}"),
    ("costs $5 {x}", "one of costs $5 {x}", "costs $5 {x}"),
    ("${ {a: '}', b: {c: 1}} }", "{a: one of }, b: {c: integer}}", {"a": "}", "b": {"c": 1}}),
    ('${ "\\"}" }', 'one of "}', '"}'),
    ("${join(params.tags, ', ')}.", "string", "x, y."),
]


@pytest.mark.parametrize(("text", "kind", "made"), FINE, ids=[f[0] for f in FINE])
def test_values(text: str, kind: str, made: Any) -> None:
    value = parse_value(text)
    assert isinstance(value, Value)
    found, problems = type_of(value, CONSTANTS)
    assert (show(found), problems) == (kind, [])
    assert evaluate(value, CONSTANTS, EXPRESSIONS) == made


WRONG: list[tuple[str, str, str]] = [
    ("a ${params.n", "ATK400", "${"),
    ("a ${'}", "ATK400", "${"),
    ("${}", "ATK400", ""),
    ("ab ${1 +* 2}", "ATK400", "*"),
    ("ab ${params.nn} c", "ATK401", "params.nn"),
    ("ab ${x}", "ATK401", "x"),
    ("ab ${nope(1)}", "ATK403", "nope(1)"),
    ("ab ${draw('x')}", "ATK404", "draw('x')"),
    ("ab ${pick(params.tags, 'x')}", "ATK404", "pick(params.tags, 'x')"),
    ("ab ${shuffle(params.tags, 'x')}", "ATK404", "shuffle(params.tags, 'x')"),
    ("ab ${draw_int('x', 1, 2)}", "ATK404", "draw_int('x', 1, 2)"),
    ("ab ${tokens('x')}", "ATK404", "tokens('x')"),
    ("ab ${params.none} c", "ATK413", "params.none"),
    ("ab ${ params.tags } c", "ATK413", "params.tags"),
    ("ab ${params} c", "ATK413", "params"),
    ("${params.n}${params.on + 1}", "ATK402", "params.on + 1"),
]


@pytest.mark.parametrize(("text", "code", "underlined"), WRONG, ids=[w[0] for w in WRONG])
def test_mistakes_stand_at_their_place(text: str, code: str, underlined: str) -> None:
    value = parse_value(text)
    problems = [value] if isinstance(value, Problem) else type_of(value, CONSTANTS)[1]
    assert [(p.code, text[p.start : p.end]) for p in problems] == [(code, underlined)]
    _, found = interpolate([text], CONSTANTS, EXPRESSIONS)
    assert [(path, p.code) for path, p in found] == [((0,), code)]


def test_what_types_as_any_is_found_when_printed() -> None:
    constants = {"x": Constant(parse_type("any", {}), [1])}
    value = parse_value("a ${x}")
    assert isinstance(value, Value)
    assert type_of(value, constants)[1] == []
    made = evaluate(value, constants, EXPRESSIONS)
    assert isinstance(made, Problem)
    assert made.code == "ATK413"


def test_a_cap_is_a_problem() -> None:
    value = parse_value("${range(params.n * 1000000)}")
    assert isinstance(value, Value)
    made = evaluate(value, CONSTANTS, EXPRESSIONS)
    assert isinstance(made, Problem)
    assert made.code == "ATK402"


def test_nested_values_are_interpolated_with_their_paths() -> None:
    data = {"a": ["${params.n}", 1, None], "b": {"c": "x${params.on}"}, "d": ["${params.zz}"]}
    made, found = interpolate(data, CONSTANTS, EXPRESSIONS)
    assert made == {"a": [3, 1, None], "b": {"c": "xtrue"}, "d": [None]}
    assert [(path, p.code) for path, p in found] == [(("d", 0), "ATK401")]


def test_escapes_alone_are_resolved_in_nested_values() -> None:
    assert interpolate({"a": "$${x}"}, {}, {}) == ({"a": "${x}"}, [])


def test_many_open_quotes_cost_linear_time() -> None:
    found = parse_value("${" + '\\"' * 200_000)
    assert isinstance(found, Problem)


@given(st.text(alphabet="${}'\"\\abn 1+.", max_size=30))
def test_random_text_never_raises(text: str) -> None:
    value = parse_value(text)
    if isinstance(value, Value) and not type_of(value, CONSTANTS)[1]:
        evaluate(value, CONSTANTS, EXPRESSIONS)
