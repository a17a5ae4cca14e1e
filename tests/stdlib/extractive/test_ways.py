"""The ways of asking are told by ordinary words, and each keeps its promise."""

from __future__ import annotations

import pytest

from atkc.stdlib.extractive.answerable import answerable, contradicts
from atkc.stdlib.extractive.judging import check_answer, passages_of, relevant
from atkc.stdlib.extractive.standalone import repair
from atkc.stdlib.extractive.ways import KNOWN, PREMISE, WAYS, items
from tests.stdlib.extractive.asking import PAIR, PAIRS, ask, ask_json
from tests.stdlib.extractive.paraphrased import TEXTS
from tests.stdlib.extractive.passages import PASSAGES

CANAL = PASSAGES["canal"]
ALL = {**PASSAGES, **TEXTS}


def _ask(request: str, reply: object = PAIR, seed: int = 0, key: str = "canal") -> object:
    assert isinstance(reply, dict)
    return ask_json(f"{request}\n\n<passage>\n{PASSAGES[key]}</passage>", reply, seed=seed)


@pytest.mark.parametrize(
    "request_text",
    [
        "Ask a question whose premise contradicts the passage; the answer sets it right.",
        "Make up a question built on a false assumption about the passage and correct it.",
    ],
)
@pytest.mark.parametrize("key", PASSAGES)
def test_negative(request_text: str, key: str) -> None:
    pair = _ask(request_text, key=key)
    assert pair["answer"].startswith(PREMISE)
    assert pair["question"].startswith("Why ")
    assert check_answer(passages_of([PASSAGES[key]]), pair["question"], pair["answer"]).ok


@pytest.mark.parametrize(
    "request_text",
    [
        "Ask about something that does not exist but sounds right; the answer admits it.",
        "Write a question about a thing that is not mentioned in the passage, and say so.",
    ],
)
def test_hallucination(request_text: str) -> None:
    pair = _ask(request_text)
    assert "do not know" in pair["answer"]
    assert KNOWN in pair["answer"]
    assert check_answer(passages_of([CANAL]), pair["question"], pair["answer"]).ok


def test_openended_answers_join_several_sentences() -> None:
    pair = _ask("Write one broad, open-ended question and a long, structured answer.")
    assert pair["answer"].count(". ") >= 1


def test_vague_questions_do_not_name_the_answer() -> None:
    request = "The asker has forgotten the name of what they want and describes it vaguely."
    pair = _ask(request + " Write the question and its answer.")
    assert "Verin" not in pair["question"] or "Brandt" not in pair["answer"]
    assert pair["question"][0] == "I" or pair["question"].startswith("There")


def test_comparison_names_two_things() -> None:
    pair = _ask("Ask for a comparison between two things in the passage, and answer.")
    assert " and " in pair["question"] or " from " in pair["question"]
    assert pair["answer"].count(".") >= 2


def test_followup_chains_are_long_and_keep_the_order_of_the_text() -> None:
    chain = _ask("Write a chain in which each later question builds on the one before.", PAIRS)
    assert len(chain) >= 3
    places = [CANAL.find(p["answer"][-18:]) for p in chain]
    assert places == sorted(places)
    assert all(p["question"][0] in "ABGT" for p in chain[1:])


def test_a_correction_holds_a_wrong_and_a_right_answer() -> None:
    reply = {
        "format": "tags",
        "fields": {"first_question": "string", "flawed_answer": "string", "doubt": "string",
                   "right_answer": "string"},
    }  # fmt: skip
    parts = {}
    text = ask(f"Text:\n{CANAL}\n\nWrite a short talk with a mistake that is then mended.", reply)
    for name in reply["fields"]:
        parts[name] = text.split(f"<{name}>")[1].split(f"</{name}>")[0]
    passages = passages_of([CANAL])
    assert not check_answer(passages, parts["first_question"], parts["flawed_answer"]).ok
    assert check_answer(passages, parts["first_question"], parts["right_answer"]).ok
    assert parts["doubt"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", ALL)
def test_what_it_asks_passes_its_own_checks(way: str, key: str) -> None:
    passages = passages_of([ALL[key]])
    for seed in range(8):
        item = items([ALL[key]], way, 1, seed)[0]
        if way == "negative":
            assert contradicts(passages, item.question).ok
        elif way != "hallucination":
            assert answerable(passages, item.question).ok
        assert relevant(passages, item.question, item.answer).ok
        assert repair(item.question, item.answer).outcome == "pass"
        if way in ("plain", "vague", "followup"):
            assert not check_answer(passages, item.question, item.wrong).ok


def test_related_texts_are_read_too() -> None:
    related = "Lock keepers on the Verin Canal wore green coats."
    prompt = (
        f'Main text:\n"""\n{CANAL}"""\n\nRelated text 1, from coats.txt:\n"""\n{related}\n"""\n\n'
        "Write one broad question about it all and a detailed answer."
    )
    answers = {ask_json(prompt, PAIR, seed=s)["answer"] for s in range(12)}
    assert any("green coats" in a for a in answers)
