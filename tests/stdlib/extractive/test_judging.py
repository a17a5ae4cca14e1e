"""Verdicts about answers: fifty good pairs, and as many spoiled in each of four ways."""

from __future__ import annotations

import pytest

from atkc.stdlib.extractive.answerable import answerable, contradicts
from atkc.stdlib.extractive.judging import check_answer, passages_of, relevant
from tests.stdlib.extractive import paraphrased
from tests.stdlib.extractive.asking import verdict
from tests.stdlib.extractive.passages import GOOD, PASSAGES, UNANSWERABLE, Pair

_NEGATIONS = (
    (" does not ", " does "), (" did not ", " did "), (" do not ", " do "), (" may not ", " may "),
    (" never ", " "), (" was ", " was not "), (" is ", " is not "), (" must ", " must not "),
    (" may ", " may not "), (" has ", " does not have "),
)  # fmt: skip


def _denied(answer: str) -> str:
    """Return the answer with its first plain auxiliary turned into the contrary, or as it is."""
    return next((answer.replace(a, b, 1) for a, b in _NEGATIONS if a in answer), answer)


def _all() -> list[tuple[str, Pair]]:
    return [(key, pair) for key, pairs in GOOD.items() for pair in pairs]


def _spoiled() -> list[tuple[str, str, str, str]]:
    """Return (passage, question, wrong answer, how it is wrong) for each way of spoiling."""
    rows = []
    for key, pair in _all():
        if pair.number:
            rows.append((key, pair.question, pair.answer.replace(*pair.number), "number"))
        if pair.name:
            rows.append((key, pair.question, pair.answer.replace(*pair.name), "name"))
        if _denied(pair.answer) != pair.answer:
            rows.append((key, pair.question, _denied(pair.answer), "negation"))
    rows += [(key, q, a, "unanswerable") for key, pairs in UNANSWERABLE.items() for q, a in pairs]
    return rows


def _prompt(key: str, question: str, answer: str) -> str:
    return (
        f'Here is an excerpt.\n\nExcerpt:\n"""\n{PASSAGES[key]}"""\n\nQuestion: {question}\n'
        f"Answer: {answer}\n\nFact-check the answer against the excerpt: is every statement in it "
        "supported?"
    )


def test_there_are_fifty_good_and_at_least_fifty_spoiled_pairs() -> None:
    rows = _spoiled()
    assert len(_all()) == 50
    assert len(rows) >= 50
    assert {how for *_, how in rows} == {"number", "name", "negation", "unanswerable"}


def test_at_least_eighty_percent_of_the_verdicts_on_good_pairs_are_right() -> None:
    right = [verdict(_prompt(key, p.question, p.answer)) for key, p in _all()]
    assert sum(right) >= 0.8 * len(right)


@pytest.mark.parametrize("how", ["number", "name", "negation", "unanswerable"])
def test_at_least_eighty_percent_of_the_verdicts_on_spoiled_pairs_are_right(how: str) -> None:
    rows = [(key, q, a) for key, q, a, kind in _spoiled() if kind == how]
    right = [not verdict(_prompt(*row)) for row in rows]
    assert len(right) >= 10
    assert sum(right) >= 0.8 * len(right)


def test_the_same_holds_for_answers_in_other_words_than_the_text() -> None:
    texts = {key: passages_of([text]) for key, text in paraphrased.TEXTS.items()}
    good = [check_answer(texts[k], q, a).ok for k, q, a, _ in paraphrased.PAIRS]
    bad = [not check_answer(texts[k], q, w).ok for k, q, _, w in paraphrased.PAIRS]
    none = [not check_answer(texts[k], q, a).ok for k, q, a in paraphrased.UNANSWERABLE]
    for found in (good, bad, none):
        assert sum(found) >= 0.8 * len(found)


def test_questions_that_the_text_answers_are_told_from_those_it_does_not() -> None:
    rows = [(PASSAGES[k], p.question, True) for k, p in _all()]
    rows += [(PASSAGES[k], q, False) for k, pairs in UNANSWERABLE.items() for q, _ in pairs]
    rows += [(paraphrased.TEXTS[k], q, True) for k, q, *_ in paraphrased.PAIRS]
    rows += [(paraphrased.TEXTS[k], q, False) for k, q, _ in paraphrased.UNANSWERABLE]
    for want in (True, False):
        right = [answerable(passages_of([t]), q).ok == want for t, q, w in rows if w is want]
        assert sum(right) >= 0.8 * len(right)


@pytest.mark.parametrize(
    ("answer", "kind", "shown"),
    [
        ("The canal opened on 4 May 1743.", "number", "1743"),
        ("The engineer Clara Brandt designed the locks.", "name", "Clara"),
        ("Barges never carried salt to Tolmar.", "negation", "salt and timber"),
        ("Elephants pulled silver wagons through jungle mud.", "unsupported", "Nothing"),
    ],
)
def test_the_reason_names_what_does_not_agree(answer: str, kind: str, shown: str) -> None:
    judged = check_answer(passages_of([PASSAGES["canal"]]), "What happened?", answer)
    assert (judged.ok, judged.kind) == (False, kind)
    assert shown in judged.reason


def test_an_answer_that_corrects_a_false_premise_is_accepted() -> None:
    passages = passages_of([PASSAGES["canal"]])
    question = "Why did the Verin Canal open in 1790?"
    answer = (
        "The question rests on a mistaken premise. The canal did not open in 1790, but in 1742."
    )
    assert contradicts(passages, question).ok
    assert check_answer(passages, question, answer).ok
    assert not contradicts(passages, "Why did the Verin Canal open in 1742?").ok


def test_saying_that_it_is_not_known_is_right_only_where_the_text_does_not_tell() -> None:
    passages = passages_of([PASSAGES["pump"]])
    unknown = "I am sorry, I do not know that."
    assert check_answer(passages, "How much does the Marlow feed pump cost?", unknown).ok
    assert not check_answer(passages, "When was the Marlow feed pump introduced?", unknown).ok


def test_an_answer_about_something_else_is_not_relevant() -> None:
    passages = passages_of([PASSAGES["lichen"]])
    assert relevant(
        passages, "What do reindeer eat in winter?", "Reindeer eat lichens in winter."
    ).ok
    assert not relevant(passages, "Where is Mount Fuji?", "Litmus is a dye.").ok
