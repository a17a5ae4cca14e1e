"""Yields by document, from folders that are written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.report.documents import DOCUMENTS, NOTHING, data_files, documents, yields
from atkc.cli.report.facts import Facts, facts_in
from tests.cli.report.reading import Page, Section, count


def source(name: str, *, shown: bool = False) -> dict[str, Any]:
    return {"step": "docs", "source": name, "shown": shown}


def folder(
    path: Path,
    trails: list[list[dict[str, Any]]],
    read: dict[str, int] | None = None,
    files: tuple[tuple[str, str, list[str]], ...] = (("a.jsonl", "sharegpt", []),),
    most: int | None = None,
) -> Facts:
    entries = [
        {"path": name, "role": role, "columns": columns, "records": len(trails), "tokens": 0}
        for name, role, columns in files
    ]
    (path / "provenance").mkdir()
    for name, _, _ in files:
        (path / name).write_text("{}\n" * len(trails), encoding="utf-8")
        lines = "".join(json.dumps({"sources": s, "calls": []}) + "\n" for s in trails)
        (path / f"provenance/{name}.jsonl").write_text(lines, encoding="utf-8")
    manifest = {"atkc_manifest": 1, "files": entries, "run": {}}
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    events: list[dict[str, Any]] = [{"event": "books", "documents": {"docs": read or {}}}]
    events.append({"event": "run-ended", "how": "complete"})
    (path / "events.jsonl").write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    return facts_in(path, most)


def section(facts: Facts) -> Section:
    told = documents(facts)
    assert told is not None
    return Page(f'<section id="x">{told}</section>').sections["x"]


def test_a_record_of_several_documents_counts_for_each_once(tmp_path: Path) -> None:
    trails = [
        [source("a.txt"), source("a.txt"), source("b.txt")],
        [source("rows.jsonl#1"), source("rows.jsonl#2"), source("c.txt", shown=True)],
    ]
    facts = folder(tmp_path, trails)
    fed, cut = yields(facts, ["a.jsonl"])
    assert fed == {
        ("docs", "a.txt"): {"a.jsonl": 1},
        ("docs", "b.txt"): {"a.jsonl": 1},
        ("docs", "rows.jsonl"): {"a.jsonl": 1},
    }
    assert not cut


def test_what_was_read_and_fed_nothing_is_named_first(tmp_path: Path) -> None:
    trails = [[source("a.txt"), source("only-shown.txt", shown=True)]]
    told = section(folder(tmp_path, trails, {"a.txt": 1, "only-shown.txt": 1, "z.txt": 4}))
    assert "2 of the documents have fed no record" in told.text
    assert "only-shown.txt (docs)" in told.text
    assert [*told.rows()] == ["a.txt"]


def test_many_documents_end_in_a_count(tmp_path: Path) -> None:
    trails = [[source(f"{n:04}.txt")] for n in range(DOCUMENTS + 5)]
    read = {f"none-{n}.txt": 1 for n in range(NOTHING + 7)}
    told = section(folder(tmp_path, trails, read))
    assert len(told.rows()) == DOCUMENTS
    assert "and 5 more documents" in told.text
    assert "and 7 more" in told.text


@pytest.mark.parametrize(("most", "counted"), [(None, 9), (9, 9), (4, 4)])
def test_a_bound_on_what_is_read_is_told(tmp_path: Path, most: int | None, counted: int) -> None:
    told = section(folder(tmp_path, [[source("a.txt")]] * 9, most=most))
    assert count(told.rows()["a.txt"][0]) == counted
    assert ("Only the first 4 records" in told.text) == (most == 4)


@pytest.mark.parametrize(
    ("files", "counted"),
    [
        ((("t", "sharegpt", []), ("d", "data", []), ("f", "failed", [])), ["t"]),
        ((("d", "data", ["text"]), ("r", "data", ["rejected_by"])), ["d"]),
        ((("d", "data", ["failure"]), ("r", "data", ["rejected_by"])), []),
    ],
)
def test_rejects_and_failures_are_no_yield(
    tmp_path: Path, files: tuple[tuple[str, str, list[str]], ...], counted: list[str]
) -> None:
    assert data_files(folder(tmp_path, [], files=files)) == counted
