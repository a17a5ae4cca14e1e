"""Rendering: keys before attributes, null and lists never printed, nothing blows up or leaks."""

from __future__ import annotations

import time

import pytest

from atkc.spec.template import TemplateError, compile_template
from atkc.spec.template.printing import MAX_TEXT

VALUES = {
    "xs": ["b", "a"],
    "yes": True,
    "g": {"items": 1, "keys": "k"},
    "s": "hello world",
    "null": None,
    "n": 3,
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{ s }}\n", "hello world\n"),
        ("{{ g.items }}{{ g.keys }}{{ g['items'] }}", "1k1"),
        ("{{ yes }} {{ 1.5 }} {{ 'a' ~ 2 }}", "true 1.5 a2"),
        ("{{ '<b>' ~ s }}", "<b>hello world"),
        ("{% for x in xs %}{{ loop.index }}{{ x }}{{ loop.last }}{% endfor %}", "1bfalse2atrue"),
        ("{% for x in xs if x != 'b' %}{{ x }}{% else %}none{% endfor %}", "a"),
        ("{% if missing %}a{% else %}b{% endif %}", "b"),
        ("{{ missing == 'a' }}{{ missing is defined }}", "falsefalse"),
        ("{{ missing | default('d') }}{{ null | default('e') }}", "de"),
        ("{{ '' | default('e', boolean=true) }}", "e"),
        ("{{ xs[0] }}{{ xs[-1] }}{{ xs[5] | default('-') }}", "ba-"),
        ("{{ xs | join(', ') }} {{ xs | length }} {{ xs | first }}{{ xs | last }}", "b, a 2 ba"),
        ("{{ xs | tojson }}{{ null | tojson }}", '["b", "a"]null'),
        ("{{ {'ä': 1} | tojson(indent=1) }}", '{\n "ä": 1\n}'),
        ("{{ s | upper }}{{ s | title }}{{ s | capitalize }}", "HELLO WORLDHello WorldHello world"),
        ("{{ ' x ' | trim }}{{ 'A' | lower }}", "xa"),
        ("{{ s | truncate(9) }}|{{ s | truncate(9, true) }}", "hello...|hello ..."),
        ("{{ s | truncate(9, end='') }}{{ s | truncate(11) }}", "hellohello world"),
        ("{{ s | replace('o', '0') }}{{ s | replace('o', '0', 1) }}", "hell0 w0rldhell0 world"),
        ("{{ 'a\nb' | indent(2) }}", "a\n  b"),
        ("{{ 'a\n\nb' | indent(1, first=true, blank=true) }}", " a\n \n b"),
        ("{{ 3.7 | round }}{{ 3.14159 | round(2) }}", "43.14"),
        ("{{ xs | sort | join }}{{ xs | sort(reverse=true) | join }}", "abba"),
        ("{{ [1, 1, 2] | unique | join }}{{ 'ab' | list | join('-') }}", "12a-b"),
        ("{{ s | wordcount }}", "2"),
        ("{{ n is odd }}{{ n is divisibleby 3 }}{{ n is eq 4 }}", "truetruefalse"),
        ("{{ 'a' in xs }}{{ 'a' is in xs }}{{ null is none }}", "truetruetrue"),
        ("{{ n + 1 }}{{ 7 // 2 }}{{ 7 % 2 }}{{ 7 / 2 }}{{ -n }}{{ 'a' + 'b' }}", "4313.5-3ab"),
    ],
)  # fmt: skip
def test_what_comes_out(text: str, result: str) -> None:
    assert compile_template(text)(VALUES) == result


@pytest.mark.parametrize(
    "text",
    [
        "{{ missing }}",
        "{{ null }}",
        "{{ xs }}",
        "{{ g }}",
        "{{ 'a' ~ null }}",
        "{{ g.__class__ }}",
        "{{ g['__class__'] }}",
        "{{ s.upper }}",
        "{{ 'x' * 100000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 7 / 0 }}",
        "{{ [] | first }}",
        "{{ n | upper }}",
        "{{ xs | sort | replace('a', 'b') }}",
        "{{ [1, 'a'] | sort | join }}",
        "{% for k in g %}{{ k }}{% endfor %}",
        "{% for k in null %}{{ k }}{% endfor %}",
        "{{ missing + 1 }}",
        "{{ range(3) }}",
        "{{ turns }}",
        "{{ xs | turns }}",
    ],
)
def test_what_fails(text: str) -> None:
    with pytest.raises(TemplateError):
        compile_template(text)(VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
        "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a + a %}" * 40 + "{{ a }}",
        "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a | replace('x', a) %}" * 9 + "{{ a }}",
        "{% set a = 9 %}" + "{% set a = a * a %}" * 40 + "{{ a }}",
        "{% for a in xs %}" * 7 + "x" + "{% endfor %}" * 7,
        "{% for a in long %}{{ text }}{% endfor %}",
    ],
)
def test_a_template_cannot_blow_up(text: str) -> None:
    began = time.process_time()
    with pytest.raises(TemplateError):
        compile_template(text)({"xs": list(range(9)), "long": [0] * 5000, "text": "x" * 1000})
    assert time.process_time() - began < 5


def test_a_long_text_within_the_bound_passes() -> None:
    assert len(compile_template("{{ t }}")({"t": "x" * MAX_TEXT})) == MAX_TEXT


def test_constants_are_seen_and_can_be_hidden() -> None:
    render = compile_template("{{ params.n }}{{ s }}", {"params": {"n": 1}, "s": "fixed"})
    assert render({}) == "1fixed"
    assert render({"s": "own"}) == "1own"


def test_a_rendering_leaves_its_values_alone() -> None:
    values = {"n": 1}
    assert compile_template("{% set n = n + 1 %}{{ n }}")(values) == "2"
    assert values == {"n": 1}


def test_small_renderings_take_microseconds() -> None:
    render = compile_template("Passage:\n{{ text }}\n\nQuestion: {{ q }}\n")
    values = {"text": "x" * 1600, "q": "why"}
    began = time.process_time()
    for _ in range(2000):
        render(values)
    assert (time.process_time() - began) / 2000 < 100e-6
