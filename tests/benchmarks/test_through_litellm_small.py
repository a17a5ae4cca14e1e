"""The benchmark of LiteLLM, small: both clients go through it and each number is there."""

from __future__ import annotations

import importlib.util

import pytest

from tests.benchmarks.kit import printed

NAMES = [
    "LiteLLM by hand: wall",
    "  CPU per call",
    "  peak memory",
    "`atkc run` through LiteLLM: wall",
    "  against by hand",
    "  CPU per call",
    "  least CPU per call, on top of by hand",
    "  peak memory",
]


@pytest.mark.skipif(importlib.util.find_spec("litellm") is None, reason="litellm is not installed")
def test_each_line_has_its_number() -> None:
    first, _, _, *lines = printed("through_litellm.py", "--quick").splitlines()
    assert first.startswith("80 calls as hosted_vllm/stand-in, 5 ms each, 100 in flight; runs: 1;")
    assert [line[:40].rstrip() for line in lines] == NAMES
    assert all(float(line[40:].split()[0]) > -1000 for line in lines)
