"""Type notation: what each form means, where mistakes are found, and the way back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    SCALARS,
    STRING,
    STRINGS,
    TEXT_KINDS,
    Enum,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Scalar,
    Type,
    nullable,
    show,
    to_notation,
)
from atkc.spec.typetext import TypeTextError, parse_field, parse_type

PAIR = Record.of({"question": STRING, "answer": STRING})
NAMES = {"Pair": PAIR}
MAYBE_STRINGS = Nullable(STRINGS)

FORMS: list[tuple[Any, Type]] = [
    *[(name, Scalar(name)) for name in (*SCALARS, *TEXT_KINDS)],
    (["string"], STRINGS),
    ([["integer"]], ListOf(ListOf(INTEGER))),
    ({}, Record()),
    ({"id": "string"}, Record.of({"id": STRING})),
    ({"id": "optional string"}, Record.of({"id": Field(STRING, optional=True)})),
    ({"id": "optional string | null"}, Record.of({"id": Field(Nullable(STRING), optional=True)})),
    ({"any": "number"}, MapOf(NUMBER)),
    ({"any": "number", "b": "string"}, Record.of({"any": NUMBER, "b": STRING})),
    ({"any": {"type": "number", "optional": False}}, Record.of({"any": NUMBER})),
    ("string | null", Nullable(STRING)),
    ("null | string", Nullable(STRING)),
    ("any | null", ANY),
    ("one of a | b", Enum(("a", "b"))),
    ("one of a | b | null", Nullable(Enum(("a", "b")))),
    ("one of 'a | b' | \"null\" | c d", Enum(("a | b", "null", "c d"))),
    ("Pair", PAIR),
    (["Pair"], ListOf(PAIR)),
    ("Pair | null", Nullable(PAIR)),
    ({"type": ["string"], "nullable": True}, MAYBE_STRINGS),
    ([{"type": ["string"], "nullable": True}], ListOf(MAYBE_STRINGS)),
    # a field called `type`
    ({"type": {"type": "string"}}, Record.of({"type": STRING})),
    ({"type": {"type": "string"}, "text": "string"}, Record.of({"type": STRING, "text": STRING})),
    # the same as text
    ("[string]", STRINGS),
    (" [ string ] ", STRINGS),
    ("{id: string}", Record.of({"id": STRING})),
    (
        "{ id : string , score: number | null, }",
        Record.of({"id": STRING, "score": Nullable(NUMBER)}),
    ),
    ("{id: optional string}", Record.of({"id": Field(STRING, optional=True)})),
    ("{id: optional [string]}", Record.of({"id": Field(STRINGS, optional=True)})),
    ("{id: optional [string] | null}", Record.of({"id": Field(MAYBE_STRINGS, optional=True)})),
    ("[string] | null", MAYBE_STRINGS),
    ("{tags: [string] | null}", Record.of({"tags": MAYBE_STRINGS})),
    ("{any: [Pair]}", MapOf(ListOf(PAIR))),
    ("[one of 'a]' | b]", ListOf(Enum(("a]", "b")))),
    ("{n: {type: integer, minimum: 1}}", Record.of({"n": INTEGER})),
    ("{'a b': string}", Record.of({"a b": STRING})),
]


@pytest.mark.parametrize(("data", "kind"), FORMS, ids=[str(d) for d, _ in FORMS])
def test_forms(data: Any, kind: Type) -> None:
    assert parse_type(data, NAMES) == kind


WRONG: list[tuple[Any, tuple[str | int, ...], str]] = [
    ("strng", (), "ATK208"),
    ("Pear", (), "ATK305"),
    (["Pear"], (0,), "ATK305"),
    ({"a": {"b": "Pear"}}, ("a", "b"), "ATK305"),
    ({"a": ["string", "integer"]}, ("a",), "ATK208"),
    ([], (), "ATK208"),
    ({"a": None}, ("a",), "ATK208"),
    ({"a": 3}, ("a",), "ATK208"),
    ({1: "string"}, (1,), "ATK208"),
    ("string | integer", (), "ATK208"),
    ("string | null | null", (), "ATK208"),
    ("optional string", (), "ATK208"),
    ("", (), "ATK208"),
    ("string |", (), "ATK208"),
    ("one of", (), "ATK208"),
    ("one of a | a", (), "ATK208"),
    ("one of 'a", (), "ATK208"),
    ("[string", (), "ATK208"),
    ("[string, integer]", (), "ATK208"),
    ("{a: string", (), "ATK208"),
    ("{a string}", (), "ATK208"),
    ("{a: string, a: string}", (), "ATK208"),
    ("[string] x", (), "ATK208"),
    ({"type": "string", "text": "string"}, ("text",), "ATK208"),
    ([{"type": "string", "default": "x"}], (0, "default"), "ATK208"),
    ({"a": {"type": "string", "optional": "yes"}}, ("a", "optional"), "ATK208"),
    ({"a": {"type": "string", "minimum": 1}}, ("a", "minimum"), "ATK208"),
    ({"a": {"type": "integer", "minimum": "1"}}, ("a", "minimum"), "ATK208"),
    ({"a": {"type": "integer", "minimum": True}}, ("a", "minimum"), "ATK208"),
    ({"a": {"type": "integer", "default": 1, "minimun": 1}}, ("a", "minimun"), "ATK208"),
    ({"a": {"type": "string", "description": 3}}, ("a", "description"), "ATK208"),
    ({"a": {"type": "template", "variables": "x"}}, ("a", "variables"), "ATK208"),
    ("[" * 40 + "string" + "]" * 40, (), "ATK208"),
    ("x" * 5000, (), "ATK208"),
]


@pytest.mark.parametrize(("data", "path", "code"), WRONG, ids=[str(w[0])[:40] for w in WRONG])
def test_mistakes(data: Any, path: tuple[str | int, ...], code: str) -> None:
    with pytest.raises(TypeTextError) as caught:
        parse_type(data, NAMES)
    assert (caught.value.path, caught.value.code) == (path, code)


def test_deep_lists_are_refused() -> None:
    data: Any = "string"
    for _ in range(100):
        data = [data]
    with pytest.raises(TypeTextError, match="nested"):
        parse_type(data, {})


@pytest.mark.parametrize(("word", "near"), [("strng", "string"), ("Pairs", "Pair")])
def test_the_nearest_word_is_named(word: str, near: str) -> None:
    with pytest.raises(TypeTextError, match=f"did you mean `{near}`"):
        parse_type(word, NAMES)


def test_the_long_form_fills_the_rule() -> None:
    field = parse_field(
        {
            "type": "number | null",
            "default": None,
            "minimum": 0,
            "maximum": 200,
            "exclusiveMaximum": 100,
            "description": "a share",
            "optional": True,
        },
        {},
    )
    assert (field.type, field.optional) == (Nullable(NUMBER), True)
    rule = field.rule
    assert rule is not None
    assert (rule.default, rule.has_default) == (None, True)
    assert (rule.minimum, rule.maximum, rule.exclusive_maximum) == (0, 200, 100)
    assert rule.description == "a share"


def test_template_params_name_their_variables() -> None:
    rule = parse_field({"type": ["template"], "variables": {"context": "string"}}, {}).rule
    assert rule is not None
    assert rule.variables == Record.of({"context": STRING})
    assert not rule.has_default


@pytest.mark.parametrize(
    ("data", "optional"),
    [
        ("string", False),
        ("optional string", True),
        ({"type": "string", "optional": True}, True),
        ({"type": "optional string"}, True),
        ({"type": "string"}, False),
    ],
)
def test_without_bounds_there_is_no_rule(data: Any, optional: bool) -> None:
    field = parse_field(data, {})
    assert (field.type, field.optional, field.rule) == (STRING, optional, None)


def test_defaults_of_nested_records_are_kept() -> None:
    kind = parse_type({"a": {"b": {"type": "boolean", "default": False}}}, {})
    assert isinstance(kind, Record)
    inner = kind.get("a")
    assert inner is not None
    assert isinstance(inner.type, Record)
    field = inner.type.get("b")
    assert field is not None
    assert field.type == BOOLEAN
    assert field.rule is not None
    assert field.rule.default is False


NAMED_FIELDS = st.sampled_from(["id", "type", "any", "optional", "nullable", "default", "a b"])
VALUES = st.text(min_size=1, max_size=6).filter(lambda s: s.isprintable())
SCALAR_TYPES = st.sampled_from([Scalar(n) for n in (*SCALARS, *TEXT_KINDS)])
ENUMS = st.lists(VALUES, min_size=1, max_size=4, unique=True).map(lambda v: Enum(tuple(v)))


def _composed(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    fields = st.builds(Field, inner, st.booleans())
    records = st.dictionaries(NAMED_FIELDS, fields, max_size=4).map(Record.of)
    return st.one_of(
        st.builds(ListOf, inner),
        st.builds(MapOf, inner),
        inner.map(lambda t: t if t == NULL else nullable(t)),
        records,
    )


TYPES: st.SearchStrategy[Type] = st.recursive(st.one_of(SCALAR_TYPES, ENUMS), _composed)


@given(TYPES)
def test_notation_is_read_back(kind: Type) -> None:
    assert parse_type(to_notation(kind), {}) == kind


@given(TYPES)
def test_a_record_of_it_is_read_back(kind: Type) -> None:
    whole = Record.of({"type": Field(kind, optional=True), "x": kind})
    assert parse_type(to_notation(whole), {}) == whole


@given(st.text(alphabet="[]{}|:, '\"abc", max_size=40))
def test_random_text_gives_a_type_or_a_mistake(text: str) -> None:
    with suppress(TypeTextError):
        show(parse_type(text, {}))
