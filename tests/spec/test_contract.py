"""Contracts: read or refused with a path, told to a model and read back, kept in the plan."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from atkc.spec.contract import (
    Contract,
    Each,
    cardinality,
    from_json,
    instructions,
    item_type,
    parse_contract,
    response_format,
    to_json,
    verdict_values,
)
from atkc.spec.contract_asking import read_instructions
from atkc.spec.rowtype import Record, show
from atkc.spec.typetext import parse_type

REPAIR = """
format: sections
reason: true
verdict: {section: Final judgment, values: {pass: [PASS], reword: [REWORD], fail: [FAIL, BAD]}}
fields:
  reworded: {when: reword, sections: {question: Question, answer: Answer}, refuse: [the provided]}
"""
PAIRS = """
format: json
each: {min: 1, max: 5}
fields:
  question: {type: string, description: what to write there}
  kind: one of a | b
  score: number | null
  deep: [{a: string, b: optional integer}]
"""
JUDGED_JSON = """
format: json
reason: true
verdict: {key: fit, values: {ok: [OK], bad: [BAD]}}
fields: {q: {type: string, key: Q}, n: optional integer, x: {when: bad, keys: {a: A}, key: X}}
"""
MANY_SECTIONS = """
format: sections
each: {min: 2}
cut: keep_closed
fields: {question: {section: Frage, description: a question (open)}, keys: [string],
  n: integer | null}
"""
TAGS = """
format: tags
reason: true
fields: {initial_question: string, count: integer}
verdict: {values: {ok: [OK], bad: [NOT OK]}}
"""
GRAMMAR = r"""
format: grammar
each: {}
fields: {name: string, value: integer}
grammar: |
  start: item+
  item: name ":" value
  name: WORD
  value: INT
  %import common.WORD
  %import common.INT
  %import common.WS
  %ignore WS
"""
REGEX = r"""
format: regex
pattern: '(?P<a>.+?) \| (?P<b>\d+)$'
fields: {a: string, b: integer}
"""
REPAIR_FIELDS = (
    "{reason: string, verdict: one of pass | reword | fail, "
    "reworded: {question: string, answer: string} | null}"
)
PAIR_FIELDS = (
    "{question: string, kind: one of a | b, score: number | null, "
    "deep: [{a: string, b: optional integer}]}"
)
JUDGED_FIELDS = (
    "{reason: string, q: string, n: optional integer, verdict: one of ok | bad, "
    "x: {a: string} | null}"
)
GOOD = {
    "repair": REPAIR,
    "pairs": PAIRS,
    "judged json": JUDGED_JSON,
    "many sections": MANY_SECTIONS,
    "tags": TAGS,
    "many tags": "{format: tags, each: {min: 3, max: 3}, fields: {a: string, b: boolean}}",
    "verdict": "{format: verdict, verdict: {values: {good: [Suitable], bad: [Not suitable]}}}",
    "list": "{format: list, fields: {words: [string]}}",
    "many of a list": """{format: list, each: {min: 0, max: 4},
        fields: {n: {type: integer, description: even}}}""",
    "text": "{format: text, fields: {story: {description: a story}}}",
    "regex": REGEX,
    "regex lines": REGEX.replace("fields", "each: {min: 0}\nfields"),
    "grammar": GRAMMAR,
    "one json": "{format: json, fields: {a: {any: integer}, b: any, c: '[string] | null'}}",
}


def contract(text: str) -> Contract:
    found = parse_contract(yaml.safe_load(text), {})
    assert isinstance(found, Contract), found
    return found


@pytest.mark.parametrize("name", GOOD)
def test_instructions_are_read_back(name: str) -> None:
    told = instructions(contract(GOOD[name]))
    before = 'Reply with one JSON object and nothing else:\n- "old" (string)\n\nA passage.\n\n'
    again = read_instructions(before + told)
    assert again is not None
    assert instructions(again) == told


@pytest.mark.parametrize("name", GOOD)
def test_what_is_read_back_is_what_was_meant(name: str) -> None:
    meant, again = contract(GOOD[name]), read_instructions(instructions(contract(GOOD[name])))
    assert again is not None
    form = "verdict" if meant.format == "sections" and not meant.parts else meant.format
    assert (again.format, again.each, again.reason) == (form, meant.each, meant.reason)
    if meant.format in ("json", "sections", "tags"):
        assert [(p.label, p.type) for p in again.parts] == [(p.label, p.type) for p in meant.parts]
    assert len(verdict_values(again)) == len(verdict_values(meant))
    assert [len(v.parts) for v in again.variants] == [len(v.parts) for v in meant.variants]


@pytest.mark.parametrize("name", GOOD)
def test_the_plan_keeps_a_contract(name: str) -> None:
    meant = contract(GOOD[name])
    assert from_json(yaml.safe_load(yaml.safe_dump(to_json(meant)))) == meant


@pytest.mark.parametrize(
    "text",
    ["", "Write a poem.", "First reason step by step.", "Reply in these sections,", "1. (string)"],
)
def test_a_text_without_instructions_asks_for_nothing(text: str) -> None:
    assert read_instructions(text) is None


def test_the_last_instructions_count_and_text_may_follow() -> None:
    first, last = contract(GOOD["text"]), contract(REPAIR)
    told = f"{instructions(first)}\n\n{instructions(last)}\n\nThank you."
    again = read_instructions(told)
    assert again is not None
    assert verdict_values(again) == ("PASS", "REWORD", "FAIL")


@pytest.mark.parametrize(
    ("each", "words"),
    [
        ("{}", "1 or more"),
        ("{min: 0}", "any number of"),
        ("{min: 2}", "2 or more"),
        ("{min: 0, max: 4}", "up to 4"),
        ("{min: 3, max: 3}", "exactly 3"),
        ("{max: 5}", "1 to 5"),
    ],
)
def test_counts_in_words(each: str, words: str) -> None:
    found = contract(f"{{format: list, each: {each}, fields: {{a: string}}}}")
    assert f" {words} items" in instructions(found)
    again = read_instructions(instructions(found))
    assert again is not None
    assert again.each == found.each


def test_a_wrapped_list_says_so_and_is_read_back() -> None:
    told = instructions(contract(PAIRS), mode="schema")
    assert '"items"' in told
    again = read_instructions(told)
    assert again is not None
    assert again.each == Each(1, 5)


@pytest.mark.parametrize(
    ("name", "fields", "count"),
    [
        (
            "repair",
            REPAIR_FIELDS,
            "1:1",
        ),
        (
            "pairs",
            PAIR_FIELDS,
            "1:n",
        ),
        ("many sections", "{question: string, keys: [string], n: integer | null}", "1:n"),
        ("list", "{words: [string]}", "1:1"),
        ("many of a list", "{n: integer}", "1:n"),
        (
            "judged json",
            JUDGED_FIELDS,
            "1:1",
        ),
    ],
)
def test_the_fields_that_an_item_adds(name: str, fields: str, count: str) -> None:
    found = contract(GOOD[name])
    assert show(item_type(found)) == fields
    assert cardinality(found) == count


def test_named_types_and_default_labels() -> None:
    pair = parse_type({"q": "string"}, {})
    assert isinstance(pair, Record)
    found = parse_contract({"format": "json", "fields": {"all": ["Pair"]}}, {"Pair": pair})
    assert isinstance(found, Contract)
    assert show(found.parts[0].type) == "[{q: string}]"
    sections = contract("{format: sections, fields: {follow_up: string}}")
    assert sections.parts[0].label == "Follow Up"


BAD: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("{fields: {a: string}}", [()]),
    ("{format: jsn, fields: {a: string}}", [("format",)]),
    ("{format: json}", [()]),
    ("{format: json, field: {a: string}}", [("field",)]),
    ("{format: json, fields: {a: strng}}", [("fields", "a")]),
    ("{format: json, fields: {a: [{b: strng}]}}", [("fields", "a", 0, "b")]),
    ("{format: json, fields: {a: Pair}}", [("fields", "a")]),
    ("{format: sections, fields: {a: {type: string, sectoin: x}}}", [("fields", "a", "sectoin")]),
    ("{format: sections, fields: {a: {section: 'x: y'}}}", [("fields", "a", "section")]),
    ("{format: sections, fields: {a: {type: {b: string}}}}", [("fields", "a", "type")]),
    ("{format: sections, fields: {a: {section: X}, b: {section: x}}}", [("fields",)]),
    ("{format: tags, fields: {a: {tag: 'x y'}}}", [("fields", "a", "tag")]),
    ("{format: json, each: 3, fields: {a: string}}", [("each",)]),
    ("{format: json, each: {min: 3, max: 2}, fields: {a: string}}", [("each",)]),
    ("{format: json, each: {least: 3}, fields: {a: string}}", [("each", "least")]),
    ("{format: json, cut: keep_closed, fields: {a: string}}", [("cut",)]),
    ("{format: json, cut: keep, each: {}, fields: {a: string}}", [("cut",)]),
    ("{format: json, reason: 1, fields: {a: string}}", [("reason",)]),
    ("{format: json, refuse: x, fields: {a: string}}", [("refuse",)]),
    ("{format: json, reason: true, fields: {reason: string}}", [("fields", "reason")]),
    ("{format: text, fields: {a: string, b: string}}", [("fields",)]),
    ("{format: text, fields: {a: string}, reason: true}", [("reason",)]),
    ("{format: list, fields: {a: string}}", [("fields", "a")]),
    ("{format: list, each: {}, fields: {a: [string]}}", [("fields", "a")]),
    ("{format: verdict}", [(), ()]),
    ("{format: verdict, verdict: {values: {a: [A]}}}", [("verdict", "values")]),
    (
        "{format: verdict, verdict: {values: {a: [A], b: [a]}}}",
        [("verdict", "values", "b")],
    ),
    ("{format: verdict, verdict: {values: {a: [A], b: []}}}", [("verdict", "values", "b")]),
    (
        """{format: sections, fields: {x: {when: rewrd, sections: {q: Q}}},
        verdict: {values: {reword: [R], fail: [F]}}}""",
        [("fields", "x", "when")],
    ),
    ("{format: sections, fields: {x: {when: y, sections: {q: Q}}}}", [("fields", "x", "when")]),
    ("{format: regex, fields: {a: string}}", [()]),
    ("{format: regex, pattern: '(?P<b>x)', fields: {a: string}}", [("pattern",), ("pattern",)]),
    ("{format: regex, pattern: '(?P<a>x)(?=y)', fields: {a: string}}", [("pattern",)]),
    ("{format: json, pattern: x, fields: {a: string}}", [("pattern",)]),
    ("{format: grammar, grammar: 'start: x', fields: {a: string}}", [("grammar",)]),
    ("{format: grammar, grammar: 'start: /x/', fields: {a: string}}", [("grammar",)]),
    ("{format: grammar, grammar: 'start: a\na: /(x+)+y/', fields: {a: string}}", [("grammar",)]),
    (
        '{format: grammar, grammar: "start: a\\n%import .f (a)", fields: {a: string}}',
        [("grammar",)],
    ),
]


@pytest.mark.parametrize(("text", "paths"), BAD)
def test_what_is_wrong_with_a_contract(text: str, paths: list[tuple[Any, ...]]) -> None:
    found = parse_contract(yaml.safe_load(text), {})
    assert isinstance(found, list)
    assert [path for path, _ in found] == paths


def test_several_mistakes_are_told_at_once() -> None:
    text = "{format: json, eac: 1, cut: x, fields: {a: strng}}"
    found = parse_contract(yaml.safe_load(text), {})
    assert isinstance(found, list)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("name", "mode", "kind"),
    [
        ("pairs", "off", None),
        ("repair", "schema", None),
        ("pairs", "json", "json_object"),
        ("pairs", "schema", "json_schema"),
    ],
)
def test_only_json_has_a_response_format(name: str, mode: str, kind: str | None) -> None:
    found = response_format(contract(GOOD[name]), mode)
    assert (found and found["type"]) == kind


def test_a_list_is_wrapped_and_every_key_required() -> None:
    found = response_format(contract(PAIRS), "schema")
    assert found is not None
    assert found["json_schema"]["strict"] is True
    item = found["json_schema"]["schema"]["properties"]["items"]["items"]
    assert item["required"] == ["question", "kind", "score", "deep"]
    assert item["properties"]["kind"]["enum"] == ["a", "b"]
    assert item["properties"]["question"]["description"] == "what to write there"


def test_the_verdict_and_the_variants_of_a_schema() -> None:
    found = response_format(contract(JUDGED_JSON), "schema")
    assert found is not None
    properties = found["json_schema"]["schema"]["properties"]
    assert list(properties) == ["reason", "Q", "n", "fit", "X"]
    assert properties["fit"]["enum"] == ["OK", "BAD"]
    assert properties["X"]["anyOf"][0]["required"] == ["A"]


def test_open_types_have_no_strict_schema() -> None:
    found = response_format(contract(GOOD["one json"]), "schema")
    assert found is not None
    assert found["json_schema"]["strict"] is False
