"""The engine from sources to files."""

from __future__ import annotations

from pathlib import Path

import pytest
from atkc.runtime.api import ReadFailure
from tests.runtime.engine.kit import FakeCaller, Flow, apply, go, put, texts, unnest, where


def test_a_row_goes_from_source_to_file(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a", "b")).map("m", "s", put(n="1")).export("out", "m")
    ran = go(flow, tmp_path)
    assert ran.rows() == [{"text": "a", "n": 1}, {"text": "b", "n": 1}]
    assert ran.ledger("m").came == ran.ledger("m").out == 2


def test_a_prompt_adds_its_fields(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a", "b")).ask("p", "s").export("out", "p")
    ran = go(flow, tmp_path)
    assert [r["said"] for r in ran.rows()] == ["A", "B"]
    assert len(ran.caller.asked) == 2
    assert ran.caller.far == 1
