"""The output folder: whose it is, who holds it, and what a publication replaces."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.errors import InputError
from atkc.runtime.publish import (
    EVENTS,
    JOURNAL,
    MANIFEST,
    claimed,
    fingerprint,
    owned_files,
    publish,
)


def put(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def listing(*paths: str) -> dict[str, Any]:
    return {"atkc_manifest": 1, "files": [{"path": path} for path in paths]}


def publication(target: Path, **texts: str) -> None:
    """Publish files with these texts; `__` in a name stands for `/`."""
    with claimed(target) as staging:
        put(staging, **texts)
        publish(staging, target, listing(*(name.replace("__", "/") for name in texts)))


def tree(folder: Path) -> dict[str, str]:
    found = (p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in found}


def test_files_come_with_their_manifest_and_leave_no_staging(tmp_path: Path) -> None:
    publication(tmp_path / "out", a="1", deep__b="2")
    assert tree(tmp_path) == {"out/a": "1", "out/deep/b": "2"}
    told = json.loads((tmp_path / "out" / MANIFEST).read_bytes())
    assert told == listing("a", "deep/b")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_unfinished_run_leaves_old_files_and_no_staging(tmp_path: Path) -> None:
    publication(tmp_path / "out", a="1")
    staged: list[Path] = []

    def unfinished() -> None:
        with claimed(tmp_path / "out") as staging:
            put(staging, a="2")
            staged.append(staging)
            raise KeyError

    with pytest.raises(KeyError):
        unfinished()
    assert not staged[0].exists()
    assert tree(tmp_path) == {"out/a": "1"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": "1", "b": "1"}, {"b": "2"}),
        ({"deep__a": "1"}, {"a": "2"}),
        ({"deep__er__a": "1", "deep__b": "1"}, {"deep__b": "2"}),
        ({"a": "1"}, {"a__b": "2"}),
        ({"a__b": "1"}, {"a": "2"}),
        ({"a": "1"}, {}),
    ],
)
def test_what_is_no_longer_made_goes_with_its_empty_folders(
    tmp_path: Path, first: dict[str, str], second: dict[str, str]
) -> None:
    target = tmp_path / "out"
    publication(target, **first)
    publication(target, **second)
    assert tree(target) == {name.replace("__", "/"): text for name, text in second.items()}
    assert all(any(folder.iterdir()) for folder in target.rglob("*") if folder.is_dir())


def test_files_of_others_stay(tmp_path: Path) -> None:
    publication(tmp_path / "out", a="1", deep__b="1")
    put(tmp_path / "out", mine="x", deep__mine="x")
    publication(tmp_path / "out", c="2")
    assert tree(tmp_path / "out") == {"mine": "x", "deep/mine": "x", "c": "2"}


def test_files_that_somebody_removed_are_not_missed(tmp_path: Path) -> None:
    publication(tmp_path / "out", deep__b="1")
    (tmp_path / "out/deep/b").unlink()
    (tmp_path / "out/deep").rmdir()
    publication(tmp_path / "out", c="2")
    assert tree(tmp_path / "out") == {"c": "2"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [({"b": "x"}, {"b": "2"}), ({"b": "x"}, {"b__c": "2"}), ({"b__c": "x"}, {"b": "2"})],
    ids=["a file", "a file for a folder", "a folder with a file"],
)
def test_what_is_in_the_way_stops_all_before_anything_is_moved(
    tmp_path: Path, theirs: dict[str, str], ours: dict[str, str]
) -> None:
    target = tmp_path / "out"
    publication(target, a="1")
    put(target, **theirs)
    before = tree(target)
    with pytest.raises(InputError) as caught:
        publication(target, a="2", **ours)
    assert caught.value.diagnostic.code == "ATK006"
    assert tree(target) == before


def foreign(target: Path) -> None:
    put(target, photo="x")


def foreign_manifest(target: Path) -> None:
    put(target, **{MANIFEST: '{"name": "a web page"}'})


def no_json(target: Path) -> None:
    put(target, **{MANIFEST: "{"})


def a_file(target: Path) -> None:
    target.write_text("x", encoding="utf-8")


@pytest.mark.parametrize("make", [foreign, foreign_manifest, no_json, a_file])
def test_a_folder_of_others_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "out")
    with pytest.raises(InputError) as caught, claimed(tmp_path / "out"):
        pass
    assert caught.value.diagnostic.code == "ATK006"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_and_one_with_events_alone_are_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    publication(tmp_path / "out", a="1")
    put(tmp_path / "other", **{EVENTS: ""})
    publication(tmp_path / "other", a="1")
    assert tree(tmp_path / "other") == {"a": "1", EVENTS: ""}


def test_only_one_run_holds_a_folder_and_the_others_do_it_no_harm(tmp_path: Path) -> None:
    with claimed(tmp_path / "out") as staging:
        put(staging, a="1")
        with pytest.raises(InputError) as caught, claimed(tmp_path / "out"):
            pass
        assert caught.value.diagnostic.code == "ATK007"
        assert tree(staging) == {"a": "1"}
        publish(staging, tmp_path / "out", listing("a"))
    publication(tmp_path / "out", a="2")


def test_a_folder_that_somebody_removed_is_made_again(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with claimed(target) as staging:
        put(staging, a="1")
        target.rmdir()
        publish(staging, target, listing("a"))
    assert tree(target) == {"a": "1"}


def test_a_kill_while_files_are_moved_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal says which files are ours, also where no manifest came to be."""
    target = tmp_path / "out"
    moved: list[str] = []
    replace = Path.replace

    def failing(self: Path, to: Path) -> Path:
        if to.name == "c":
            raise KeyboardInterrupt
        moved.append(to.name)
        return replace(self, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing)
        with pytest.raises(KeyboardInterrupt):
            publication(target, a="1", c="1")
    assert moved == [JOURNAL, "a"]
    assert sorted(owned_files(target)) == ["a", "c"]
    publication(target, c="2")
    assert tree(target) == {"c": "2"}


def test_a_manifest_that_was_edited_reaches_no_file_outside(tmp_path: Path) -> None:
    put(tmp_path, precious="x")
    put(tmp_path / "out", **{MANIFEST: json.dumps(listing("../precious", "b"))})
    publication(tmp_path / "out", a="1")
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("files", ["[1]", "3", '[{"name": "x"}]'])
def test_a_damaged_manifest_of_ours_owns_nothing(tmp_path: Path, files: str) -> None:
    put(tmp_path, **{MANIFEST: f'{{"atkc_manifest": 1, "files": {files}}}'})
    assert owned_files(tmp_path) == []


def test_on_a_mount_the_staging_folder_lies_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda self: self.name == "out")
    with claimed(tmp_path / "out") as staging:
        assert staging.parent == tmp_path / "out"
    publication(tmp_path / "out", a="1")
    assert tree(tmp_path / "out") == {"a": "1"}


def test_a_folder_may_be_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    publication(Path(), a="1")
    assert tree(tmp_path) == {"here/a": "1"}


def test_a_fingerprint_is_size_and_sum(tmp_path: Path) -> None:
    put(tmp_path, a="abc")
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert fingerprint(tmp_path / "a") == {"bytes": 3, "sha256": sha256}
