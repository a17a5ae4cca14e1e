"""The benchmark of readers, small: it runs to its end and each of its numbers is there."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.kit import printed

LINUX = sys.platform == "linux"
LINES = (
    "PDF, running text",
    "time against PyMuPDF's bare `dict`",
    "PDF, a ruled table on each page",
    *(("PDF of 20 pages: peak memory", "against a tenth of the pages") if LINUX else ()),
    "HTML",
    "DOCX",
    "text.chunk, plain prose",
    "time against counting tokens once",
)


@pytest.fixture(scope="module")
def table() -> str:
    return printed("reading.py", "--quick")


@pytest.mark.parametrize("name", LINES)
def test_has_the_line(table: str, name: str) -> None:
    assert f"{name} " in table
