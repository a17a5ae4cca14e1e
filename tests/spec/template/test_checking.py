"""Templates are checked against the types of fields: unknown names, nulls, lists printed raw."""

from __future__ import annotations

import pytest

from atkc.spec.diagnostic import Problem
from atkc.spec.rowtype import Record
from atkc.spec.template import Template, check, examine, parse
from atkc.spec.typetext import parse_type

FIELDS = {
    "text": "string",
    "n": "integer",
    "score": "number | null",
    "maybe": "optional string",
    "both": "optional string | null",
    "xs": ["string"],
    "g": {"items": ["string"], "name": "string"},
    "related": [{"text": "string", "source": "string | null"}],
    "open": {"any": "integer"},
    "free": "any",
    "inner": {"type": {"q": "string"}, "nullable": True},
    "params": {"avoid": ["string"], "min": "integer"},
}


def checked(text: str) -> tuple[frozenset[str], list[Problem]]:
    template = parse(text)
    assert isinstance(template, Template)
    variables = parse_type(FIELDS, {})
    assert isinstance(variables, Record)
    return check(template, variables)


@pytest.mark.parametrize(
    ("text", "code", "underlined", "word_of_help"),
    [
        ("{{ txt }}", "ATK412", "txt", "`text`"),
        ("a\nb {{ g.item }}", "ATK412", "item", "`items`"),
        ("{{ g['nam'] }}", "ATK412", "'nam'", "`name`"),
        ("{{ text.x }}", "ATK412", "x", None),
        ("{{ xs.x }}", "ATK412", "x", "loop"),
        ("{% for r in related %}{{ r.sorce }}{% endfor %}", "ATK412", "sorce", "`source`"),
        ("{% for r in xs %}{{ loop.idx }}{% endfor %}", "ATK412", "idx", None),
        ("{{ loop.index }}", "ATK412", "loop", None),
        ("{{ score }}", "ATK413", "score", "default"),
        ("{{ maybe }}", "ATK413", "maybe", "{% if maybe %}"),
        ("{{ xs }}", "ATK413", "xs", "join"),
        ("{{ g.items }}", "ATK413", "g.items", "join"),
        ("{{ related }}", "ATK413", "related", "tojson"),
        ("{{ g }}", "ATK413", "g", "tojson"),
        ("{{ none }}", "ATK413", "none", None),
        ("{{ xs[0] }}", "ATK413", "xs[0]", "default"),
        ("{{ xs | first }}", "ATK413", "xs | first", "default"),
        ("{{ open.k }}", "ATK413", "open.k", "default"),
        ("{{ n ~ xs }}", "ATK413", "xs", "join"),
        ("{{ text if n }}", "ATK413", "text if n", None),
        ("{% if both is defined %}{{ both }}{% endif %}", "ATK413", "both", None),
        ("{% if both is not none %}{{ both }}{% endif %}", "ATK413", "both", None),
        ("{% if score or n %}{{ score }}{% endif %}", "ATK413", "score", None),
        ("{% if score %}{% else %}{{ score }}{% endif %}", "ATK413", "score", None),
        ("{% if n %}{% set y = 1 %}{% endif %}{{ y }}", "ATK413", "y", None),
        ("{{ inner.q }}", "ATK405", "inner", "{% if inner %}"),
        ("{{ score > 3 }}", "ATK405", "score", None),
        ("{{ maybe | upper }}", "ATK405", "maybe", None),
        ("{{ n | upper }}", "ATK402", "n", None),
        ("{{ related | join }}", "ATK402", "related", None),
        ("{% for c in n %}{% endfor %}", "ATK402", "n", None),
        ("{{ text | truncate(10, end=xs) }}", "ATK402", "xs", None),
        ("{{ text + n }}", "ATK402", "n", None),
        ("{{ n * text }}", "ATK402", "text", None),
        ("{{ text < n }}", "ATK402", "n", None),
    ],
)
def test_what_is_wrong_and_where(
    text: str, code: str, underlined: str, word_of_help: str | None
) -> None:
    _, problems = checked(text)
    assert [(p.code, text[p.start : p.end]) for p in problems] == [(code, underlined)]
    assert word_of_help is None or word_of_help in (problems[0].help or "")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nothing", ""),
        ("{{ text }} {{ n }} {{ 1.5 }} {{ true }}", "text n"),
        ("{% if score %}{{ score }}{% endif %}", "score"),
        ("{% if score is not none %}{{ score }}{% endif %}", "score"),
        ("{% if score != none %}{{ score }}{% endif %}", "score"),
        ("{% if score is none %}-{% else %}{{ score }}{% endif %}", "score"),
        ("{% if not score %}-{% elif n %}{{ score }}{% endif %}", "score n"),
        ("{{ score if score else 0 }}", "score"),
        ("{{ score is not none and score > 3 }}", "score"),
        ("{% if both == 'x' and n %}{{ both }}{% endif %}", "both n"),
        ("{% if both %}{{ both | upper }}{% endif %}", "both"),
        ("{{ both | default('') }}{{ both or 'x' }}", "both"),
        ("{% if maybe is defined %}{{ maybe }}{% endif %}", "maybe"),
        ("{% if inner %}{{ inner.q }}{% endif %}", "inner"),
        ("{% if open.k %}{{ open.k }}{% endif %}", "open"),
        ("{{ xs | first | default('-') }}{{ xs | length }}", "xs"),
        ("{% for r in related if r.source %}{{ loop.index }}{{ r.source }}{% endfor %}", "related"),
        ("{% for x in xs %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", "xs"),
        ("{% for w in params.avoid %}{{ w }}{% endfor %}", "params"),
        ("{{ free.a.b }}{{ free | join }}", "free"),
        ("{% set text = n + 1 %}{{ text }}", "n"),
        ("{% if n %}{% set y = 'a' %}{% else %}{% set y = 'b' %}{% endif %}{{ y }}", "n"),
        ("{{ score | tojson }}{{ g | tojson(indent=2) }}", "score g"),
        ("{{ (xs | sort | unique)[0] | default(1) }}", "xs"),
    ],
)
def test_what_is_right_and_read(text: str, names: str) -> None:
    assert checked(text) == (frozenset(names.split()), [])


def test_one_mistake_gives_one_message() -> None:
    _, problems = checked("{{ txt.a.b | upper }}")
    assert [p.code for p in problems] == ["ATK412"]


def test_problems_come_in_the_order_of_the_text() -> None:
    _, problems = checked("{{ score }}{{ a }}{{ xs }}")
    assert [p.code for p in problems] == ["ATK413", "ATK412", "ATK413"]


def test_paths_tell_which_parameters_are_read() -> None:
    template = parse("{{ params.min }}{% for p in related %}{{ p.text }}{% endfor %}")
    assert isinstance(template, Template)
    variables = parse_type(FIELDS, {})
    assert isinstance(variables, Record)
    assert examine(template, variables).paths == {("params", "min"), ("related",)}
