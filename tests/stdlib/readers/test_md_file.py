"""Markdown keeps its text; headings become paragraphs of their own."""

from __future__ import annotations

import pytest

from atkc.stdlib.readers.md_file import parse
from atkc.stdlib.readers.settings import Settings


@pytest.mark.parametrize(
    ("source", "text", "headings"),
    [
        ("# One\ntext", "One\n\ntext", [(0, 1, "One")]),
        ("text\n## Two ##\nmore", "text\n\nTwo\n\nmore", [(6, 2, "Two")]),
        ("Title\n=====\nx", "Title\n\nx", [(0, 1, "Title")]),
        ("a\n\nSub\n---\n\nx", "a\n\nSub\n\nx", [(3, 2, "Sub")]),
        ("```\n# no heading\n```\nx", "```\n# no heading\n```\nx", []),
        ("~~~\n```\n# no\n~~~\n# Yes", "~~~\n```\n# no\n~~~\n\nYes", [(18, 1, "Yes")]),
        ("#tag is no heading", "#tag is no heading", []),
        ("- item\n---\nx", "- item\n---\nx", []),
        ("| a |\n| - |\n| 1 |", "| a |\n| - |\n| 1 |", []),
        ("two\nlines\n---\nx", "two\nlines\n---\nx", []),
    ],
)
def test_headings(source: str, text: str, headings: list[tuple[int, int, str]]) -> None:
    parsed = parse(source.encode(), Settings())
    assert parsed.text == text
    assert list(parsed.headings) == headings
    assert all(text[start:].startswith(words) for start, _, words in headings)


@pytest.mark.parametrize(
    ("source", "text", "title"),
    [
        ('---\ntitle: "The Port"\ntags: [a]\n---\nBody', "Body", "The Port"),
        ("---\nx: 1\n---\n# Head\n\nBody", "Head\n\nBody", "Head"),
        ("---\nA line that is prose\n---\nBody", "---\nA line that is prose\n---\nBody", None),
        ("No matter", "No matter", None),
    ],
)
def test_front_matter_is_dropped_and_gives_the_title(
    source: str, text: str, title: str | None
) -> None:
    parsed = parse(source.encode(), Settings())
    assert (parsed.text, parsed.title) == (text, title)
