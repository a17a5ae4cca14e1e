"""Tags, lists, texts, patterns and grammars."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, parse_contract
from atkc.stdlib.replies import parse_reply
from atkc.stdlib.replies.reasoning import without_reasoning


def contract(text: str) -> Contract:
    found = parse_contract(yaml.safe_load(text), {})
    assert isinstance(found, Contract), found
    return found


TAGS = contract("{format: tags, reason: true, fields: {a: string, b: integer}}")
MANY_TAGS = contract("{format: tags, each: {min: 2}, fields: {a: string, b: integer}}")
CUT_TAGS = contract("{format: tags, each: {}, cut: keep_closed, fields: {a: string, b: integer}}")
JUDGED = contract(
    """{format: tags, verdict: {values: {ok: [OK], bad: [BAD]}},
    fields: {a: string, fix: {when: bad, tags: {text: better}}}}"""
)
LIST = contract("{format: list, fields: {words: [string]}}")
NUMBERS = contract("{format: list, fields: {n: [integer]}}")
ENTRIES = contract("{format: list, each: {min: 2, max: 3}, cut: keep_closed, fields: {w: string}}")
TEXT = contract("{format: text, fields: {story: string}}")
LINE = contract(
    r"{format: regex, pattern: '(?P<a>\w+) = (?P<b>\d+)', fields: {a: string, b: integer}}"
)
LINES = contract(
    r"""{format: regex, each: {}, pattern: '^(?P<a>[^|]+)\|(?P<b>.*)$',
    fields: {a: string, b: string}}"""
)
EVIL = contract("{format: regex, pattern: '(?P<a>(?:x+)+)y', fields: {a: string}}")
GRAMMAR = contract(
    r"""
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
)


@pytest.mark.parametrize(
    ("known", "text", "items"),
    [
        (TAGS, "<a>x</a><b>2</b>", [{"reason": "", "a": "x", "b": 2}]),
        (TAGS, "So.\n<A id='1'>\nx\n</A>\n<b> 2 </b> End", [{"reason": "So.", "a": "x", "b": 2}]),
        (TAGS, "<b>2</b><a>x <b>y</b> z</a>", [{"reason": "", "a": "x <b>y</b> z", "b": 2}]),
        (TAGS, "<a>为 <c> لم</a><b>2</b>", [{"reason": "", "a": "为 <c> لم", "b": 2}]),
        (MANY_TAGS, "<a>x</a><b>1</b><a>y</a><b>2</b>", [{"a": "x", "b": 1}, {"a": "y", "b": 2}]),
        (JUDGED, "<a>x</a><verdict>OK</verdict>", [{"a": "x", "verdict": "ok", "fix": None}]),
        (JUDGED, "<a>x</a><verdict>BAD</verdict><better>y</better>",
         [{"a": "x", "verdict": "bad", "fix": {"text": "y"}}]),
        (LIST, "Here:\n1. one\n2. two\n\nThat is all.", [{"words": ["one", "two"]}]),
        (LIST, "- eins\n  noch eins\n- zwei", [{"words": ["eins\nnoch eins", "zwei"]}]),
        (LIST, "1) one\n   - deeper\n\n2) two", [{"words": ["one\n- deeper", "two"]}]),
        (LIST, "(1) one\n(2) two", [{"words": ["one", "two"]}]),
        (LIST, "1、为什么\n2、因为", [{"words": ["为什么", "因为"]}]),
        (LIST, "• لماذا\n• لأن", [{"words": ["لماذا", "لأن"]}]),
        (LIST, "1. **bold** one\n\n2. two", [{"words": ["**bold** one", "two"]}]),
        (NUMBERS, "- 1\n- **2**", [{"n": [1, 2]}]),
        (ENTRIES, "1. a\n2. b", [{"w": "a"}, {"w": "b"}]),
        (TEXT, "\n A story.\n\nEnd. \n", [{"story": "A story.\n\nEnd."}]),
        (TEXT, "<think>hm</think>Geschichte", [{"story": "Geschichte"}]),
        (LINE, "so x = 12 it is", [{"a": "x", "b": 12}]),
        (LINES, "a|b\nprose\nwarum|darum\n为|因", [
            {"a": "a", "b": "b"}, {"a": "warum", "b": "darum"}, {"a": "为", "b": "因"}]),
        (GRAMMAR, "one: 1\ntwo: 22", [{"name": "one", "value": 1}, {"name": "two", "value": 22}]),
    ],
)  # fmt: skip
def test_good_replies(known: Contract, text: str, items: list[dict[str, Any]]) -> None:
    assert parse_reply(known, text) == items


@pytest.mark.parametrize(
    ("known", "text", "kind"),
    [
        (TAGS, "no tags", "missing-field"),
        (TAGS, "<a>x</a><b>2", "truncated"),
        (TAGS, "<a>x</a><b>two</b>", "wrong-type"),
        (TAGS, "<a></a><b>2</b>", "missing-field"),
        (TAGS, "<a>x</a><b>2</b><a>y</a>", "too-many"),
        (MANY_TAGS, "<a>x</a><b>2</b>", "too-few"),
        (JUDGED, "<a>x</a>", "no-verdict"),
        (JUDGED, "<a>x</a><verdict>OK, BAD</verdict>", "ambiguous-verdict"),
        (JUDGED, "<a>x</a><verdict>not OK</verdict>", "no-verdict"),
        (JUDGED, "<a>x</a><verdict>BAD</verdict>", "missing-field"),
        (LIST, "Just prose.", "missing-field"),
        (LIST, "1. one\n2.\n3. three", "missing-field"),
        (NUMBERS, "- 1\n- two", "wrong-type"),
        (ENTRIES, "1. a", "too-few"),
        (ENTRIES, "1. a\n2. b\n3. c\n4. d", "too-many"),
        (TEXT, "<think>only thought", "empty"),
        (LINE, "x is 12", "missing-field"),
        (LINES, "nothing", "too-few"),
        (EVIL, "x" * 100_000, "missing-field"),
        (GRAMMAR, "one 1", "missing-field"),
        (GRAMMAR, "one: 1 " * 20_000, "wrong-type"),
    ],
)
def test_replies_that_fail(known: Contract, text: str, kind: str) -> None:
    began = time.process_time()
    with pytest.raises(ReplyError) as found:
        parse_reply(known, text)
    assert found.value.kind == kind
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("known", "text", "count"),
    [
        (CUT_TAGS, "<a>x</a><b>1</b><a>y</a><b>2", 1),
        (CUT_TAGS, "<a>x</a><b>1</b><a>y</a>", 1),
        (CUT_TAGS, "<a>x</a><b>1</b><a>y</a><b>2</b>", 2),
        (ENTRIES, "1. a\n2. b\n3. and the", 2),
    ],
)
def test_closed_items_of_a_cut_reply(known: Contract, text: str, count: int) -> None:
    assert len(parse_reply(known, text, truncated=True)) == count


@pytest.mark.parametrize(
    "text", ["<a>" * 30_000, "<a" + " " * 100_000, "<a>" + "\n" * 100_000, "</a>" * 20_000]
)
def test_tags_take_linear_time(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ReplyError):
        parse_reply(TAGS, text)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text", ["-\n" * 50_000, "1." * 50_000, "\n" * 100_000 + "-", " " * 100_000 + "x"]
)
def test_lists_take_linear_time(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ReplyError):
        parse_reply(LIST, text)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("plain", "plain"),
        ("<think>a</think>b", "b"),
        ("a<THINK>b</THINK>c", "ac"),
        ("a<think>b", "a"),
        ("thinking aloud</think>b", "b"),
        ("<think>a<think>b</think>c</think>d", "d"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_reasoning_is_no_data(text: str, rest: str) -> None:
    assert without_reasoning(text) == rest
