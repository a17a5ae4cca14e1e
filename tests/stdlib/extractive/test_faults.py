"""All checks of a pair in one verdict: the first that fails is named, by the word for it."""

from __future__ import annotations

import re

import pytest

from atkc.stdlib.extractive.faults import checks_in
from tests.stdlib.extractive.asking import ask
from tests.stdlib.extractive.passages import GOOD, PASSAGES
from tests.stdlib.extractive.test_judging import _spoiled

WORDS = {
    "fine": ["FINE"],
    "open": ["CANNOT BE ANSWERED"],
    "astray": ["OFF TOPIC"],
    "wrong": ["WRONG FACTS"],
}


def _said(key: str, question: str, answer: str, *names: str, **words: str) -> str:
    """Return which fault the model names, out of those that are to be looked for."""
    given = {n: w for n, w in WORDS.items() if n == "fine" or not names or n in names}
    given |= {n: [w] for n, w in words.items()}
    reply = {"format": "verdict", "reason": True, "verdict": {"values": given}}
    text = ask(
        "Go through a pair from a reader of this excerpt: could the excerpt answer the question, "
        "does the reply stick to it, is each of its statements borne out? Tell us the first thing "
        f'amiss.\n\nExcerpt:\n"""\n{PASSAGES[key]}"""\n\nQuestion: {question}\nAnswer: {answer}',
        reply,
    )
    reason, _, last = text.strip().rpartition("\n")
    assert len(reason.split()) > 3
    found = re.fullmatch(r"\*\*Final judgment:\*\* (.+)", last)
    assert found, last
    return next(name for name, listed in given.items() if listed == [found[1]])


def test_at_least_eighty_percent_of_the_good_pairs_are_fine() -> None:
    said = [_said(k, p.question, p.answer) for k, pairs in GOOD.items() for p in pairs]
    assert len(said) == 50
    assert said.count("fine") >= 0.8 * len(said)


def test_at_least_eighty_percent_of_the_spoiled_pairs_are_called_what_they_are() -> None:
    rows = [(_said(k, q, a), kind) for k, q, a, kind in _spoiled()]
    right = [said == ("open" if kind == "unanswerable" else "wrong") for said, kind in rows]
    assert len(right) >= 50
    assert sum(right) >= 0.8 * len(right)


@pytest.mark.parametrize("how", ["number", "name", "negation", "unanswerable"])
def test_at_least_eighty_percent_of_each_kind_are_not_fine(how: str) -> None:
    said = [_said(k, q, a) for k, q, a, kind in _spoiled() if kind == how]
    assert len(said) >= 10
    assert said.count("fine") <= 0.2 * len(said)


def test_at_least_eighty_percent_of_the_answers_to_something_else_are_astray() -> None:
    strange = "Penguins on distant islands breed in colonies of several dozen couples."
    said = [_said(k, p.question, strange) for k, pairs in GOOD.items() for p in pairs]
    assert said.count("astray") >= 0.8 * len(said)


OPEN = ("canal", "How much did the Verin Canal cost?", "Penguins breed in colonies.")
ASTRAY = ("canal", "When was the Verin Canal opened?", "Penguins breed in colonies.")
WRONG = ("canal", "When was the Verin Canal opened?", "The Verin Canal was opened in 1743.")


@pytest.mark.parametrize(
    ("pair", "looked_for", "said"),
    [
        (OPEN, (), "open"),
        (OPEN, ("astray", "wrong"), "astray"),
        (OPEN, ("wrong",), "wrong"),
        (ASTRAY, (), "astray"),
        (ASTRAY, ("open", "wrong"), "wrong"),
        (ASTRAY, ("open",), "fine"),
        (WRONG, (), "wrong"),
        (WRONG, ("astray",), "astray"),  # what is not borne out is no part of the matter
        (WRONG, ("open",), "fine"),
    ],
)
def test_only_what_is_asked_for_is_looked_for_and_the_first_fault_named(
    pair: tuple[str, str, str], looked_for: tuple[str, ...], said: str
) -> None:
    assert _said(*pair, *looked_for) == said


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("Why did the Verin Canal open in 1790?", "It did not; it opened in 1742.", "fine"),
        ("When was the Verin Canal opened?", "The Verin Canal was opened in 1742.", "open"),
    ],
)
def test_a_word_on_the_premise_asks_whether_the_text_contradicts_it(
    question: str, answer: str, said: str
) -> None:
    assert _said("canal", question, answer, open="PREMISE STANDS") == said


@pytest.mark.parametrize(
    ("words", "checks"),
    [
        (["SOUND", "UNANSWERABLE", "INACCURATE"], ["question", "accuracy"]),
        (["SOUND", "UNCONTRADICTED", "IRRELEVANT"], ["premise", "relevancy"]),
        (["SUPPORTED", "CONTRADICTED", "UNRELATED"], ["accuracy", "relevancy"]),
        (["INACCURATE", "ACCURATE"], ["accuracy"]),
        (["PASS", "FAIL"], []),
        (["PASS", "REWORD", "FAIL"], []),
        (["GOOD", "INACCURATE", "DULL"], []),
        ([], []),
    ],
)
def test_a_word_names_its_check(words: list[str], checks: list[str]) -> None:
    assert [check for check, _ in checks_in(words)] == checks
