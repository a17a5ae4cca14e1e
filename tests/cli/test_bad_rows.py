"""Rows that are no records, texts that no file can hold as they are: each fails or goes alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.failing import Folder, make

HUGE = 10**400


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return make(tmp_path / "p")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": NaN}', "holds NaN, which JSON cannot write"),
        ('{"text": Infinity}', "holds Infinity, which JSON cannot write"),
        ('{"text": "\\ud800"}', ""),
        ('{"text": 5}', "`text`: "),
        (f'{{"text": {HUGE}}}', "`text`: "),
        ('{"text": "x", "n": 1e999}', ""),
        ("[1]", "is a list, not an object"),
        ('{"text": ', "is not JSON"),
        ("[" * 3000, ""),
        ("{}", "`text`"),
    ],
    ids=["nan", "inf", "surrogate", "number", "huge", "overflow", "list", "cut", "deep", "empty"],
)
def test_a_row_that_cannot_be_read_fails_alone(folder: Folder, line: str, reason: str) -> None:
    path = folder.path / "rows.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], line, *lines[2:]]) + "\n", encoding="utf-8")
    assert folder.atkc("run", "spec.yaml") == 4
    (lost,) = folder.rows("failed/given.jsonl")
    assert lost["failure"]["kind"] == "bad-row"
    assert reason in lost["failure"]["message"]
    assert folder.texts() == [f"t{n}" for n in range(6)]


def test_a_failed_record_may_hold_a_number_of_any_size(folder: Folder) -> None:
    folder.change("spec.yaml", "fields: {text: string}", "fields: {text: string, n: integer}")
    given = [{"text": f"t{n}", "n": 10**30 + n} for n in range(3)]
    (folder.path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in given))
    folder.say = lambda task, text, number: 400 if text == "t1" else None
    assert folder.atkc("run", "spec.yaml") == 4
    (lost,) = folder.rows("failed/judged.jsonl")
    assert lost["n"] == 10**30 + 1
    assert [row["n"] for row in folder.rows("out.jsonl")] == [10**30, 10**30 + 2]


TURNS = """
  talks:
    type: export
    from: given
    format: chat
    path: talks.jsonl
    with: {turns: turns}
"""


@pytest.mark.parametrize("provenance", [True, False])
def test_a_record_that_an_export_cannot_write_fails_alone(folder: Folder, provenance: bool) -> None:
    spec = (folder.path / "spec.yaml").read_text()
    start = spec.index("  judged:")
    head = spec[:start].replace("{text: string}", "{turns: any}")
    (folder.path / "spec.yaml").write_text(head + TURNS.lstrip("\n"), encoding="utf-8")
    good = [{"turns": [{"role": "user", "content": f"q{n}"}]} for n in range(4)]
    rows = [good[0], {"turns": "no list"}, good[1], good[2], {"turns": [{"role": 5}]}, good[3]]
    (folder.path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    words = [] if provenance else ["--no-provenance"]
    assert folder.atkc("run", "spec.yaml", *words) == 4
    written = [row["messages"][0]["content"] for row in folder.rows("talks.jsonl")]
    assert written == ["q0", "q1", "q2", "q3"]
    lost = folder.rows("failed/talks.jsonl")
    assert [row["failure"]["kind"] for row in lost] == ["bad-field", "bad-field"]
    (books,) = (row for row in folder.manifest()["ledger"] if row["step"] == "talks")
    assert (books["came"], books["out"], books["failed"]) == (6, 4, 2)
    (entry,) = (e for e in folder.manifest()["files"] if e["path"] == "talks.jsonl")
    assert entry["records"] == 4
    if provenance:
        sources = [
            row["sources"][0]["source"] for row in folder.rows("provenance/talks.jsonl.jsonl")
        ]
        assert sources == [f"rows.jsonl#{n}" for n in (1, 3, 4, 6)]
