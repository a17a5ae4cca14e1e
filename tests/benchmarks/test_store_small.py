"""The benchmarks of the store and of a replay, small: they end, with all their lines."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import printed


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "store.py",
            ("put at 2,000", "get at 10,000", "open at 10,000: wall", "the file, per call"),
        ),
        ("replay.py", ("first run: wall", "again from the cache: wall", "the cache, per call")),
    ],
)
def test_has_its_lines(name: str, lines: tuple[str, ...]) -> None:
    said = printed(name, "--quick")
    for line in lines:
        assert line in said
