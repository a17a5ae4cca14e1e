"""JSON replies: found in prose and fences, coerced only as said, cut lists keep closed items."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, parse_contract
from atkc.stdlib.replies import parse_reply


def contract(text: str) -> Contract:
    found = parse_contract(yaml.safe_load(text), {})
    assert isinstance(found, Contract), found
    return found


ONE = contract("{format: json, fields: {q: string, n: optional number}}")
MANY = contract("{format: json, each: {min: 1, max: 3}, fields: {q: string}}")
CUT = contract("{format: json, each: {}, cut: keep_closed, fields: {q: string}}")
TYPED = contract(
    """{format: json, fields: {i: integer, f: number, b: boolean, e: one of New | Old,
    l: [string], m: {any: integer}, r: {a: string, o: optional integer}, x: string | null,
    y: any}}"""
)
JUDGED = contract(
    """{format: json, reason: true, verdict: {values: {ok: [OK], bad: [NOT OK]}},
    fields: {fix: {when: bad, keys: {text: better}, refuse: [sorry]}}}"""
)
ITEMS = contract("{format: json, fields: {items: [string]}}")


@pytest.mark.parametrize(
    "text",
    [
        '{"q": "a"}',
        '  {"q": "a"}\n',
        '```json\n{"q": "a"}\n```',
        'Here it is: {"q": "a"}. Anything else?',
        'As shown in [1] and {x}: {"q": "a"}',
        '[{"q": "a"}]',
        '{"items": [{"q": "a"}]}',
        '{"note": 1} then {"q": "a"}',
        '{"q": "a", "extra": [1, 2]}',
        '<think>{"q": "no"}</think>{"q": "a"}',
        'Say "hello {" and then {"q": "a"}',
        '{note: {"q": "a"}}',
        '{"q": "a", "n": null}',
    ],
)
def test_where_json_stands(text: str) -> None:
    assert parse_reply(ONE, text) == [{"q": "a"}]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('[{"q": "a"}, {"q": "b"}]', 2),
        ('{"items": [{"q": "a"}, {"q": "b"}, {"q": "c"}]}', 3),
        ('{"q": "a"}', 1),
        ('Sure:\n```\n[{"q": "a"}]\n```', 1),
    ],
)
def test_lists(text: str, count: int) -> None:
    assert len(parse_reply(MANY, text)) == count


def test_typed_values() -> None:
    text = (
        '{"i": "2.0", "f": "1e3", "b": "Yes", "e": "old", "l": ["a"],'
        ' "m": {"k": 12345678901234567890}, "r": {"a": "b", "o": null}, "x": null,'
        ' "y": [1, {"z": null}]}'
    )
    assert parse_reply(TYPED, text) == [
        {
            "i": 2,
            "f": 1000.0,
            "b": True,
            "e": "Old",
            "l": ["a"],
            "m": {"k": 12345678901234567890},
            "r": {"a": "b"},
            "x": None,
            "y": [1, {"z": None}],
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"q": "größer als ß"}',
        '{"q": "为什么？"}',
        '{"q": "لماذا؟"}',
        '{"q": "\\u00e9 \\ud83d\\ude00"}',
    ],
)
def test_other_languages(text: str) -> None:
    import json

    assert parse_reply(ONE, text) == [json.loads(text)]


BASE: dict[str, Any] = {
    "i": 1, "f": 1, "b": True, "e": "New", "l": [], "m": {}, "r": {"a": ""}, "y": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("i", True), ("i", 1.5), ("i", "one"), ("i", "1_000"), ("f", "nan"), ("f", "1,5"),
        ("b", 1), ("b", "maybe"), ("e", "Newer"), ("e", 1), ("l", "a"), ("l", [1]), ("m", []),
        ("r", "a"), ("r", {"a": 5}), ("x", 5),
    ],
)  # fmt: skip
def test_values_are_coerced_only_as_said(key: str, value: Any) -> None:
    import json

    assert parse_reply(TYPED, json.dumps(BASE))[0]["x"] is None
    with pytest.raises(ReplyError) as found:
        parse_reply(TYPED, json.dumps(BASE | {key: value}))
    assert found.value.kind == "wrong-type"


@pytest.mark.parametrize(
    ("known", "text", "kind"),
    [
        (ONE, "   ", "empty"),
        (ONE, "No JSON here.", "no-json"),
        (ONE, "{q: 'a'}", "no-json"),
        (ONE, '{"q": "a",}', "no-json"),
        (ONE, '{"q": NaN}', "no-json"),
        (ONE, '{"q": "a", "q": "b"}', "no-json"),
        (ONE, "[1, 2]", "no-json"),
        (ONE, "{}", "missing-field"),
        (ONE, '{"p": "a"}', "missing-field"),
        (ONE, '{"q": null}', "missing-field"),
        (ONE, '{"q": 5}', "wrong-type"),
        (ONE, '{"q": "a", "n": 1e999}', "wrong-type"),
        (ONE, '{"q": "\\ud800"}', "wrong-type"),
        (ONE, '{"q": "a", "n": ', "truncated"),
        (ONE, '[{"q": "a"}, {"q": "b"}]', "too-many"),
        (MANY, "[]", "too-few"),
        (MANY, '[{"q": "a"}, {"q": "b"}, {"q": "c"}, {"q": "d"}]', "too-many"),
        (MANY, '["a", "b"]', "no-json"),
        (MANY, '[{"q": "a"}, {"p": "b"}]', "missing-field"),
        (MANY, '[{"q": "a"}, {"q": "b"', "truncated"),
        (MANY, 'So:\n[\n  {"q": "a"},\n  {"q": "b"}', "truncated"),
        (CUT, "nothing", "too-few"),
        (JUDGED, '{"reason": "r"}', "no-verdict"),
        (JUDGED, '{"reason": "r", "verdict": "fine"}', "no-verdict"),
        (JUDGED, '{"reason": "r", "verdict": "NOT OK"}', "missing-field"),
        (JUDGED, '{"reason": "r", "verdict": "NOT OK", "fix": {"better": "sorry."}}', "refusal"),
    ],
)
def test_replies_that_fail(known: Contract, text: str, kind: str) -> None:
    with pytest.raises(ReplyError) as found:
        parse_reply(known, text)
    assert found.value.kind == kind


def test_verdicts_and_variants() -> None:
    assert parse_reply(JUDGED, '{"reason": "r", "verdict": "ok"}') == [
        {"reason": "r", "verdict": "ok", "fix": None}
    ]
    text = '{"reason": "r", "verdict": "NOT OK", "fix": {"better": "b"}}'
    assert parse_reply(JUDGED, text)[0]["fix"] == {"text": "b"}


def test_a_line_end_inside_a_string_is_kept() -> None:
    assert parse_reply(ONE, '{"q": "a\nb"}') == [{"q": "a\nb"}]


def test_a_field_may_be_called_items() -> None:
    assert parse_reply(ITEMS, '{"items": ["a"]}') == [{"items": ["a"]}]


@pytest.mark.parametrize(
    "text",
    [
        '[{"q": "a"}, {"q": "b"}, {"q": "c',
        '{"items": [{"q": "a"}, {"q": "b"}, {"q"',
        'As in [1]: [{"q": "a"}, {"q": "b"},',
    ],
)
def test_a_cut_list_keeps_its_closed_items(text: str) -> None:
    assert parse_reply(CUT, text, truncated=True) == [{"q": "a"}, {"q": "b"}]
    assert parse_reply(CUT, text) == [{"q": "a"}, {"q": "b"}]  # an endpoint that hides the cut
    with pytest.raises(ReplyError) as found:
        parse_reply(MANY, text, truncated=True)
    assert found.value.kind == "truncated"


@pytest.mark.parametrize(
    "text",
    ["{" * 100_000, "[" * 100_000, '{"a":' * 50_000, '"' * 100_001, "{" + "\n" * 100_000,
     "[{" * 50_000, "{x} " * 25_000, '{"q": "' + "\\" * 100_001, "[" + '{"p": 1},' * 20_000],
)  # fmt: skip
@pytest.mark.parametrize("known", [ONE, MANY, CUT])
def test_time_is_linear(known: Contract, text: str) -> None:
    began = time.process_time()
    with pytest.raises(ReplyError):
        parse_reply(known, text)
    assert time.process_time() - began < 0.5
