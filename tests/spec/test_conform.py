"""Values against types: what fits, what is filled in, and the JSON Schema that says the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from atkc.spec.conform import complete, conform, to_json_schema
from atkc.spec.expression.scope import Constant
from atkc.spec.interpolate import interpolate
from atkc.spec.rowtype import Record
from atkc.spec.typetext import parse_type
from atkc.stdlib.expressions import EXPRESSIONS

JSON_VALUES = [None, True, 1, 1.0, "1", "a", [], ["a"], {}, {"a": "a"}]

FITTING: list[tuple[Any, list[Any]]] = [
    ("null", [None]),
    ("boolean", [True]),
    ("integer", [1]),
    ("number", [1, 1.0]),
    ("string", ["1", "a"]),
    ("path", ["1", "a"]),
    ("any", JSON_VALUES),
    ("integer | null", [None, 1]),
    ("one of a | b", ["a"]),
    (["string"], [[], ["a"]]),
    (["integer"], [[]]),
    ({"any": "string"}, [{}, {"a": "a"}]),
    ({"any": "integer"}, [{}]),
    ({"a": "string"}, [{"a": "a"}]),
    ({"a": "optional string"}, [{}, {"a": "a"}]),
    ({"b": "optional string"}, [{}]),
]


@pytest.mark.parametrize(("notation", "fitting"), FITTING, ids=[str(n) for n, _ in FITTING])
def test_what_fits(notation: Any, fitting: list[Any]) -> None:
    kind = parse_type(notation, {})
    fits = [v for v in JSON_VALUES if not conform(v, kind)]
    assert [repr(v) for v in fits] == [repr(v) for v in fitting]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_are_finite(value: float) -> None:
    assert conform(value, parse_type("number", {}))


def test_integers_beyond_64_bits_fit() -> None:
    assert conform(2**70, parse_type("integer", {})) == []


MISMATCHES: list[tuple[Any, Any, list[tuple[str | int, ...]]]] = [
    ({"a": [{"b": "integer"}]}, {"a": [{"b": 1}, {"b": "x"}, {}]}, [("a", 1, "b"), ("a", 2)]),
    ({"any": "integer"}, {"x": 1, "y": "2"}, [("y",)]),
    ({"a": "string"}, {"a": "x", "aa": 1}, [("aa",)]),
    ({"a": {"type": "integer", "minimum": 1}}, {"a": 0}, [("a",)]),
    ({"a": {"type": "integer", "minimum": 1}}, {"a": 1}, []),
    ({"a": {"type": "number", "maximum": 1}}, {"a": 1.5}, [("a",)]),
    ({"a": {"type": "number", "maximum": 1}}, {"a": 1}, []),
    ({"a": {"type": "number", "exclusiveMaximum": 100}}, {"a": 100}, [("a",)]),
    ({"a": {"type": "number", "exclusiveMaximum": 100}}, {"a": 99.9}, []),
    ({"a": {"type": "number | null", "minimum": 0}}, {"a": None}, []),
    ({"a": {"type": "integer", "minimum": 1}}, {"a": "x"}, [("a",)]),
]


@pytest.mark.parametrize(("notation", "value", "paths"), MISMATCHES)
def test_where_it_does_not_fit(notation: Any, value: Any, paths: list[Any]) -> None:
    kind = parse_type(notation, {})
    assert [m.path for m in conform(value, kind, ("x",))] == [("x", *p) for p in paths]
    assert Draft202012Validator(to_json_schema(kind)).is_valid(value) is (not paths)


def test_the_nearest_name_is_told() -> None:
    (found,) = conform({"checks": "negativ"}, parse_type({"checks": "one of plain | negative"}, {}))
    assert "did you mean `negative`?" in found.message
    (found,) = conform({"a": 1, "chekcs": 2}, parse_type("{a: integer, checks: optional any}", {}))
    assert "did you mean `checks`?" in found.message


def test_an_open_border_lets_more_fields_pass() -> None:
    kind = parse_type({"a": [{"b": "integer"}]}, {})
    assert conform({"a": [{"b": 1, "c": 2}]}, kind, closed=False) == []


WAY = parse_type(
    {
        "path": "path",
        "name": {"type": "string", "default": "${slug(it.path)}"},
        "file": {"type": "string", "default": "prompts/${it.name}.yaml"},
        "subset": {"type": "boolean", "default": "${params.use_subset}"},
        "note": "optional string",
    },
    {},
)
DIRS = parse_type({"dirs": {"type": ["Way"], "default": [{"path": "x/A B"}]}}, {"Way": WAY})
PARAMS = Constant(parse_type("{use_subset: boolean}", {}), {"use_subset": True})


def evaluate(default: Any, constants: Any) -> Any:
    made, problems = interpolate(default, {"params": PARAMS, **constants}, EXPRESSIONS)
    assert problems == []
    return made


FULL = {"path": "x/A B", "name": "x-a-b", "file": "prompts/x-a-b.yaml", "subset": True}


@pytest.mark.parametrize(
    ("value", "kind", "done"),
    [
        ({"path": "x/A B"}, WAY, FULL),
        (
            {"name": "n", "path": "p"},
            WAY,
            FULL | {"path": "p", "name": "n", "file": "prompts/n.yaml"},
        ),
        ({"path": "x/A B", "more": 1}, WAY, FULL | {"more": 1}),
        ({}, DIRS, {"dirs": [FULL]}),
        ({"dirs": [{"path": "x/A B"}, 3]}, DIRS, {"dirs": [FULL, 3]}),
        (None, DIRS, None),
    ],
)
def test_defaults_are_filled_in_order(value: Any, kind: Record, done: Any) -> None:
    assert complete(value, kind, evaluate) == done


def test_defaults_read_earlier_siblings_only() -> None:
    kind = parse_type(
        {"a": {"type": "string", "default": "${it.b}"}, "b": {"type": "string", "default": "x"}}, {}
    )
    _, problems = interpolate("${it.b}", {"it": Constant(Record(), {})}, EXPRESSIONS)
    assert [p.code for _, p in problems] == ["ATK401"]
    with pytest.raises(AssertionError):
        complete({}, kind, evaluate)


def test_maps_and_null_are_passed_through() -> None:
    kind = parse_type(
        {"any": {"type": {"a": {"type": "integer", "default": 1}}, "nullable": True}}, {}
    )
    assert complete({"x": {}, "y": None}, kind, evaluate) == {"x": {"a": 1}, "y": None}


SCHEMAS: list[tuple[Any, Any]] = [
    ("string", {"type": "string"}),
    ("prompt-file", {"type": "string"}),
    ("any", {}),
    ("integer | null", {"type": ["integer", "null"]}),
    ("one of a | b", {"type": "string", "enum": ["a", "b"]}),
    ("one of a | b | null", {"type": ["string", "null"], "enum": ["a", "b", None]}),
    (["number"], {"type": "array", "items": {"type": "number"}}),
    ({"any": "boolean"}, {"type": "object", "additionalProperties": {"type": "boolean"}}),
    (
        {"a": {"type": "integer", "minimum": 1, "description": "d"}, "b": "optional string"},
        {
            "type": "object",
            "properties": {
                "a": {"type": "integer", "minimum": 1, "description": "d"},
                "b": {"type": "string"},
            },
            "required": ["a"],
            "additionalProperties": False,
        },
    ),
]


@pytest.mark.parametrize(("notation", "schema"), SCHEMAS, ids=[str(n) for n, _ in SCHEMAS])
def test_json_schema(notation: Any, schema: Any) -> None:
    made = to_json_schema(parse_type(notation, {}))
    assert made == schema
    Draft202012Validator.check_schema(made)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text("ab", max_size=2), st.just(0.5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
)


@given(JSON, st.sampled_from([n for n, _ in [*FITTING, *SCHEMAS]]))
def test_the_schema_says_the_same(value: Any, notation: Any) -> None:
    kind = parse_type(notation, {})
    valid = Draft202012Validator(to_json_schema(kind)).is_valid(value)
    assert valid is (not conform(value, kind))
