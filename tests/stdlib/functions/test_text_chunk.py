"""Chunks are slices of the document, no larger than asked, that know where they lie."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atkc.runtime.api import Context
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import INTEGER, STRING, ListOf, Record
from atkc.spec.signature import REQUIRED, Shape, ShapeError
from atkc.stdlib.functions import FUNCTIONS
from atkc.stdlib.functions.sentences import sentence_ends
from atkc.stdlib.readers.document import DOCUMENT
from atkc.stdlib.tokens import count

SIGNATURE, CHUNK = FUNCTIONS["text.chunk"]
DEFAULTS = {k: o.default for k, o in SIGNATURE.options.items() if o.default is not REQUIRED}
HERE = Context(run_seed=0, identity=b"x")

GERMAN = (
    "Der Hafen wurde am 3. Mai 1887 eröffnet. Dr. Weiß leitete ihn z.B. bis 1901! "
    "„Wer kommt?“, fragte er. Niemand wusste es… Die Kräne standen still."
)
CHINESE = "港口于1887年开放。船只来自各地！谁来了？没有人知道……起重机停了下来。夜里很安静。"
ARABIC = "افتتح الميناء عام 1887. من جاء؟ لم يعرف أحد. توقفت الرافعات! كان الليل هادئا."
THAI = "ท่าเรือเปิดในปีพุทธศักราชสองพันสี่ร้อยสามสิบเรือมาจากทั่วทุกแห่ง" * 4


def chunks(text: str, **options: Any) -> list[Any]:
    places = {k: options.pop(k) for k in ("pages", "headings") if k in options}
    return list(CHUNK({"text": text, **places}, {**DEFAULTS, **options}, HERE))


def texts(found: list[Any]) -> list[str]:
    return [row["text"] for row in found]


@pytest.mark.parametrize(
    "sentences",
    [
        [
            "Der Hafen wurde am 3. Mai 1887 eröffnet.",
            "Dr. Weiß leitete ihn z.B. bis 1901!",
            "„Wer kommt?“, fragte er.",
            "Niemand wusste es…",
            "Die Kräne standen still.",
        ],
        ["افتتح الميناء عام 1887.", "من جاء؟", "لم يعرف أحد.", "توقفت الرافعات!"],
        ['He said "Stop."', "Then he left.", "Version 1.2 works.", "J. Smith knows."],
        ["no mark"],
    ],
)
@pytest.mark.parametrize("space", [" ", "\n"])
def test_sentences(sentences: list[str], space: str) -> None:
    assert cut(space.join(sentences)) == sentences


def test_sentences_without_spaces() -> None:
    sentences = [
        "港口于1887年开放。",
        "船只来自各地！",
        "谁来了？",
        "「没有人知道。」",
        "很安静……吧。",
    ]
    assert cut("".join(sentences)) == sentences


def cut(text: str) -> list[str]:
    ends = sentence_ends(text)
    return [text[a:b].strip() for a, b in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize("text", [GERMAN * 3, CHINESE * 3, ARABIC * 3, THAI])
@pytest.mark.parametrize("overlap", [0, 5])
def test_one_long_paragraph_in_any_script(text: str, overlap: int) -> None:
    found = chunks(text, max_tokens=40, overlap=overlap)
    assert len(found) > 2
    assert all(count(row["text"]) <= 40 for row in found)
    if not overlap:
        assert "".join("".join(texts(found)).split()) == "".join(text.split())


def test_rows_of_a_table_are_not_cut_in_two() -> None:
    rows = [f"| Berth {n} | 9. Quay, e.g. for coal. And flour |" for n in range(40)]
    found = texts(chunks("\n".join(rows), max_tokens=60))
    assert len(found) > 5
    assert [row for chunk in found for row in chunk.split("\n")] == rows


def test_sentences_stay_whole_where_they_fit() -> None:
    for row in chunks(CHINESE, max_tokens=30):
        assert row["text"][-1] in "。！？"


def test_paragraphs_stay_together_with_their_breaks() -> None:
    paragraphs = [f"Paragraph {n} speaks of the harbour." for n in range(6)]
    found = chunks("\n\n".join(paragraphs), max_tokens=25)
    assert texts(found) == ["\n\n".join(paragraphs[n : n + 3]) for n in (0, 3)]


def test_headings_stand_with_what_they_head() -> None:
    first = "The first part fills most of the chunk with its words."
    text = f"{first}\n\nHeading\n\nThe second part belongs to that heading alone."
    heading = {"start": len(first) + 2, "level": 1, "text": "Heading"}
    found = chunks(text, max_tokens=15, headings=[heading])
    assert texts(found)[0] == first
    assert texts(found)[1].startswith("Heading\n\n")
    assert [row["chunk"]["heading"] for row in found] == [None, "Heading"]


def test_chunks_know_their_page() -> None:
    parts = [f"The {n} page holds a few words." for n in ("first", "second", "third")]
    text = "\n\n".join(parts)
    pages = [{"start": text.index(part), "page": n} for n, part in enumerate(parts, 1)]
    found = chunks(text, max_tokens=10, pages=pages)
    assert texts(found) == parts
    assert [row["chunk"]["page"] for row in found] == [1, 2, 3]
    assert [row["chunk"]["index"] for row in found] == [0, 1, 2]
    assert chunks(text)[0]["chunk"]["page"] is None


def test_a_short_tail_is_filled_from_the_chunk_before() -> None:
    text = "\n\n".join(["One two three four five."] * 5)
    sizes = [row["chunk"]["tokens"] for row in chunks(text, max_tokens=28)]
    filled = [row["chunk"]["tokens"] for row in chunks(text, max_tokens=28, min_tokens=10)]
    assert sizes[-1] < 10 <= min(filled)
    assert len(sizes) == len(filled)


def test_overlap_repeats_the_end_of_the_chunk_before() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(40))
    plain, lapped = chunks(text, max_tokens=40), chunks(text, max_tokens=40, overlap=15)
    assert all(a["chunk"]["end"] <= b["chunk"]["start"] for a, b in pairwise(plain))
    for before, after in pairwise(lapped):
        shared = text[after["chunk"]["start"] : before["chunk"]["end"]]
        assert 0 < count(shared) <= 15
        assert after["text"].startswith("Sentence")


@pytest.mark.parametrize(("tokenizer", "tokens"), [("", 2), ("chars4", 3)])
def test_the_tokenizer_is_an_option(tokenizer: str, tokens: int) -> None:
    assert chunks("Hello harbour", tokenizer=tokenizer)[0]["chunk"]["tokens"] in (tokens, 4)


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_nothing_to_cut_is_a_failed_record(text: str) -> None:
    with pytest.raises(RecordError) as caught:
        chunks(text)
    assert caught.value.kind == "no-text"


ALPHABET = st.sampled_from(list("ab .!?\n\n\n。？؟\u0301🎈éß1\u3000\t"))
DOCUMENTS = st.lists(st.text(ALPHABET, max_size=60), max_size=12).map("".join)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS.filter(str.strip), st.integers(8, 40), st.integers(0, 7), st.integers(0, 12))
def test_law_of_offsets(text: str, limit: int, overlap: int, least: int) -> None:
    found = chunks(text, max_tokens=limit, overlap=overlap, min_tokens=least)
    covered = 0
    for n, row in enumerate(found):
        place = row["chunk"]
        assert place["index"] == n
        assert text[place["start"] : place["end"]] == row["text"]
        assert row["text"] == row["text"].strip()
        assert place["tokens"] == count(row["text"]) <= limit
        assert not text[covered : place["start"]].strip()  # nothing is lost between chunks
        assert overlap or place["start"] >= covered
        assert place["end"] > covered
        covered = place["end"]
    assert not text[covered:].strip()


@pytest.mark.parametrize(
    ("record", "options", "added", "removed"),
    [
        (DOCUMENT, {}, ["text", "chunk"], {"text", "pages", "headings", "notes", "stats"}),
        (Record.of({"body": STRING}), {"field": "body"}, ["text", "chunk"], {"body"}),
    ],
)
def test_shape(record: Record, options: Any, added: list[str], removed: set[str]) -> None:
    shape = SIGNATURE.shape({**DEFAULTS, **options}, record)
    assert isinstance(shape, Shape)
    assert (shape.adds.names(), shape.removes) == (added, removed)


@pytest.mark.parametrize(
    ("record", "options", "option"),
    [
        ({"body": STRING}, {}, "field"),
        ({"text": INTEGER}, {}, "field"),
        ({"text": STRING}, {"overlap": 800}, "overlap"),
        ({"text": STRING}, {"tokenizer": "cl10k"}, "tokenizer"),
        ({"text": ListOf(STRING)}, {}, "field"),
    ],
)
def test_shape_errors(record: Any, options: Any, option: str) -> None:
    shape = SIGNATURE.shape({**DEFAULTS, **options}, Record.of(record))
    assert isinstance(shape, ShapeError)
    assert shape.option == option
