"""Tasks besides questions: facts, rewrites, cleaning, conversations, thoughts, worth."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from atkc.stdlib.extractive.rewriting import FORMS, inferences, rewrite, statements
from atkc.stdlib.extractive.sentences import read_passage
from atkc.stdlib.extractive.standalone import repair
from atkc.stdlib.extractive.words import content
from atkc.stdlib.extractive.worth import worth
from tests.stdlib.extractive.asking import ask, ask_json, verdict
from tests.stdlib.extractive.paraphrased import TEXTS
from tests.stdlib.extractive.passages import CANAL, LICHEN, PASSAGES, PUMP

REWRITE = {"format": "tags", "fields": {"rewrite": "string"}}
# Words that a form adds of its own.
_SCAFFOLD = set(
    content(
        "fact facts document title topic statement subject predicate matter reader guide student "
        "teacher reason hm right hold go happens"
    )
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", PASSAGES)
def test_a_rewrite_says_nothing_that_the_passage_does_not(form: str, key: str) -> None:
    found = set(content(rewrite(PASSAGES[key], form, 1)))
    assert found - set(content(PASSAGES[key])) - _SCAFFOLD == set()
    assert len(found) > 10


@pytest.mark.parametrize(
    ("request_text", "marks"),
    [
        ("Re-express the passage as an XML document.", ("<document>", "</document>")),
        ("Turn it into a bulleted outline.", ("- ", "\n  - ")),
        ("Rewrite this as a dialogue of two people.", (": ", "?\n")),
        ("Restate it as JSON objects.", ('"facts": [',)),
        ("Convert the text to chains of conditional logic.", ("IF ", " THEN ")),
        ("Rephrase it as an unformatted stream of thought.", (" …",)),
        ("Recast it as an academic essay in markdown.", ("# ",)),
        ("Retell it with reversed causality, from effects back to causes.", ("The reason:",)),
        ("Transform it into questions and answers.", ("Q: ", "\nA: ")),
    ],
)
def test_the_form_is_told_by_ordinary_words(request_text: str, marks: tuple[str, ...]) -> None:
    text = ask(f"{request_text}\n\nPassage:\n{PUMP}", REWRITE)
    body = text.removeprefix("<rewrite>").removesuffix("</rewrite>")
    assert all(mark in body for mark in marks)


def test_markup_can_be_read_back() -> None:
    assert len(ET.fromstring(rewrite(CANAL, "xml", 0))) > 5
    assert len(json.loads(rewrite(CANAL, "json", 0))["facts"]) > 5


def test_facts_stand_alone() -> None:
    found = statements("The Orrin Bridge has 14 arches. It was opened in 1871.\n\nHeading\n")
    assert found == ["The Orrin Bridge has 14 arches.", "The Orrin Bridge was opened in 1871."]


def test_inferences_join_what_the_passage_says() -> None:
    found = inferences("Iron rusts because oxygen attacks the metal. Bees collect nectar in May.")
    assert found == ["Oxygen attacks the metal, and therefore iron rusts."]
    reply = {"format": "list", "fields": {"inferred": "[string]"}}
    request = f"Facts:\n{PUMP}\n\nWhat can be inferred from these facts?"
    assert " therefore " in ask(request, reply)


def test_cleaning_joins_broken_lines_and_drops_page_furniture() -> None:
    scan = "The har-\nbour of Tolmar\nis old.\n\nPage 3 of 9\n\nIt was built\nin 1500."
    text = ask(f'Clean up this scanned page:\n\n"""\n{scan}\n"""')
    assert text == "The harbour of Tolmar is old.\n\nIt was built in 1500."


def test_a_conversation_keeps_the_wording_of_its_pairs() -> None:
    pairs = "Question: When did it open?\nAnswer: In 1742.\n\nQuestion: Who dug it?\nAnswer: Many."
    fields = {"role": "one of user | assistant", "content": "string"}
    turns = ask_json(
        f"Pairs:\n\n{pairs}\n\nWrap these pairs in a natural conversation.",
        {"format": "json", "each": {"min": 2}, "fields": fields},
    )
    assert [t["role"] for t in turns] == ["user", "assistant"] * 2
    assert [t["content"] for t in turns] == [
        "When did it open?",
        "In 1742.",
        "Who dug it?",
        "Many.",
    ]
    text = ask(
        f"Pairs:\n\n{pairs}\n\nWrap these in a chat. Start turns with **User:** and **Bot:**"
    )
    assert text.startswith("**User:** When did it open?\n\n**Bot:** In 1742.")


def test_a_thought_leads_to_the_given_answer() -> None:
    request = (
        "Question: Who dug it?\nAnswer: About 3,200 labourers dug it.\n\nWrite the thought process."
    )
    text = ask(request, {"format": "tags", "fields": {"thought_process": "string"}})
    assert "3,200 labourers" in text


@pytest.mark.parametrize("text", [*PASSAGES.values(), *TEXTS.values()])
def test_ordinary_prose_is_worth_asking_about(text: str) -> None:
    assert verdict(f"Passage:\n{text}\n\nCould one write exam questions from this passage?")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Table of Contents\n\n1 Origins .... 3\n2 Locks .... 17\n3 Decline .... 40", "contents"),
        ("Preface   vii\nOrigins   1\nThe Locks   17\nDecline   40\nSources   212", "contents"),
        ("Aspe, 3, 17\nbarges, 19, 40-44\nBrandt, Livia, 17\nlocks, 17, 18\nTolmar, 3", "index"),
        (("Copyright © 2011 by Pell Press. All rights reserved. No part of this book may be "
         "reproduced without prior written permission. ISBN 978-0-00-000000-2."), "notice"),
        (("This site uses cookies to remember your browser. See our privacy policy. By using the "
         "site you accept our terms of use."), "notice"),
        ("Page 4 of 12\n\n4\n", "furniture"),
        ("See below.", "empty"),
        (("[1] Kell, A. Turbines. pp. 12-19.\n[2] Orrin, B. Mills. pp. 1-4.\n[3] Pell, C. Locks. "
         "pp. 8-9."),
         "reference"),
        (("def pump(pressure):\n    return pressure + 1;\n\nfor (i = 0; i < 4; i++) {\n  "
         "run(i);\n}\n"), "code"),
        ("1. Explain the duty of the pump.\n2. Why does the seal leak?\n3. List four parts of it.",
         "exercises"),
    ],
)  # fmt: skip
def test_contents_notices_and_furniture_are_not(text: str, kind: str) -> None:
    judged = worth(read_passage(text))
    assert (judged.ok, judged.kind) == (False, kind)


@pytest.mark.parametrize(
    ("question", "answer", "outcome"),
    [
        ("When did the Verin Canal open?", "It opened in 1742.", "pass"),
        ("What is the plot of the book of Orrin?", "A mill.", "pass"),
        ("When did it open?", "In 1742.", "fail"),
        ("What does the passage say about Pell?", "Pell has a toll house.", "reword"),
        ("As described in the passage, what do reindeer eat?", "Lichens.", "reword"),
        ("What do reindeer eat?", "The text says that reindeer eat lichens.", "reword"),
        ("What is the author's aim in this chapter?", "To teach.", "fail"),
    ],
)
def test_pairs_that_lean_on_their_text_are_reworded_or_failed(
    question: str, answer: str, outcome: str
) -> None:
    found = repair(question, answer)
    assert found.outcome == outcome
    if outcome == "reword":
        assert "text" not in f"{found.question} {found.answer}"
        assert "passage" not in f"{found.question} {found.answer}"


def test_the_longest_block_is_the_passage_whatever_it_is_called() -> None:
    for form in (
        "~~~~\n{}\n~~~~",
        "<doc>\n{}</doc>",
        "Source text:\n{}",
        "### Excerpt\n\n{}",
        "{}",
    ):
        user = f"You are a teacher. Write a question about this.\n\n{form.format(LICHEN)}"
        reply = {"format": "json", "fields": {"question": "string", "answer": "string"}}
        assert ask_json(user, reply)["answer"] in LICHEN.replace("\n\n", " ")
