"""A thought names what is asked, recalls what the answer says, plans, and adds no matter."""

from __future__ import annotations

import pytest

from atkc.stdlib.extractive.words import content, numbers
from tests.stdlib.extractive.asking import ask, ask_json

TAGGED = {"format": "tags", "fields": {"reasoning": "string"}}
FRAME = (
    "I am asked: This follows on from: What do I know of it? I say that and leave it there, then "
    "begin with the first of these and go on in this order, as a list, then write down the code "
    "that does it, then end with a question of my own. I keep it short."
)


def think(question: str, answer: str, earlier: str = "", wish: str = "Write the thoughts.") -> str:
    talk = f'Conversation so far:\n"""\n{earlier}\n"""\n\n' if earlier else ""
    request = f'{wish}\n\n{talk}Question:\n"""\n{question}\n"""\n\nResponse:\n"""\n{answer}\n"""'
    return ask(request, TAGGED).removeprefix("<reasoning>").removesuffix("</reasoning>")


@pytest.mark.parametrize(
    ("question", "answer", "has"),
    [
        ("How deep is it?", "It is 12 metres deep.", ["How deep is it?", "12 metres"]),
        ("Tell me of it.", "- Iron rusts.\n- Gold stays.", ["- Iron rusts.", "as a list"]),
        ("Which?", "The left one. It is shorter. Shall I go on?", ["question of my own"]),
        ("Code?", "Do this.\n```py\nx = 41\n```", ["write down the code"]),
        ("Why?", "Iron rusts.\n\nSources Used:\n- rust.md", ["Iron rusts."]),
        ("Name it.", "Ask me later?", ["I keep it short"]),
    ],
)
def test_a_thought_has_its_three_moves(question: str, answer: str, has: list[str]) -> None:
    found = think(question, answer)
    assert all(words in found for words in [*has, f"I am asked: {question}"]), found
    known = set(content(f"{question} {answer} {FRAME}"))
    assert set(content(found)) <= known
    assert set(numbers(found)) <= set(numbers(f"{question} {answer} first one"))
    assert "x = 41" not in found
    assert "rust.md" not in found
    assert ("as a list" in found) == answer.startswith("-")


def test_a_later_question_is_seen_to_follow() -> None:
    earlier = "USER: How long is the quay?\n\nASSISTANT: It is 412 metres long.\n"
    found = think("And how wide?", "It is 9 metres wide.", earlier, "Continue the conversation.")
    assert "I am asked: And how wide?\nThis follows on from: How long is the quay?" in found
    assert "9 metres" in found
    assert "412" not in found


def test_an_answer_that_is_asked_for_is_no_thought() -> None:
    reply = {"format": "json", "fields": {"thoughts": "string", "question": "string"}}
    made = ask_json("Passage:\nThe quay is 412 metres long.\n\nAsk about it.", reply)
    assert made["question"].endswith("?")
