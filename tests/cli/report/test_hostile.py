"""Documents, replies and even the folder's own files may be hostile: all of it stays text."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.entry import run
from tests.cli.report.projects import refusing
from tests.cli.report.reading import Page, page_of
from tests.e2e.kit import Project

EVIL = (
    "</script></pre></title></style>--><script>alert(1)</script>"
    "<img src=x onerror='y' \"z\"=\x00\ud800>"
)
# What names files, events, shapes and times: the reader goes by these.
FIXED = frozenset({"event", "how", "time", "path", "role", "columns", "atkc_manifest"})


def spoilt(value: Any) -> Any:
    """Return a value with markup after every string, and after most names."""
    match value:
        case str():
            return value and value + EVIL
        case list():
            return [spoilt(item) for item in value]
        case dict():
            return {_name(k): v if k in FIXED else spoilt(v) for k, v in value.items()}
    return value


def _name(name: str) -> str:
    known = name.isidentifier() and name not in ("documents", "worthwhile", "pairs", "text")
    return name if known else name + EVIL


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return refusing(tmp_path_factory.mktemp("calm"))


@pytest.fixture(scope="module")
def page(ran: Project, tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("hostile") / "out"
    shutil.copytree(ran.output, folder)
    request = {"messages": [{"role": "user", "content": "c"}]}
    failure = {"step": "s", "kind": "k", "message": "m", "request": request, "reply": "r"}
    failed = json.dumps({"failure": failure, "text": "t"})
    (folder / "failed/documents.jsonl").write_text(failed, encoding="utf-8")
    for file in folder.rglob("*.json*"):
        lines = file.read_text(encoding="utf-8")
        told = [lines] if file.suffix == ".json" else lines.splitlines()
        text = "\n".join(json.dumps(spoilt(json.loads(one))) for one in told)
        # halves of letters can stand in data only: no run writes them elsewhere
        ours = file.name in ("manifest.json", "events.jsonl") or "provenance" in file.parts
        file.write_text(text.replace("\\ud800", "") if ours else text, encoding="utf-8")
    assert run(["report", str(folder)]) == 0
    return page_of(folder / "report.html")


def test_no_element_and_no_attribute_comes_of_what_is_hostile(ran: Project, page: Page) -> None:
    calm = page_of(ran.output / "report.html")
    assert page.elements["script"] == 1
    assert page.elements["img"] == 0
    assert page.elements["style"] == calm.elements["style"]
    assert {name for _, name, _ in page.attributes} <= {name for _, name, _ in calm.attributes}
    assert page.texts == calm.texts


@pytest.mark.parametrize(
    "section",
    ["flow", "costs", "funnel", "documents", "votes", "failures", "rejects", "files", "samples"],
)
def test_it_is_shown_as_it_is(page: Page, section: str) -> None:
    told = page.sections[section].text
    assert "<script>alert(1)</script>" in told
    assert "\x00" not in told


def test_an_edited_manifest_does_not_reach_outside(ran: Project, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(ran.output, folder)
    (tmp_path / "secret.jsonl").write_text('{"key": "hidden-word"}\n', encoding="utf-8")
    told = json.loads((folder / "manifest.json").read_bytes())
    told["files"].append({**told["files"][0], "path": "../secret.jsonl"})
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    assert run(["report", str(folder)]) == 0
    assert "hidden-word" not in (folder / "report.html").read_text(encoding="utf-8")
