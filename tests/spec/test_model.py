"""The strict models and the schemas made of them agree, and each value may be a `${…}`."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import ValidationError, convert, structs

from atkc.spec.model import EXPRESSIONS, STEP_TYPES, TEMPLATES, Spec
from atkc.spec.schema_build import prompt_schema, spec_schema

SCHEMA = Draft202012Validator(spec_schema())
STEPS: dict[str, dict[str, Any]] = {
    "source": {"read": "jsonl", "with": {"path": "a"}, "extra": "keep", "fields": {"a": "string"}},
    "prompt": {"from": "a", "model": "m", "prompt": "p.yaml", "samples": 2, "each": {"min": 1},
               "choose": {"draw": "n", "replace": True},
               "on_failure": {"resample": 1, "then": "stop"},
               "replace": ["x"], "else": {"x": "1"}, "if": "n > 1", "draw": 3},
    "parse": {"from": "a", "reply": {"format": "text"}, "field": "x", "each": "none", "as": "y"},
    "vote-filter": {"from": ["a", "b"], "model": "m", "prompt": "p", "as": "v", "votes": 3,
                    "pass": {"share": 0.5}, "invalid": "ignore", "resample": 0},
    "map": {"from": "a", "do": [{"where": "n > 1"}, {"add": {"k": [1]}, "keep": ["k"]}],
            "when": True, "for_each": {"k": [1]}, "label": {"k": "k"}},
    "combine": {"from": {"left": "a", "right": ["b", "c"]}, "op": "join", "by": ["x"],
                "take": {"y": "z"}, "missing": "null", "top": 2, "budget": {"tokens": 9}},
    "export": {"from": "a", "format": "jsonl", "path": "a.jsonl", "empty": "skip"},
    "use": {"use": "m.yaml", "from": {"a": ["b"]}, "params": {"x": 1}, "models": {"w": "m"},
            "carry": ["x"], "draw": "1"},
}  # fmt: skip


def errors(kind: str, step: dict[str, Any]) -> list[str]:
    spec = {"atkc": 1, "name": "n", "steps": {"s": {"type": kind, **step}}}
    return [error.message for error in SCHEMA.iter_errors(spec)]


@pytest.mark.parametrize("kind", STEP_TYPES)
def test_schema_and_model_take_the_same_step(kind: str) -> None:
    assert errors(kind, STEPS[kind]) == []
    convert({"type": kind, **STEPS[kind]}, STEP_TYPES[kind])


@pytest.mark.parametrize("kind", STEP_TYPES)
def test_both_refuse_an_unknown_key(kind: str) -> None:
    step = {**STEPS[kind], "surprise": 1}
    assert errors(kind, step)
    with pytest.raises(ValidationError):
        convert({"type": kind, **step}, STEP_TYPES[kind])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in leaves(v, (*path, k))]
    if isinstance(value, list):
        return [leaf for i, v in enumerate(value) for leaf in leaves(v, (*path, i))]
    return [path]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, list):
        return [put(v, path[1:], new) if i == path[0] else v for i, v in enumerate(value)]
    return {k: put(v, path[1:], new) if k == path[0] else v for k, v in value.items()}


NAMES = {"as", "field", "replace", "keep", "carry", "take", "by"}  # names of fields are no values


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (kind, path)
        for kind, step in STEPS.items()
        for path in leaves(step)
        if not NAMES & set(path[-2:])
    ],
)
def test_every_value_may_be_an_expression_in_braces(kind: str, path: tuple[Any, ...]) -> None:
    assert errors(kind, put(STEPS[kind], path, "${params.x}")) == []


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("vote-filter", ("votes",), "3"),
        ("vote-filter", ("votes",), 0),
        ("vote-filter", ("votes",), 1.5),
        ("vote-filter", ("votes",), True),
        ("vote-filter", ("invalid",), "ignored"),
        ("vote-filter", ("pass",), "most"),
        ("vote-filter", ("pass",), {"share": 2}),
        ("map", ("when",), "yes"),
        ("map", ("for_each",), ["a"]),
        ("combine", ("top",), "x"),
        ("prompt", ("replace",), "x"),
        ("prompt", ("on_failure", "then"), "skip"),
        ("export", ("path",), 3),
        ("export", ("from",), {"a": "b"}),
        ("map", ("from",), {"a": "b"}),
    ],
)
def test_both_refuse_a_value_of_another_type(kind: str, path: tuple[Any, ...], value: Any) -> None:
    step = put({**STEPS[kind], path[0]: STEPS[kind].get(path[0])}, path, value)
    assert errors(kind, step)
    with pytest.raises(ValidationError):
        convert({"type": kind, **step}, STEP_TYPES[kind])


def test_a_misspelt_type_is_found_at_its_own_key() -> None:
    spec = {"atkc": 1, "name": "n", "steps": {"s": {"tpye": "map", "from": "a"}}}
    found = {error.validator for error in SCHEMA.iter_errors(spec)}
    assert found == {"required", "additionalProperties"}


def test_places_of_expressions_and_templates_are_keys_of_steps() -> None:
    keys = {field.encode_name for kind in STEP_TYPES.values() for field in structs.fields(kind)}
    assert {path[0] for path in (*EXPRESSIONS, *TEMPLATES)} <= keys


def test_the_language_version_is_needed() -> None:
    with pytest.raises(ValidationError):
        convert({"name": "n"}, Spec)


@pytest.mark.parametrize(
    "prompt",
    [
        {"messages": []},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"messages": [{"role": "user", "content": 3}]},
        {"messages": [{"role": "user", "content": "x"}], "examples": [{"user": "x"}]},
        {"messages": [{"role": "user", "content": "x"}], "replys": {}},
    ],
)
def test_what_is_no_prompt_file(prompt: dict[str, Any]) -> None:
    assert list(Draft202012Validator(prompt_schema()).iter_errors(prompt))
