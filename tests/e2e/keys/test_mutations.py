"""Each input that can change an answer asks exactly for what reads it; nothing else asks at all.

The tables of what is flipped stand in `flips.py`.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from atkc.stdlib.functions import FUNCTIONS
from tests.e2e.keys.flips import COUNTS, NOTHING, OPTIONS, SAME, SPEC
from tests.e2e.keys.kit import ALL, Folder, make, of, use


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The project with a cache that holds all."""
    folder = make(tmp_path_factory.mktemp("whole") / "p")
    with pytest.MonkeyPatch.context() as patch:
        use(patch, folder.bodies)
        assert folder.run() == ALL
        assert folder.run() == NOTHING
    return folder


@pytest.fixture
def folder(whole: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A copy of it."""
    shutil.copytree(whole.path, tmp_path / "p")
    copy = Folder(tmp_path / "p")
    use(monkeypatch, copy.bodies)
    return copy


@pytest.mark.parametrize("flipped", COUNTS)
def test_what_can_change_an_answer_asks_exactly_what_reads_it(folder: Folder, flipped: str) -> None:
    edits, expected = COUNTS[flipped]
    for edit in edits:
        folder.edit(*edit)
    assert folder.run() == expected
    assert folder.run() == NOTHING


@pytest.mark.parametrize("flipped", SAME)
def test_what_can_change_no_answer_asks_nothing(folder: Folder, flipped: str) -> None:
    for edit in SAME[flipped]:
        folder.edit(*edit)
    assert folder.run() == NOTHING


@pytest.mark.parametrize("flipped", OPTIONS)
def test_options_of_a_run_ask_nothing(folder: Folder, flipped: str) -> None:
    assert folder.run(**OPTIONS[flipped]) == NOTHING


def test_a_moved_project_asks_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.path.rename(folder.path.with_name("q"))
    moved = Folder(folder.path.with_name("q"))
    use(monkeypatch, moved.bodies)
    (moved.path / "specs/deep").mkdir(parents=True)
    (moved.path / "spec.yaml").rename(moved.path / "specs/deep/other.yaml")
    (moved.path / "prompts").rename(moved.path / "specs/deep/prompts")
    (moved.path / "rows.jsonl").rename(moved.path / "specs/deep/lines.jsonl")
    (moved.path / ".atkc").rename(moved.path / "elsewhere")
    moved.edit("specs/deep/other.yaml", "path: rows.jsonl", "path: lines.jsonl")
    assert moved.run("specs/deep/other.yaml", cache="elsewhere") == NOTHING


def test_rows_of_another_reader_ask_nothing(folder: Folder) -> None:
    rows = (folder.path / "rows.jsonl").read_text("utf-8").splitlines()
    folder.edit(SPEC, "read: jsonl", "read: inline")
    folder.edit(SPEC, "{path: rows.jsonl}", f"{{rows: [{', '.join(rows)}]}}")
    assert folder.run() == NOTHING


def test_a_new_version_of_a_function_runs_it_anew_and_asks_no_model_where_it_says_the_same(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, apply = FUNCTIONS["text.chunk"]
    newer = replace(signature, version=signature.version + 1)
    monkeypatch.setitem(FUNCTIONS._made, "text.chunk", (newer, apply))  # type: ignore[attr-defined]
    assert folder.run() == of("CUT")


def test_fresh_asks_all_again(folder: Folder) -> None:
    assert folder.run(fresh=True) == ALL
    assert folder.run() == NOTHING


@pytest.mark.parametrize("kind", ["call", "value", "embedding"])
def test_a_spoiled_entry_is_asked_for_again_alone(folder: Folder, kind: str) -> None:
    before = folder.files()
    with closing(sqlite3.connect(folder.path / ".atkc/store.sqlite")) as store, store:
        row, value = store.execute(
            "SELECT rowid, value FROM entry WHERE kind=? ORDER BY key LIMIT 1", (kind,)
        ).fetchone()
        spoiled = value[:-1] + bytes([value[-1] ^ 1])
        store.execute("UPDATE entry SET value=? WHERE rowid=?", (spoiled, row))
    assert folder.run().total() == 1
    assert folder.files() == before


@pytest.mark.parametrize("flipped", ["a byte of one row", "temperature", "seed of the run"])
def test_what_is_written_is_what_a_fresh_run_writes(
    folder: Folder, flipped: str, tmp_path: Path
) -> None:
    for edit in COUNTS[flipped][0]:
        folder.edit(*edit)
    folder.run()
    folder.run(cache=str(tmp_path / "empty"), output="fresh")
    assert folder.files() == folder.files("fresh")
