"""Values: what operators give, what is folded, and that nothing else raises."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.evaluate import compile_expr
from atkc.spec.expression.parse import parse
from atkc.spec.expression.values import EvaluationError, equal
from atkc.stdlib.expressions import EXPRESSIONS


class Env:
    """Seeded by the label alone; a token is a character."""

    def __init__(self, sides: Mapping[str, Any] | None = None) -> None:
        self.sides: Mapping[str, Any] = sides or {}

    def rng(self, label: str) -> random.Random:
        return random.Random(label)

    def tokens(self, text: str) -> int:
        return len(text)


DATA = {
    "s": "text",
    "i": 7,
    "n": 2.5,
    "b": True,
    "none": None,
    "xs": [1, 2, 3],
    "o": {"id": "x", "none": None},
    "params": "field",
    "size": "field",
}
CONSTANTS = {"params": {"votes": 3, "none": None, "xs": [1]}, "zero": 0}
SIDES = {"size": {"tokens": 40}}


def run(text: str, functions: Mapping[str, Callable[..., Any]] = EXPRESSIONS) -> Any:
    tree = parse(text)
    assert not isinstance(tree, Problem)
    return compile_expr(tree, CONSTANTS, functions)(DATA, Env(SIDES))


VALUES: list[tuple[str, Any]] = [
    ("s", "text"),
    ("absent", None),
    ("record.params", "field"),
    ("record", DATA),
    ("params.votes", 3),
    ("size.tokens", 40),
    ("o.id", "x"),
    ("o.none.deep", None),
    ("o['id']", "x"),
    ("s.x", None),
    ("xs[0]", 1),
    ("xs[-1]", 3),
    ("xs[3]", None),
    ("xs[-4]", None),
    ("o[s]", None),
    ("[s, i]", ["text", 7]),
    ("{a: i, b: [s]}", {"a": 7, "b": ["text"]}),
    ("i + 1", 8),
    ("i * n", 17.5),
    ("i / 2", 3.5),
    ("i / zero", None),
    ("i % 4", 3),
    ("-i % 4", 1),
    ("i % 0", None),
    ("i / 0.0", None),
    ("-i", -7),
    ("-0.0", -0.0),
    ("s + '!'", "text!"),
    ("1 == 1.0", True),
    ("1 == '1'", False),
    ("1 == true", False),
    ("0 == false", False),
    ("null == null", True),
    ("none == 0", False),
    ("[1, {a: 2}] == [1.0, {a: 2.0}]", True),
    ("[1] == [true]", False),
    ("{a: 1} == {a: 1, b: 2}", False),
    ("[1] == [1, 2]", False),
    ("xs != [1, 2, 3]", False),
    ("'a' < 'b'", True),
    ("i >= 7.0", True),
    ("2 in xs", True),
    ("true in xs", False),
    ("4 not in xs", True),
    ("'ex' in s", True),
    ("'id' in o", True),
    ("none ?? 1", 1),
    ("none ?? none ?? 2", 2),
    ("false ?? true", False),
    ("0 ?? 1", 0),
    ("not b", False),
    ("b and i > 3", True),
    ("not b or i > 3", True),
    ("if b then 'y' else 'n'", "y"),
    ("if i == 8 then 'y' else 'n'", "n"),
    ("if true then s else i", "text"),
    ("b or 1 + none == 2", True),
    ("not b and 1 + none == 2", False),
    ("if b then 1 else range(10000000)", 1),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[t for t, _ in VALUES])
def test_values(text: str, value: Any) -> None:
    made = run(text)
    assert (type(made), made) == (type(value), value)


CAPPED = [
    "range(10000000)",
    "range(100001)",
    "1e308 * 10",
    "-1e308 - 1e308",
    "sum([1e308, 1e308])",
    " * ".join(["9" * 300] * 20),
    "9" * 300 + " / 0.00000000000000000001",
    "join(range(3), ',')",
    "s + i",
    "s * 3",
    "b + 1",
    "xs + xs",
    "none + 1",
    "none < 1",
    "1 in 2",
    "not s",
    "-s",
    "if s then 1 else 2",
    "i and b",
    "i or b",
    "lower(i)",
    "floor(b)",
    "take(s, 1)",
    "take(xs, b)",
    "keys(xs)",
    "sort([1, 'a'])",
    "min([1, 'a'])",
    "to_string(xs)",
    "count(1)",
    "contains(o, 'x')",
]


@pytest.mark.parametrize("text", CAPPED, ids=[t[:30] for t in CAPPED])
def test_what_cannot_be_worked_out_fails_the_record(text: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        run(text)
    assert caught.value.kind == "expression"
    assert caught.value.message


def test_texts_are_capped() -> None:
    huge = "x" * 1_000_000
    tree = parse("replace(replace(s, 'x', s), 'x', s)")
    assert not isinstance(tree, Problem)
    with pytest.raises(EvaluationError):
        compile_expr(tree, {}, EXPRESSIONS)({"s": huge}, Env())
    tree = parse("join(xs, s)")
    assert not isinstance(tree, Problem)
    with pytest.raises(EvaluationError):
        compile_expr(tree, {}, EXPRESSIONS)({"s": huge, "xs": ["a"] * 100}, Env())
    tree = parse("s + s")
    assert not isinstance(tree, Problem)
    with pytest.raises(EvaluationError):
        compile_expr(tree, {}, EXPRESSIONS)({"s": huge * 6}, Env())


def test_what_needs_no_record_is_worked_out_once() -> None:
    calls: list[str] = []

    def lower(text: str) -> str:
        calls.append(text)
        return text.lower()

    tree = parse("lower('ABC') + s + lower(s)")
    assert not isinstance(tree, Problem)
    compiled = compile_expr(tree, {}, {"lower": lower})
    assert [compiled({"s": "X"}, Env()) for _ in range(2)] == ["abcXx", "abcXx"]
    assert calls == ["ABC", "X", "X"]


def test_chance_is_never_folded() -> None:
    tree = parse("draw('x')")
    assert not isinstance(tree, Problem)
    compiled = compile_expr(tree, {}, EXPRESSIONS)

    class Other(Env):
        def rng(self, label: str) -> random.Random:
            return random.Random(label + "other")

    assert compiled({}, Env()) != compiled({}, Other())
    assert compiled({}, Env()) == compiled({}, Env())


def test_deep_values_compare() -> None:
    a: Any = 1
    b: Any = 1.0
    for _ in range(5000):
        a, b = [a], [b]
    assert equal(a, b)
