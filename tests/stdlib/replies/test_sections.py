"""Sections: headings in any dress, items, reasons; nothing backtracks."""

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


ONE = contract("{format: sections, fields: {question: string, answer: string}}")
MANY = contract("{format: sections, each: {max: 3}, fields: {question: string, answer: string}}")
CUT = contract(
    "{format: sections, each: {}, cut: keep_closed, fields: {question: string, answer: string}}"
)
TYPED = contract(
    """{format: sections, fields: {n: integer, ok: boolean, kind: one of New | Old,
    keys: [string], note: string | null, extra: optional string}}"""
)
REASONED = contract("{format: sections, reason: true, fields: {answer: string}}")
GERMAN = contract("{format: sections, fields: {q: {section: Frage}, a: {section: Antwort}}}")
CHINESE = contract("{format: sections, fields: {q: {section: 问题}, a: {section: 回答}}}")
ARABIC = contract("{format: sections, fields: {q: {section: السؤال}, a: {section: الجواب}}}")
REFUSING = contract("{format: sections, refuse: [as an AI], fields: {answer: string}}")

QA = {"question": "Why?", "answer": "Because."}


@pytest.mark.parametrize(
    "text",
    [
        "**Question:** Why?\n**Answer:** Because.",
        "**Question**: Why?\n\n**Answer**: Because.",
        "Question: Why?\nAnswer: Because.",
        "QUESTION:\nWhy?\n\nANSWER:\nBecause.\n",
        "### Question\nWhy?\n### Answer\nBecause.",
        "## Question: Why?\n## Answer: Because.",
        "1. **Question:** Why?\n2. **Answer:** Because.",
        "**1. Question:** Why?\n**2. Answer:** Because.",
        "**Question 1:** Why?\n**Answer 1:** Because.",
        "- Question: Why?\n- Answer: Because.",
        "_Question:_ Why?\n__Answer:__ Because.",
        "**Question**\nWhy?\n**Answer**\nBecause.",
        "> **Question:** Why?\n> **Answer:** Because.",
        "Sure, here it is:\n\n**Question:** Why?\n**Answer:** Because.\n\n---\n",
        "**Answer:** Because.\n**Question:** Why?",
        "```markdown\n**Question:** Why?\n**Answer:** Because.\n```",
        "**Question:** Why?\r\n**Answer:** Because.\r\n",
        "<think>**Question:** No\n**Answer:** no</think>\n**Question:** Why?\n**Answer:** Because.",
        "Let me think.</think>**Question:** Why?\n**Answer:** Because.",
        "**question：** Why?\n**answer：** Because.",
    ],
)
def test_headings_in_any_dress(text: str) -> None:
    assert parse_reply(ONE, text) == [QA]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Question: Q\nAnswer: **Bold** start", "**Bold** start"),
        ("**Question:** Q\n**Answer:** **Bold** start", "**Bold** start"),
        ("Question: Q\nAnswer: a\n\n- one\n- two", "a\n\n- one\n- two"),
        ("Question: Q\nAnswer: a\nThe Answers: many", "a\nThe Answers: many"),
        ("Question: Q\nAnswer: a\nAnswers: many", "a\nAnswers: many"),
        ("Question: Q\nAnswer: a\nquestion of taste", "a\nquestion of taste"),
        ("Question: Q\nAnswer: in 1944\n1944", "in 1944\n1944"),
        ("Question: Q\nAnswer: Room 12", "Room 12"),
    ],
)
def test_what_belongs_to_an_answer(text: str, answer: str) -> None:
    assert parse_reply(ONE, text) == [{"question": "Q", "answer": answer}]


@pytest.mark.parametrize(
    ("known", "text", "values"),
    [
        (GERMAN, "**Frage:** Wie groß?\n**Antwort:** Über 9.", ["Wie groß?", "Über 9."]),
        (CHINESE, "**问题：** 为什么？\n**回答：** 因为。", ["为什么？", "因为。"]),
        (CHINESE, "问题：为什么？\n回答：因为。", ["为什么？", "因为。"]),
        (ARABIC, "السؤال: لماذا؟\nالجواب: لأن.", ["لماذا؟", "لأن."]),
    ],
)  # fmt: skip
def test_other_languages(known: Contract, text: str, values: list[str]) -> None:
    assert list(parse_reply(known, text)[0].values()) == values


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Question: a\nAnswer: b\n\n---\n\nQuestion: c\nAnswer: d", 2),
        ("### Item 1\nQuestion: a\nAnswer: b\n\n### Item 2\nQuestion: c\nAnswer: d", 2),
        ("**Question 1:** a\n**Answer 1:** b\n**Question 2:** c\n**Answer 2:** d", 2),
        (
            "1. Question: a\n   Answer: b\n2. Question: c\nAnswer: d\n3. Question: e\nAnswer: f",
            3,
        ),
    ],
)
def test_items(text: str, count: int) -> None:
    items = parse_reply(MANY, text)
    assert len(items) == count
    assert items[:2] == [{"question": "a", "answer": "b"}, {"question": "c", "answer": "d"}]


def test_typed_sections() -> None:
    text = "**N:** 2.0\n**Ok:** Yes\n**Kind:** *new*\n**Keys:**\n- a\n2. b\n\n* c\n**Note:**\n"
    assert parse_reply(TYPED, text) == [
        {"n": 2, "ok": True, "kind": "New", "keys": ["a", "b", "c"], "note": None}
    ]


def test_the_reason_is_the_text_ahead() -> None:
    assert parse_reply(REASONED, "First this.\nThen that.\n\n**Answer:** 4") == [
        {"reason": "First this.\nThen that.", "answer": "4"}
    ]


@pytest.mark.parametrize(
    ("known", "text", "kind"),
    [
        (ONE, "", "empty"),
        (ONE, "<think>Question: a\nAnswer: b", "empty"),
        (ONE, "Question: a", "missing-field"),
        (ONE, "Question: a\nAnswer:", "missing-field"),
        (ONE, "Some prose.", "missing-field"),
        (ONE, "Question: a\nAnswer: b\nQuestion: c\nAnswer: d", "too-many"),
        (MANY, "Some prose.", "too-few"),
        (MANY, "Question: a\nAnswer: b\n" * 4, "too-many"),
        (MANY, "Question: a\nAnswer: b\nQuestion: c", "missing-field"),
        (TYPED, "N: two\nOk: yes\nKind: New\nKeys: a", "wrong-type"),
        (TYPED, "N: 2.5\nOk: yes\nKind: New\nKeys: a", "wrong-type"),
        (TYPED, "N: 2\nOk: perhaps\nKind: New\nKeys: a", "wrong-type"),
        (TYPED, "N: 2\nOk: yes\nKind: Newer\nKeys: a", "wrong-type"),
        (REFUSING, "**Answer:** As an AI, I cannot.", "refusal"),
        (ONE, "Question: a\nAnswer: \ud800", "wrong-type"),
    ],
)
def test_replies_that_fail(known: Contract, text: str, kind: str) -> None:
    with pytest.raises(ReplyError) as found:
        parse_reply(known, text)
    assert found.value.kind == kind


def test_a_truncated_reply_fails_unless_closed_items_are_kept() -> None:
    text = "Question: a\nAnswer: b\nQuestion: c\nAnswer: d and then"
    with pytest.raises(ReplyError) as found:
        parse_reply(MANY, text, truncated=True)
    assert found.value.kind == "truncated"
    assert parse_reply(CUT, text, truncated=True) == [{"question": "a", "answer": "b"}]
    assert len(parse_reply(CUT, text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "**Question:**" + "\n" * 100_000,
        "Question: a\n" + "\n" * 100_000 + "Answ",
        "**Question:** a " * 10_000,
        "*" * 100_000,
        " " * 100_000 + "Question",
        "1. " * 33_000,
        "**Question:**\n" * 10_000,
        "<think>" * 20_000,
        "x" * 200_000,
    ],
)
@pytest.mark.parametrize("known", [ONE, MANY])
def test_time_is_linear(known: Contract, text: str) -> None:
    began = time.process_time()
    with pytest.raises(ReplyError):
        parse_reply(known, text)
    assert time.process_time() - began < 0.5


def test_the_plan_s_mapping_serves_as_well() -> None:
    from atkc.spec.contract import to_json

    data: dict[str, Any] = to_json(ONE)
    assert parse_reply(data, "Question: Why?\nAnswer: Because.") == [QA]
    assert parse_reply(data, "Question: Why?\nAnswer: Because.") == [QA]
