"""The recipe `clean`: what is mended, what keeps its raw text and why, and that nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.recipes.planned import ALONE
from tests.recipes.scripted import CUT, RECIPES, Ran, served, shown, used

FIELDS = {
    "text": "string",
    "source": "string",
    "format": "string",
    "pages": [{"start": "integer", "page": "integer"}],
    "headings": [{"start": "integer", "level": "integer", "text": "string"}],
    "title": "string",
}


def paragraph(marker: str) -> str:
    """Return some sixty tokens with doubled spaces, which the good replies mend."""
    words = "The  pilots of the outer roads board each ship from a cutter and steer her in at noon."
    return f"{words} {words} Of m-{marker} there are 1407 and 25 and 31 and 88."


def passage(messages: list[dict[str, str]]) -> str:
    shown = [m["content"] for m in messages if m["role"] == "user" and "m-" in m["content"]]
    return shown[0].split('"""\n')[1].removesuffix("\n")


def mended(text: str) -> str:
    return text.replace("  ", " ")


def tagged(text: str) -> str:
    return f"<cleaned_text>\n{text}\n</cleaned_text>"


# marker: (what the model says about the mended text, the reason given, calls)
PLANTED: dict[str, tuple[Any, str | None, int]] = {
    "good": (tagged, None, 1),
    "thinking": (lambda t: f"<think>{tagged('no')} Hm.</think>{tagged(t)}", None, 1),
    "untagged": (lambda t: t, "missing-field", 3),
    "unclosed": (lambda t: f"<cleaned_text>{t}", "truncated", 3),
    "cut": (lambda t: f"<cleaned_text>{t[:40]}{CUT}", "truncated", 3),
    "empty": (lambda _: tagged(""), "missing-field", 3),
    "short": (lambda t: tagged(t[-90:]), "too-short", 1),
    "long": (lambda t: tagged(f"{t} {t}"), "too-long", 1),
    "number": (lambda t: tagged(t.replace("1407", "1047")), "lost-numbers", 1),
}


def scripted(marker: str, messages: list[dict[str, str]]) -> str:
    make = PLANTED.get(marker.removeprefix("m-"), (tagged, None, 1))[0]
    return str(make(mended(passage(messages))))


def document(text: str, source: str = "a.pdf", **more: Any) -> dict[str, Any]:
    plain = {"format": "pdf", "pages": [], "headings": [], "title": "T"}
    return {"text": text, "source": source, **plain, **more}


def clean(folder: Path, *documents: dict[str, Any], **params: Any) -> Ran:
    source = {"with": {"rows": list(documents)}, "fields": FIELDS}
    given = {"chunk_size": 80, **params}
    return used(folder, "clean.yaml", source, scripted, given, carry=["title"])


def test_each_planted_fault_keeps_its_raw_text_and_leaves_no_hole(tmp_path: Path) -> None:
    text = "\n\n".join(paragraph(name) for name in PLANTED)
    ran = clean(tmp_path, document(text))
    assert ran.code == 0
    (made,) = ran.rows("documents.jsonl")
    wanted = [
        mended(paragraph(name)) if reason is None else paragraph(name)
        for name, (_, reason, _) in PLANTED.items()
    ]
    assert made["text"] == "\n\n".join(wanted)
    assert made["title"] == "T"
    reasons = [(row["index"], row["reason"]) for row in ran.rows("kept_raw.jsonl")]
    assert reasons == [(n, p[1]) for n, p in enumerate(PLANTED.values()) if p[1] is not None]
    assert ran.asked.counts == {f"m-{name}": calls for name, (_, _, calls) in PLANTED.items()}


def test_the_report_tells_what_was_wrong(tmp_path: Path) -> None:
    pages = [{"start": 0, "page": 7}]
    ran = clean(tmp_path, document(paragraph("number"), pages=pages))
    (row,) = ran.rows("kept_raw.jsonl")
    assert (row["source"], row["page"], row["text"]) == ("a.pdf", 7, paragraph("number"))
    assert row["detail"] == "100 % of the letters, lost numbers: 1407"
    assert "1047" in row["cleaned_text"]


def test_documents_of_one_name_stay_apart_and_in_order(tmp_path: Path) -> None:
    one, two = f"{paragraph('aa')}\n\n{paragraph('ab')}", f"{paragraph('ba')}\n\n{paragraph('bb')}"
    again = document(paragraph("ca"))
    ran = clean(tmp_path, document(one), document(two), document("", format="txt"), again, again)
    texts = [row["text"] for row in ran.rows("documents.jsonl")]
    assert texts == [mended(one), mended(two), "", mended(paragraph("ca")), mended(paragraph("ca"))]
    books = ran.ledger("used.gathered")
    assert (books["came"], books["merged"], books["out"]) == (7, 2, 5)


def test_what_is_not_cleaned_keeps_every_byte_and_place(tmp_path: Path) -> None:
    text = f" \n{paragraph('good')} \n \n\n{paragraph('good')}\tEnd.\n\n"
    places = {
        "pages": [{"start": 9, "page": 2}],
        "headings": [{"start": 2, "level": 1, "text": "The"}],
    }
    asked = [document(text, format="md", **places), document(" \n ", **places)]
    ran = clean(tmp_path, *asked)
    assert ran.rows("documents.jsonl") == asked
    assert not ran.asked.counts


def test_pages_and_headings_move_with_the_text(tmp_path: Path) -> None:
    parts = [paragraph("good"), "Tides  and  moons", paragraph("ok"), paragraph("short")]
    text = "\n\n".join(parts)
    starts = [text.index(part) for part in parts]
    pages = [{"start": at, "page": n} for n, at in enumerate(starts)]
    heading = {"start": starts[1], "level": 2, "text": "Tides  and  moons"}
    ran = clean(tmp_path, document(text, pages=pages, headings=[heading]))
    (made,) = ran.rows("documents.jsonl")
    now = [mended(part) for part in parts[:3]] + parts[3:]
    found = [made["text"].index(part) for part in now]
    assert [p["page"] for p in made["pages"]] == [0, 1, 2, 3]
    assert all(abs(p["start"] - at) <= 2 for p, at in zip(made["pages"], found, strict=True))


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    text = "\n\n".join(paragraph(name) for name in PLANTED)
    first, second = (clean(tmp_path / name, document(text)).files() for name in "ab")
    assert first == second


FLIPS: dict[str, Any] = {
    "clean": False,
    "formats": ["md"],
    "chunk_size": 4000,
    "min_length": 0.1,
    "max_length": 3.0,
    "max_numbers_lost": 0.5,
    "dataset_context": "pilotage",
}


def test_every_parameter_is_flipped() -> None:
    recipe = yaml.safe_load((RECIPES / "clean.yaml").read_text(encoding="utf-8"))
    assert set(recipe["params"]) == set(FLIPS) | ALONE


@pytest.mark.parametrize(
    ("name", "reasons", "calls"),
    [
        ("", ["too-short", "too-long", "lost-numbers"], 4),
        ("clean", [], 0),
        ("formats", [], 0),
        ("chunk_size", ["too-short", "too-long", "lost-numbers"], 4),
        ("min_length", ["too-long", "lost-numbers"], 4),
        ("max_length", ["too-short", "lost-numbers"], 4),
        ("max_numbers_lost", ["too-short", "too-long"], 4),
        ("dataset_context", ["too-short", "too-long", "lost-numbers"], 4),
    ],
)
def test_a_parameter_changes_what_it_says(
    tmp_path: Path, name: str, reasons: list[str], calls: int
) -> None:
    one = ["good", "short", "long", "number"]
    ran = clean(
        tmp_path,
        *(document(f"{paragraph(m)}\n\nIt is m-{m}.") for m in one),
        **({name: FLIPS[name]} if name else {}),
    )
    assert [row["reason"] for row in ran.rows("kept_raw.jsonl")] == reasons
    assert sum(ran.asked.counts.values()) == calls
    told = [m["content"] for sent in ran.asked.messages.values() for m in sent[0]]
    assert any("about pilotage" in text for text in told) == (name == "dataset_context")


def test_the_size_of_the_parts_is_a_parameter(tmp_path: Path) -> None:
    text = "\n\n".join(paragraph(f"p{n}") for n in range(6))
    sizes = {
        size: clean(tmp_path / str(size), document(text), chunk_size=size) for size in (80, 4000)
    }
    assert [sum(ran.asked.counts.values()) for ran in sizes.values()] == [6, 1]
    assert sizes[80].rows("documents.jsonl") == sizes[4000].rows("documents.jsonl")


def test_it_runs_alone_on_shipped_data_and_on_a_model_of_yours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "sk-mine")
    recipe = str(RECIPES / "clean.yaml")
    ran = served(tmp_path, [recipe], lambda *_: "")
    assert (ran.code, sum(ran.asked.counts.values())) == (0, 0)
    assert [row["source"] for row in ran.rows("cleaned.jsonl")] == ["quay-wall.pdf", "pilots.md"]
    assert "the timber piles had rotted" in ran.rows("cleaned.jsonl")[0]["text"]
    assert shown(ran, "cleaned.jsonl", 0)
    assert not (ran.folder / "kept_raw.jsonl").exists()
    words = [recipe, "--set=model=openai/x", "--set=api_base={url}", "--set=api_key_env=MINE"]
    other = served(tmp_path, words, lambda *_: "no tag")
    assert sum(other.asked.counts.values()) == 3
    assert other.asked.keys == {"Bearer sk-mine"}
    assert [row["reason"] for row in other.rows("kept_raw.jsonl")] == ["missing-field"]
