"""The manifest and the files of failed records: what they say of a run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.plan import Plan
from atkc.runtime.api import FileEntry
from atkc.runtime.calling.outcome import CallStats
from atkc.runtime.events import Warned
from atkc.runtime.failures import Failures
from atkc.runtime.ledger import LedgerRow, Taken
from atkc.runtime.manifest import (
    call_report,
    failed_file,
    failure_kinds,
    manifest,
    write_failures,
)
from atkc.runtime.settings import Result
from atkc.runtime.tokens import Row
from atkc.runtime.trail import NO_TRAIL

LEDGER = (LedgerRow("ask", "", 5, 3, 0, 0, 2, 0, 0, 0, 0, (("main", 3),)),)

TAKEN = Taken("draw", "tokens", 100, 70, 30, 4)


def result(failures: Failures) -> Result:
    return Result(LEDGER, (), failures, (Warned("ask", "shortage", "few"),), (TAKEN,))


def failing(folder: Path, **kinds: list[str]) -> Failures:
    """Failed rows by step (`__` stands for `/`), put in backwards."""
    failures = Failures()
    for step, found in kinds.items():
        sink = failures.sink(step.replace("__", "/"), folder)
        for number, kind in reversed(list(enumerate(found))):
            told = {"n": number, "failure": {"kind": kind}}
            sink.put(Row((number,), b"%d" % number, told, NO_TRAIL))
    return failures


def told_of(folder: Path, **run: Any) -> dict[str, Any]:
    (folder / "a.jsonl").write_bytes(b"abc")
    files = [FileEntry("a.jsonl", "jsonl", "data", 3, 7, ("x",))]
    failures = Failures()
    return manifest(Plan(name="p", nodes=[], seed=4), result(failures), files, folder, {"": 2}, run)


def test_it_tells_files_with_their_sums(tmp_path: Path) -> None:
    (entry,) = told_of(tmp_path)["files"]
    assert (entry["path"], entry["records"], entry["tokens"]) == ("a.jsonl", 3, 7)
    assert entry["bytes"] == 3
    assert len(entry["sha256"]) == 64


def test_it_tells_the_ledger_less_what_is_nothing(tmp_path: Path) -> None:
    told = {"step": "ask", "came": 5, "out": 3, "failed": 2, "ports": {"main": 3}}
    assert told_of(tmp_path)["ledger"] == [told]


def test_it_tells_what_was_drawn_against_what_was_asked(tmp_path: Path) -> None:
    assert told_of(tmp_path)["takes"] == [
        {"step": "draw", "unit": "tokens", "target": 100, "actual": 70, "shortage": 30,
         "records": 4},
    ]  # fmt: skip


def test_facts_of_a_file_stand_beside_it(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"x")
    files = [FileEntry("c.yaml", "axolotl", "config", 1, 7, (), {"steps": 9})]
    told = manifest(Plan(name="p", nodes=[]), result(Failures()), files, tmp_path, {}, {})
    assert told["files"][0]["facts"] == {"steps": 9}
    assert "facts" not in told_of(tmp_path)["files"][0]


def test_only_run_changes_with_the_run(tmp_path: Path) -> None:
    one, two = told_of(tmp_path, calls=1), told_of(tmp_path, calls=2)
    assert one.pop("run") == {"calls": 1}
    assert two.pop("run") == {"calls": 2}
    assert one == two
    assert (one["name"], one["seed"], one["partial"]) == ("p", 4, {"": 2})
    assert one["warnings"] == [{"step": "ask", "kind": "shortage", "message": "few"}]
    assert json.dumps(one)


def test_calls_are_told_in_all_and_by_model() -> None:
    stats = CallStats()
    stats.of("judge").calls, stats.of("judge").cached = 2, 3
    stats.of("writer").calls, stats.of("writer").shared = 5, 1
    told = call_report(stats)
    assert (told["calls"], told["from_cache"]) == (7, 4)
    assert list(told["models"]) == ["judge", "writer"]
    assert told["models"]["judge"]["calls"] == 2


def test_failed_records_stand_in_canonical_order_by_step(tmp_path: Path) -> None:
    failures = failing(tmp_path, ask__1=["a", "b", "a"], none=[], doc=["c"])
    entries = write_failures(result(failures), tmp_path)
    assert [(e.path, e.records, e.role) for e in entries] == [
        ("failed/ask-1.jsonl", 3, "failed"),
        ("provenance/failed/ask-1.jsonl.jsonl", 3, "provenance"),
        ("failed/doc.jsonl", 1, "failed"),
        ("provenance/failed/doc.jsonl.jsonl", 1, "provenance"),
    ]
    lines = (tmp_path / "failed/ask-1.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["n"] for line in lines] == [0, 1, 2]
    kinds = failure_kinds(result(failures))
    assert kinds == {"ask/1": Counter(a=2, b=1), "doc": Counter(c=1)}
    failures.close()


def test_without_failures_there_is_no_file(tmp_path: Path) -> None:
    failures = failing(tmp_path, ask=[])
    assert write_failures(result(failures), tmp_path) == []
    assert not (tmp_path / "failed").exists()


@pytest.mark.parametrize(("step", "file"), [("a", "failed/a.jsonl"), ("a/b", "failed/a-b.jsonl")])
def test_the_file_of_a_step_lies_in_one_folder(step: str, file: str) -> None:
    assert failed_file(step) == file
