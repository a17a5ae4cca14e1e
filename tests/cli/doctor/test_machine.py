"""This machine: packages, room, the cache, scanned pages, the Hub."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest
from aiohttp import web

from atkc.cli.doctor.case import Case
from atkc.cli.doctor.finding import Finding
from atkc.cli.doctor.machine import cache, disk, hub, ocr, versions
from atkc.cli.loading import Chosen, compiled
from atkc.runtime.storage.schema import VERSION
from atkc.runtime.storage.store import open_store
from atkc.stdlib.model_server.serving import running

Usage = namedtuple("Usage", "total used free")
SPEC = """\
atkc: 1
name: case
steps:
  rows: {type: source, %s}
  file: {type: export, from: rows, format: jsonl, path: a.jsonl}
"""
DOCUMENTS = "read: documents, with: {path: docs, ocr: %s}"
HUB = "read: huggingface, fields: {text: string}, with: {path: some/set, online: %s}"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    return tmp_path


def case(here: Path, source: str | None = None) -> Case:
    plan = None
    if source is not None:
        (here / "spec.yaml").write_text(SPEC % source, encoding="utf-8")
        plan = compiled(Chosen("spec.yaml")).plan
        assert plan is not None
    return Case(plan, here / "cache", here / "outputs" / "deep")


def told(found: list[Finding]) -> list[tuple[str, str]]:
    return [(f.status, f.said) for f in found]


def test_packages_within_their_bounds_are_ok(here: Path) -> None:
    (found,) = asyncio.run(versions.check(case(here)))
    assert found.status == "ok"


@pytest.mark.parametrize(
    ("wanted", "phrases"),
    [
        (["click>=1"], []),
        (["click>=99"], [f"click is {metadata.version('click')}, wanted is >=99"]),
        (["no-such-package-of-ours"], ["no-such-package-of-ours is not installed"]),
        (["no-such-package-of-ours; extra == 'test'"], []),
    ],
)
def test_a_package_that_misfits_is_told(wanted: list[str], phrases: list[str]) -> None:
    assert list(versions.misfits(wanted)) == phrases


@pytest.mark.parametrize(
    ("free", "status"), [(50 << 30, "ok"), (1 << 30, "warning"), (1 << 20, "problem")]
)
def test_room_is_told_for_folders_that_do_not_exist_yet(
    here: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _p: Usage(free, 0, free))
    found = asyncio.run(disk.check(case(here)))
    assert [f.status for f in found] == [status] * 2
    assert [f"`{here}`" in f.said for f in found] == [True] * 2


def test_a_folder_that_cannot_be_written_is_a_problem(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    found = asyncio.run(disk.check(case(here)))
    assert [f.status for f in found] == ["problem"] * 2


def test_a_cache_that_is_not_there_is_not_made(here: Path) -> None:
    (found,) = asyncio.run(cache.check(case(here)))
    assert found.status == "ok"
    assert not (here / "cache").exists()


def test_a_cache_opens(here: Path) -> None:
    open_store(here / "cache").close()
    (found,) = asyncio.run(cache.check(case(here)))
    assert (found.status, f"version {VERSION}" in found.said) == ("ok", True)


@pytest.mark.parametrize("kind", ["garbage", "newer"])
def test_a_cache_that_does_not_open_is_a_problem(here: Path, kind: str) -> None:
    open_store(here / "cache").close()
    file = here / "cache" / "store.sqlite"
    if kind == "garbage":
        file.write_bytes(b"no database, by far" * 100)
    else:
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE meta SET value=99 WHERE name='version'")
        connection.close()
    (found,) = asyncio.run(cache.check(case(here)))
    assert found.status == "problem"
    assert "`--cache`" in found.fix


def test_a_network_file_system_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "network_file_system", lambda _p: "nfs4")
    found = asyncio.run(cache.check(case(here)))
    assert [f.status for f in found] == ["warning", "ok"]
    assert "nfs4" in found[0].said


@pytest.mark.parametrize(
    ("setting", "languages", "status"),
    [
        ("auto", ["deu", "eng"], "ok"),
        ("auto", [], "problem"),
        ("'off'", [], "ok"),
    ],
)
def test_scanned_pages_need_tesseract_only_where_they_are_read(
    here: Path, monkeypatch: pytest.MonkeyPatch, setting: str, languages: list[str], status: str
) -> None:
    monkeypatch.setattr(ocr, "found_languages", lambda: languages)
    (found,) = asyncio.run(ocr.check(case(here, DOCUMENTS % setting)))
    assert found.status == status
    assert all(language in found.said for language in languages)


@pytest.mark.parametrize("present", [True, False])
def test_languages_are_those_of_the_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch, present: bool
) -> None:
    import pymupdf

    def folder() -> str:
        if not present:
            raise RuntimeError("no tessdata")
        return str(here)

    for name in ("eng", "deu", "osd"):
        (here / f"{name}.traineddata").touch()
    monkeypatch.setattr(pymupdf, "get_tessdata", folder)
    assert ocr.found_languages() == (["deu", "eng"] if present else [])


def test_the_hub_is_tried_only_where_a_source_asks_for_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with running(web.Application()) as url:
            monkeypatch.setenv("HF_ENDPOINT", url)
            assert await hub.check(case(here, HUB % "false")) == []
            (found,) = await hub.check(case(here, HUB % "true"))
            assert found.status == "ok"
        (found,) = await hub.check(case(here, HUB % "true"))
        assert found.status == "problem"
        assert "Connection refused" in found.said

    asyncio.run(go())
