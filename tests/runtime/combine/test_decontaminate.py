"""Decontaminate: what shares a run of words with the other stream, and what is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runtime.engine.kit import FakeCaller, Flow, Ran, go, texts

HELD = "Which bell rings when the old ferry leaves the north pier before the dawn?"  # 14 words
THIRTEEN = "which bell rings when the old ferry leaves the north pier before the"


def clean(tmp_path: Path, rows: Any, held: Any, **options: Any) -> Ran:
    given = {"field": "text", "against_field": "text", "words": 13, **options}
    flow = Flow().source("r", rows).source("a", held)
    edges = {"records": "r", "against": "a"}
    flow.combine("c", "decontaminate", edges, options=given, order="barrier")
    ran = go(flow.export("out", "c").export("no", "c.rejected"), tmp_path, queue=1)
    assert ran.ledger("c", "against").merged == len(held)
    assert ran.ledger("c", "records").filtered == len(ran.rows("no"))
    return ran


@pytest.mark.parametrize(
    ("text", "rejected"),
    [
        (HELD, True),
        ("Listen: " + HELD.upper() + " Nobody knows.", True),
        (THIRTEEN.replace(" ", ", "), True),
        ("Bell rings when the old ferry leaves the north pier before the dawn", True),
        ("Bell rings when the old ferry leaves the north pier before the", False),  # 12 words
        ("Which bell rings, when an old ferry leaves the north pier before the dawn?", False),
        ("Clouds bring rain.", True),  # both are shorter than a run, and equal
        ("We know that clouds bring rain, and wind.", True),  # a short text stands in it whole
        ("Clouds bring rai", False),
        ("Clouds bring", False),
        ("", False),
    ],
)
def test_a_shared_run_of_words(tmp_path: Path, text: str, rejected: bool) -> None:
    ran = clean(tmp_path, texts(text), texts(HELD, "Clouds bring rain!", ""))
    assert len(ran.rows("no")) == rejected
    assert len(ran.rows()) == 1 - rejected


@pytest.mark.parametrize(("words", "rejected"), [(3, 1), (4, 0)])
def test_the_length_of_a_run(tmp_path: Path, words: int, rejected: int) -> None:
    rows = texts("An old ferry leaves at noon.")
    assert len(clean(tmp_path, rows, texts(HELD), words=words).rows("no")) == rejected


@pytest.mark.parametrize(("text", "rejected"), [("港の水深は冬の干潮時に", 1), ("港の水深は夏", 0)])
def test_characters_count_where_words_have_no_spaces(
    tmp_path: Path, text: str, rejected: int
) -> None:
    held = texts("港の水深は冬の干潮時に何メートルですか")
    assert len(clean(tmp_path, texts(text), held, words=8).rows("no")) == rejected


def test_it_says_what_matched(tmp_path: Path) -> None:
    held = [{"q": "Clouds bring rain", "set": "weather"}, {"q": HELD, "set": "ferries"}]
    options = {"against_field": "q", "as": "overlap", "take": {"set": "set", "text": "q"}}
    rows = [{"text": "So clouds bring rain. " + HELD, "n": 1}, {"text": "Else.", "n": 2}]
    ran = clean(tmp_path, rows, held, **options)
    assert ran.rows() == [{"text": "Else.", "n": 2}]
    of = {"set": "ferries", "text": HELD}
    assert ran.rows("no") == [
        {**rows[0], "overlap": {"matched": THIRTEEN, "of": of}, "rejected_by": "c"}
    ]


def test_of_equal_texts_the_first_is_told(tmp_path: Path) -> None:
    held = [{"text": HELD, "set": name} for name in "ab"]
    ran = clean(tmp_path, texts(HELD), held, **{"as": "o", "take": {"set": "set"}})
    assert [row["o"]["of"] for row in ran.rows("no")] == [{"set": "a"}]


@pytest.mark.parametrize(("text", "warned"), [("The sea", ["short"]), ("The sea rose", [])])
def test_very_short_texts_are_told_of(tmp_path: Path, text: str, warned: list[str]) -> None:
    ran = clean(tmp_path, texts("x"), texts(text, HELD))
    assert [warning.kind for warning in ran.result.warnings if warning.step == "c"] == warned


def test_null_and_long_texts(tmp_path: Path) -> None:
    long = " ".join(f"w{n}" for n in range(3000))
    rows = texts(None, long, long + " " + HELD)  # type: ignore[arg-type]
    assert [row["text"] for row in clean(tmp_path, rows, texts(HELD, None)).rows()] == [None, long]  # type: ignore[arg-type]


def test_nothing_to_compare_with_lets_all_pass(tmp_path: Path) -> None:
    assert clean(tmp_path, texts(HELD), []).rows() == texts(HELD)


def test_arrival_does_not_matter(tmp_path: Path) -> None:
    rows = texts(*(f"{HELD} {n}" if n % 3 else f"number {n}" for n in range(60)))
    options = {"field": "text", "against_field": "said", "words": 13, "as": "o"}
    flow = Flow().source("r", rows).source("h", [{"text": HELD, "n": n} for n in range(5)])
    flow.ask("a", "h").ask("b", "r")
    edges = {"records": "b", "against": "a"}
    options["take"] = {"n": "n"}
    flow.combine("c", "decontaminate", edges, options=options, order="barrier")
    flow.export("out", "c").export("no", "c.rejected")
    calm = go(flow, tmp_path)
    assert len(calm.rows()) == 20
    assert {row["o"]["of"]["n"] for row in calm.rows("no")} == {0}
    for delay in (1, 2):
        assert go(flow, tmp_path, FakeCaller(delay=delay), queue=1, window=30).raw == calm.raw
