"""Cutting a document, joining its parts, and telling what a rewritten text has lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atkc.runtime.api import Context
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import ANY, INTEGER, STRING, Record, nullable
from atkc.spec.signature import REQUIRED, Shape, ShapeError
from atkc.stdlib.functions import FUNCTIONS
from atkc.stdlib.readers.document import DOCUMENT
from atkc.stdlib.tokens import count

WORDS = st.sampled_from(
    ["tide", "The moon turns it.", "\n", "\n\n", " \n \n", "  ", "12", "# Head", "。"]
)


def options_of(name: str, given: Any) -> dict[str, Any]:
    known = FUNCTIONS[name][0].options
    return {k: o.default for k, o in known.items() if o.default is not REQUIRED} | given


def run(name: str, row: Any, **given: Any) -> Any:
    return FUNCTIONS[name][1](row, options_of(name, given), Context(7, b"x"))


def document(text: str, marks: list[int] | None = None, form: str = "pdf") -> dict[str, Any]:
    pages = [{"start": at, "page": n} for n, at in enumerate(marks or [], 1)]
    return {"text": text, "format": form, "pages": pages, "headings": []}


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=60).map(" ".join), st.data())
def test_parts_joined_are_the_document(text: str, data: st.DataObject) -> None:
    places = st.lists(st.integers(0, len(text)), max_size=4).map(sorted)
    whole = document(text, data.draw(places))
    parts = run("document.cut", whole, max_tokens=12)
    made = run("document.join", {"parts": parts[::-1]})
    assert made == {k: whole[k] for k in ("text", "pages", "headings")}
    assert [p["part"]["index"] for p in parts] == list(range(len(parts)))
    assert all(count(p["text"].strip()) <= 12 for p in parts)


def test_a_part_knows_its_page_and_the_space_behind_it() -> None:
    text = "One tide turns.\n\n\nThe moon pulls it. And the sun."
    parts = run("document.cut", document(text, [0, 4]), max_tokens=8)
    told = [(p["text"], p["part"]["after"], p["part"]["page"], p["pages"]) for p in parts]
    assert told == [
        ("One tide turns.", "\n\n\n", 1, [{"start": 0, "page": 1}, {"start": 4, "page": 2}]),
        ("The moon pulls it.", " ", 2, []),
        ("And the sun.", "", 2, []),
    ]


def test_other_formats_stay_whole() -> None:
    text = "tide " * 40
    (part,) = run("document.cut", document(text, form="md"), max_tokens=8, formats=["pdf"])
    assert part["text"] + part["part"]["after"] == text
    assert len(run("document.cut", document(text), max_tokens=8, formats=["pdf"])) > 4


def test_places_move_when_the_text_shrinks() -> None:
    text = "aa  aa  aa  aa  Tides  bb  bb"
    whole = document(text, [0, 16])
    whole["headings"] = [{"start": 16, "level": 1, "text": "Tides"}]
    (part,) = run("document.cut", whole)
    part["text"] = "aa aa aa aa Tides bb bb"
    made = run("document.join", {"parts": [part]})
    assert made["headings"] == [{"start": 12, "level": 1, "text": "Tides"}]  # by its words
    assert made["pages"] == [{"start": 0, "page": 1}, {"start": 12, "page": 2}]  # by its share


@pytest.mark.parametrize("left", [[0, 2], [0, 1, 1, 2], [1, 2], []])
def test_a_missing_part_is_a_hole(left: list[int]) -> None:
    parts = run(
        "document.cut",
        document("One tide turns it.\n\nTwo tides turn it.\n\nSix tides."),
        max_tokens=8,
    )
    assert len(parts) == 3
    with pytest.raises(RecordError) as caught:
        run("document.join", {"parts": [parts[n] for n in left]})
    assert caught.value.kind == "hole"


@pytest.mark.parametrize(
    ("before", "after", "length", "lost"),
    [
        ("In 1826 and 1861.", "In 1826 and 1861.", 1.0, []),
        ("In 1826 and 1861.", "In 1826 and 1816.", 1.0, ["1861"]),
        ("t h e 1 826 tides", "the 1826 tides", 1.0, []),
        ("abcd", "ab", 0.5, []),
        ("ab", "abc d", 2.0, []),
        ("Tide.\n12\n\n- 13 -\nPage 3 of 9", "Tide.", 5 / 19, []),
        ("3,200 men", "3200 men", 7 / 8, ["3,200"]),
        ("", "x", 1.0, []),
    ],
)
def test_what_is_lost(before: str, after: str, length: float, lost: list[str]) -> None:
    row = {"a": before, "b": after}
    change = run("text.compare", row, before="a", after="b")["change"]
    assert change["length"] == pytest.approx(length)
    assert change["lost"] == lost
    assert (change["numbers_lost"] > 0) == bool(lost)


def test_without_both_texts_there_is_nothing_to_compare() -> None:
    row = {"a": "x", "b": None}
    assert run("text.compare", row, before="a", after="b", **{"as": "c"}) == {"c": None}


@pytest.mark.parametrize(
    ("name", "record", "given", "option"),
    [
        ("document.cut", {"text": STRING}, {}, "max_tokens"),
        ("document.cut", dict(DOCUMENT.items()), {"tokenizer": "none"}, "tokenizer"),
        (
            "document.cut",
            {**dict(DOCUMENT.items()), "format": INTEGER},
            {"formats": ["pdf"]},
            "formats",
        ),
        ("document.join", {"parts": STRING}, {}, "field"),
        ("document.join", {}, {}, "field"),
        ("text.compare", {"a": STRING}, {"before": "a", "after": "b"}, "after"),
        ("text.compare", {"a": INTEGER, "b": STRING}, {"before": "a", "after": "b"}, "before"),
    ],
)
def test_shape_errors(name: str, record: Any, given: Any, option: str) -> None:
    found = FUNCTIONS[name][0].shape(options_of(name, given), Record.of(record))
    assert isinstance(found, ShapeError)
    assert found.option == option


def test_shapes_fit_the_reader_and_each_other() -> None:
    cut = FUNCTIONS["document.cut"][0].shape(options_of("document.cut", {}), DOCUMENT)
    assert isinstance(cut, Shape)
    assert cut.removes == {"text", "pages", "headings"}
    joined = FUNCTIONS["document.join"][0].shape({"field": "parts"}, Record.of({"parts": ANY}))
    assert isinstance(joined, Shape)
    texts = Record.of({"a": STRING, "b": nullable(STRING)})
    given = {"before": "a", "after": "b", "as": "c"}
    assert isinstance(FUNCTIONS["text.compare"][0].shape(given, texts), Shape)
