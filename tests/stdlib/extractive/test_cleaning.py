"""Cleaning joins and spaces what extraction tore apart, and loses and invents nothing."""

from __future__ import annotations

import re

import pytest

from atkc.stdlib.extractive.cleaning import clean
from tests.stdlib.extractive.asking import ask
from tests.stdlib.extractive.passages import PASSAGES

TAGGED = {"format": "tags", "fields": {"repaired": "string"}}


@pytest.mark.parametrize(
    ("scan", "clear"),
    [
        ("The har-\nbour is old.", "The harbour is old."),
        ("The har\u00ad\nbour is old, co\u00adoled.", "The harbour is old, cooled."),
        ("It was built\nin 1500 , they say .", "It was built in 1500, they say."),
        ("The lock was built in\n1974\nby a miller.", "The lock was built in 1974 by a miller."),
        ("It was built\n\n12\n\nby a miller.", "It was built by a miller."),
        ("It was built\nPage 3 of 9\nby a miller.", "It was built by a miller."),
        (
            "It opened in 1742\nand closed in 1803\nfor good.",
            "It opened in 1742 and closed in 1803 for good.",
        ),
        ("2 Depth of the chan-\nnel\n\nIt is deep.", "2 Depth of the channel\n\nIt is deep."),
        (
            "See\n\nhttps://tides.example\n\nIt is deep.",
            "See\n\nhttps://tides.example\n\nIt is deep.",
        ),
        ("- one\n- two\n\nIt is deep.", "- one\n- two\n\nIt is deep."),
        ("- one and\n  two\n- six\nIt is deep.", "- one and two\n- six\n\nIt is deep."),
        ("Origins 1\nThe Locks 17\nDecline 40", "Origins 1\n\nThe Locks 17\n\nDecline 40"),
        ("* * *", "* * *"),
    ],
)
def test_what_is_mended(scan: str, clear: str) -> None:
    assert clean(scan) == clear


def squeezed(text: str) -> str:
    return re.sub(r"[\s\-]", "", text)


@pytest.mark.parametrize("name", PASSAGES)
@pytest.mark.parametrize("width", [30, 55])
def test_a_torn_passage_comes_back_with_every_letter(name: str, width: int) -> None:
    text = PASSAGES[name]
    torn = re.sub(rf"(?m)(.{{{width},{width + 15}}}?) ", r"\1\n", text)
    request = f'Repair the OCR damage of this scanned page.\n\nPage:\n"""\n{torn}\n"""'
    found = ask(request, TAGGED).removeprefix("<repaired>").removesuffix("</repaired>")
    assert squeezed(found) == squeezed(text)
    assert found.strip().count("\n") <= text.count("\n")
