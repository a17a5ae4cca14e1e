"""Other languages: the form is kept, the sentences are the source's, nothing is mixed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.stdlib.extractive.sentences import read_passage
from tests.stdlib.extractive.asking import PAIRS, ask, ask_json, verdict

ROOT = Path(__file__).parents[3]

GERMAN = (
    "Die Brücke von Lauental wurde 1834 gebaut. Sie überspannt den Fluss Neme und ist 210 Meter "
    "lang. Der Architekt Johann Weber entwarf den Plan. Die Stadt bezahlte den Bau mit Steuern auf "
    "Salz und Wein."
)
CHINESE = (
    "青石桥建于1834年。它横跨内梅河，全长二百一十米。建筑师李明设计了这座桥。城市用盐税支付了费用。"
)
ARABIC = (
    "بُني جسر النهر عام 1834. يبلغ طوله مئتين وعشرة أمتار. صمم المهندس سالم الخطة. فهل دفعت المدينة؟"
)
TEXTS = {"de": GERMAN, "zh": CHINESE, "ar": ARABIC}


@pytest.mark.parametrize("key", TEXTS)
def test_sentences_are_split_and_the_text_is_not_taken_for_english(key: str) -> None:
    passage = read_passage(TEXTS[key])
    assert len(passage.sentences) == 4
    assert not passage.english


@pytest.mark.parametrize("key", TEXTS)
def test_answers_are_source_sentences(key: str) -> None:
    found = ask_json(f"Text:\n{TEXTS[key]}\n\nWrite two questions with answers.", PAIRS)
    assert len(found) == 2
    sentences = [s.text for s in read_passage(TEXTS[key]).sentences]
    for pair in found:
        assert pair["answer"] in sentences
        quoted = pair["question"].split("“")[1].split("”")[0]
        assert quoted in pair["answer"]


@pytest.mark.parametrize("key", TEXTS)
@pytest.mark.parametrize("form", ["bullet points", "an XML document", "a dialogue", "JSON"])
def test_rewrites_keep_every_sentence(key: str, form: str) -> None:
    reply = {"format": "tags", "fields": {"rewrite": "string"}}
    text = ask(f"Text:\n{TEXTS[key]}\n\nRewrite the text as {form}.", reply)
    assert all(s.text in text for s in read_passage(TEXTS[key]).sentences)


@pytest.mark.parametrize("key", TEXTS)
def test_verdicts_keep_their_form(key: str) -> None:
    text = TEXTS[key]
    first = read_passage(text).sentences[0].text
    check = "Is the answer supported by the text?"
    assert verdict(f"Text:\n{text}\n\nIs this passage worth asking about?")
    assert verdict(f"Text:\n{text}\n\nQuestion: 1834?\nAnswer: {first}\n\n{check}")
    wrong = first.replace("1834", "1910")
    assert not verdict(f"Text:\n{text}\n\nQuestion: 1834?\nAnswer: {wrong}\n\n{check}")


@pytest.mark.parametrize("place", ["README.md", "stdlib/starter/spec.yaml"])
def test_who_begins_with_it_reads_that_it_knows_english_only(place: str) -> None:
    assert "English only" in (ROOT / place).read_text("utf-8")
