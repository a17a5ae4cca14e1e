"""Questions made of facts: they name what they ask about, and the source sentence answers them."""

from __future__ import annotations

import re

import pytest

from atkc.stdlib.extractive.questions import questions_of
from atkc.stdlib.extractive.words import FUNCTION, stem, words
from tests.stdlib.extractive.asking import PAIR, PAIRS, ask, ask_json
from tests.stdlib.extractive.paraphrased import TEXTS
from tests.stdlib.extractive.passages import PASSAGES

ALL = {**PASSAGES, **TEXTS}


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("The Orrin Bridge was opened in 1871.", "When was the Orrin Bridge opened?"),
        ("The Orrin Bridge has 14 arches.", "How many arches does the Orrin Bridge have?"),
        ("The Orrin Bridge is 210 metres long.", "How long is the Orrin Bridge?"),
        ("A barometer is a device that measures air pressure.", "What is a barometer?"),
        ("Ada Kell was an Irish botanist.", "Who was Ada Kell?"),
        ("Iron rusts because oxygen attacks the metal.", "Why does iron rust?"),
        ("If the fuse blows, the lamp goes out.", "What happens if the fuse blows?"),
        ("The mill stands on the river Orrin.", "Where does the mill stand?"),
        ("Bronze consists of copper and tin.", "What does bronze consist of?"),
        ("Ada Kell discovered the fern in 1904.", "Who discovered the fern in 1904?"),
        ("In 1904, Ada Kell discovered the fern.", "When did Ada Kell discover the fern?"),
        ("The mill was built by Ada Kell.", "Who built the mill?"),
        ("Bees collect nectar.", "What do bees collect?"),
        ("There are 12 bridges in Orrin.", "How many bridges are there in Orrin?"),
    ],
)
def test_a_kind_of_sentence_gives_its_question(sentence: str, question: str) -> None:
    assert question in [a.question for a in questions_of(sentence)]


def test_a_pronoun_is_resolved_or_its_sentence_left_alone() -> None:
    text = "The Orrin Bridge links two parishes. It was opened in 1871."
    found = {a.question: a.answer for a in questions_of(text)}
    assert found["When was the Orrin Bridge opened?"] == "The Orrin Bridge was opened in 1871."
    assert not [q for q in found if re.search(r"\b(?:it|this|they)\b", q)]


@pytest.mark.parametrize("key", ALL)
def test_questions_stand_by_themselves(key: str) -> None:
    found = questions_of(ALL[key])
    assert len(found) >= 3
    for asked in found:
        assert asked.question[0].isupper()
        assert asked.question.endswith("?")
        assert not re.search(r"\b(?:it|this|he|she|they|passage|text)\b", asked.question)


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("seed", range(6))
def test_each_content_word_of_an_answer_stands_in_the_passage(key: str, seed: int) -> None:
    pair = ask_json(f"Text:\n{ALL[key]}\n\nWrite a question and its answer.", PAIR, seed=seed)
    stems = {stem(w.lower()) for w in words(ALL[key])}
    new = [w for w in words(pair["answer"]) if w.lower() not in FUNCTION]
    assert new
    assert [w for w in new if stem(w.lower()) not in stems] == []


@pytest.mark.parametrize("key", ALL)
def test_one_seed_gives_one_reply_and_neighbouring_seeds_other_questions(key: str) -> None:
    prompt = f"Text:\n{ALL[key]}\n\nWrite a question and its answer."
    assert ask(prompt, PAIR, seed=5) == ask(prompt, PAIR, seed=5)
    asked = [ask_json(prompt, PAIR, seed=seed)["question"] for seed in range(3)]
    assert len(set(asked)) == 3


@pytest.mark.parametrize("number", ["two", "three", "4"])
def test_the_number_of_pairs_in_the_request_is_kept(number: str) -> None:
    prompt = f"Text:\n{PASSAGES['canal']}\n\nWrite {number} questions with answers."
    count = {"two": 2, "three": 3, "4": 4}[number]
    found = ask_json(prompt, PAIRS)
    assert len(found) == count
    assert len({p["question"] for p in found}) == count


def test_headings_tables_code_and_references_are_not_asked_about() -> None:
    text = (
        "1. Overview\n\n| Part | Mass |\n| --- | --- |\n| Rotor | 12 |\n\n```\nx = "
        "Rotor(12)\n```\n\n"
        "The Hesper turbine was tested in 1988.\n\n[3] Kell, A. Turbines. pp. 12-19.\n"
    )
    assert {a.answer for a in questions_of(text)} == {"The Hesper turbine was tested in 1988."}
