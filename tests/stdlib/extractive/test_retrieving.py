"""Talks with a search: the answer's text is named where it was found, and missed where it was not.

Passages and requests of this file's own; no recipe uses these words.
"""

from __future__ import annotations

import re

import pytest

from atkc.stdlib.extractive.judging import check_correction, passages_of
from atkc.stdlib.extractive.ways import items
from atkc.stdlib.extractive.words import content
from tests.stdlib.extractive.asking import PAIRS, ask, ask_json, verdict
from tests.stdlib.extractive.paraphrased import TEXTS
from tests.stdlib.extractive.passages import CANAL, LICHEN, PASSAGES, PUMP

REQUEST = (
    "An assistant searches before it replies. Write three questions on the main text, one after "
    "the other, with the replies that it would give from what the search returned."
)
LABELS = (
    "Search result {n} (from {name}):",
    "Retrieved document {n}, from {name}:",
    "Retrieved passage {n}:",
)
ALL = {**PASSAGES, **TEXTS}


def asked(shown: dict[str, str], label: str = LABELS[0], seed: int = 0) -> list[dict[str, str]]:
    found = "".join(
        f'\n\n{label.format(n=n, name=name)}\n"""\n{text}\n"""'
        for n, (name, text) in enumerate(shown.items(), 1)
    )
    user = f'File name: canal.txt\n\nMain text:\n"""\n{CANAL}\n"""{found}\n\n{REQUEST}'
    replies = ask_json(user, PAIRS, seed=seed)
    assert isinstance(replies, list)
    return replies


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("seed", range(5))
def test_what_was_found_is_named_and_used(label: str, seed: int) -> None:
    pairs = asked({"pump.txt": PUMP, "canal.txt": CANAL, "moss.txt": LICHEN}, label, seed)
    assert len(pairs) == 3
    name = "the text from canal.txt" if "{name}" in label else "text 2"
    for pair in pairs:
        head, _, answer = pair["answer"].partition(". ")
        assert head.lower().startswith(name)
        assert set(content(answer)) <= set(content(CANAL))
        assert "recall" not in pair["answer"]


@pytest.mark.parametrize("seed", range(5))
def test_what_was_not_found_is_said_and_recalled_from_the_file(seed: int) -> None:
    pairs = asked({"pump.txt": PUMP, "moss.txt": LICHEN}, seed=seed)
    assert len(pairs) == 3
    assert re.match(
        r"The text from pump.txt is about \w[^,]*, the text from moss.txt is about ",
        pairs[0]["answer"],
    )
    for pair in pairs:
        said, _, answer = pair["answer"].partition("What I recall from canal.txt is this. ")
        assert re.search(r"they do not answer this\. $|not in what was retrieved either\. $", said)
        assert answer
        assert set(content(answer)) <= set(content(CANAL))


def test_without_a_search_related_texts_are_not_gone_through() -> None:
    user = f'Main text:\n"""\n{CANAL}\n"""\n\nRelated text 1:\n"""\n{PUMP}\n"""\n\nAsk and answer.'
    assert all("answer" not in pair["answer"] for pair in ask_json(user, PAIRS))


PARTS = ("first_question", "wrong_answer", "objection", "mended_answer")
TALK = {"format": "tags", "fields": dict.fromkeys(PARTS, "string")}


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("seed", range(4))
def test_a_mistake_is_one_and_its_correction_is_none(key: str, seed: int) -> None:
    request = "Write a broad question, a wrong reply, an objection, and an apology with the truth."
    text = ask(f"{request}\n\nArticle:\n'''\n{ALL[key]}\n'''", TALK, seed=seed)
    found = dict(re.findall(r"<(\w+)>(.*?)</\1>", text, re.DOTALL))
    assert list(found) == list(PARTS)
    assert re.search(r"sorry|apologise", found["mended_answer"])
    assert check_correction(
        passages_of([ALL[key]]),
        found["first_question"], found["wrong_answer"], found["mended_answer"],
    ).ok  # fmt: skip


@pytest.mark.parametrize(
    ("flawed", "mended", "sound"),
    [
        ("wrong", "right", True),
        ("right", "right", False),
        ("wrong", "wrong", False),
        ("right", "wrong", False),
        ("wrong", "nothing", False),
    ],
)
def test_corrections_are_judged_by_the_passage(flawed: str, mended: str, sound: bool) -> None:
    told = []
    for text in ALL.values():
        item = items([text], "plain", 1, 3)[0]
        said = {"wrong": item.wrong, "right": item.answer, "nothing": ""}
        told.append(
            verdict(
                f"Extract:\n'''\n{text}\n'''\n\nQuestion: {item.question}\n\n"
                f"Incorrect answer: {said[flawed]}\n\n"
                f"Mended answer: I am sorry, I made a mistake. {said[mended]}\n\n"
                "Is the one really incorrect and the other true?"
            )
        )
    assert told.count(sound) >= 0.8 * len(told)
