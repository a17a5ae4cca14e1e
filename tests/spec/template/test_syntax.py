"""A template is read with exact places, or told what is wrong with it and where."""

from __future__ import annotations

import pytest

from atkc.spec.diagnostic import Problem
from atkc.spec.template import Template, parse

WRONG = [
    ("{{ a.b }", "ATK410", "}"),
    ("line\n  {{ x + }}", "ATK410", "}"),
    ("a {{ x ~ ] }}", "ATK410", "]"),
    ("{{ a b }}", "ATK410", "b"),
    ("x{%- if a -%}  \n {{ b..c }}", "ATK410", "."),
    ("{{ ¤ }}", "ATK410", "¤"),
    ("{% endfor %}", "ATK410", "endfor"),
    ("é\r\n{{ x ! }}", "ATK410", "!"),
    ("{% foo %}", "ATK411", "foo"),
    ("{% break %}", "ATK411", "break"),
    ("{% macro x() %}{% endmacro %}", "ATK411", "macro"),
    ("{% include 'x' %}", "ATK411", "include"),
    ("{% import 'x' as y %}", "ATK411", "import"),
    ("{% extends 'x' %}", "ATK411", "extends"),
    ("{% call x() %}{% endcall %}", "ATK411", "call"),
    ("{% set a.b = 1 %}", "ATK411", "a"),
    ("{% set a %}x{% endset %}", "ATK411", "set"),
    ("{{ f(x) }}", "ATK411", "("),
    ("{{ x.upper() }}", "ATK411", "("),
    ("{{ a[b] }}", "ATK411", "b"),
    ("{{ a[1:2] }}", "ATK411", "1"),
    ("{{ 2 ** 9 }}", "ATK411", "2"),
    ("{% for a, b in c %}{% endfor %}", "ATK411", ","),
    ("{{ self }}", "ATK411", "self"),
    ("{% set loop = 1 %}", "ATK411", "loop"),
    ("{{ a | joim(',') }}", "ATK414", "joim"),
    ("{{ x is not defind }}", "ATK414", "defind"),
    ("{{ a | replace('a') }}", "ATK404", "replace"),
    ("{{ a | upper(1) }}", "ATK404", "upper"),
    ("{{ a | join(sep=',') }}", "ATK404", "join"),
    ("{{ a | join(*b) }}", "ATK404", "join"),
]


@pytest.mark.parametrize(("text", "code", "underlined"), WRONG)
def test_what_is_wrong_and_where(text: str, code: str, underlined: str) -> None:
    found = parse(text)
    assert isinstance(found, Problem)
    assert (found.code, text[found.start : found.end]) == (code, underlined)


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("{{ a | joim }}", "did you mean `join`?"),
        ("{{ a is defind }}", "did you mean `defined`?"),
        ("{% foor x in y %}{% endfor %}", "did you mean `for`?"),
    ],
)
def test_a_misspelt_word_gets_the_nearest(text: str, help_: str) -> None:
    found = parse(text)
    assert isinstance(found, Problem)
    assert found.help == help_


@pytest.mark.parametrize("text", ["{{ " + "(" * 5000, "{{ " + "(" * 60 + "x" + ")" * 60 + " }}"])
def test_deep_nesting_is_a_finding_and_no_crash(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Problem | Template)


def test_nested_statements_are_bounded() -> None:
    ifs, loops = ("{% if a %}", "{% endif %}", 80), ("{% for a in b %}", "{% endfor %}", 12)
    for begin, end, times in (ifs, loops):
        found = parse(begin * times + "x" + end * times)
        assert isinstance(found, Problem)
        assert found.code == "ATK410"


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "{{ a.b['c'][0] | default('x') | upper }}\n",
        "{% for x in xs if x is defined %}{{ loop.index }}{% else %}none{% endfor %}",
        "{% set y = 1 + n // 2 %}{{ y if y > 3 else -y }}{{ a ~ 'b' }}{# note #}",
        "{% raw %}{{ x() }}{% endraw %}",
        "{% if a and not b or c in [1, 2] %}{% elif {'k': 1} %}{% endif %}",
    ],
)
def test_what_is_allowed(text: str) -> None:
    assert isinstance(parse(text), Template)
