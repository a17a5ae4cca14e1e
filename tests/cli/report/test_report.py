"""`report.html`: what a run leaves is what its manifest says, and nothing else may run or load."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from atkc.cli.entry import run
from atkc.runtime.publish import REPORT, REPORT_MARK
from tests.cli.report.projects import refusing
from tests.cli.report.reading import Page, count, page_of
from tests.e2e.kit import Project, manifest, rows

ALWAYS = {"head", "flow", "costs", "funnel", "documents", "votes", "files", "samples"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return refusing(tmp_path_factory.mktemp("reported"))


@pytest.fixture
def project(ran: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    shutil.copytree(ran.folder, tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    return Project(tmp_path / "p")


@pytest.fixture(scope="module")
def page(ran: Project) -> Page:
    return page_of(ran.output / REPORT)


def test_a_run_with_rejects_and_failures_has_all_sections(page: Page) -> None:
    assert set(page.sections) == {*ALWAYS, "failures", "rejects"}


def test_the_head_tells_the_numbers_of_the_manifest(ran: Project, page: Page) -> None:
    told = manifest(ran.output)
    head = page.sections["head"].text
    assert head.startswith(f"complete {told['run']['started']}")
    for name, value in [
        ("model calls", told["run"]["calls"]),
        ("from cache", told["run"]["from_cache"]),
        ("tokens in", told["run"]["prompt_tokens"]),
        ("tokens out", told["run"]["completion_tokens"]),
        ("failed records", 1),
    ]:
        assert f"{name}{value:,}" in head


def test_costs_by_step_and_by_model_sum_to_those_of_the_manifest(ran: Project, page: Page) -> None:
    run_ = manifest(ran.output)["run"]
    whole = [run_[name] for name in ("calls", "from_cache", "prompt_tokens", "completion_tokens")]
    for table in (0, 1):
        told = page.sections["costs"].rows(table)
        sums = [sum(count(row[at]) for row in told.values()) for at in range(4)]
        assert sums == whole
    assert set(page.sections["costs"].rows(0)) == {"worthwhile", "pairs"}
    assert set(page.sections["costs"].rows(1)) == {"judge", "writer"}


def test_the_funnel_is_the_ledger(ran: Project, page: Page) -> None:
    told = page.sections["funnel"].rows()
    ledger = {row["step"]: row for row in manifest(ran.output)["ledger"]}
    first, last = ledger.pop("chunks.1"), ledger.pop("chunks.2")  # the actions of a map
    assert told["chunks"][:2] == [str(first["came"]), str(last["out"])]
    for step, row in ledger.items():
        cells = told[step]
        assert (count(cells[0]), count(cells[1])) == (row["came"], row["out"])
        # the third cell is the bar
        names = ("filtered", "duplicate", "failed", "merged", "not_drawn", "expanded")
        assert [count(cell) for cell in cells[3:]] == [row.get(name, 0) for name in names]


def test_the_graph_shows_records_and_a_click_opens_the_books(page: Page) -> None:
    text = page.sections["flow"].text
    assert "vote · 8 → 7" in text
    assert "rejected 1" in text  # at the wire
    boxes = {v for tag, name, v in page.attributes if name == "id" and v.startswith("box-")}
    panels = {v for tag, name, v in page.attributes if name == "id" and v.startswith("panel-")}
    assert {b.removeprefix("box-") for b in boxes} == {p.removeprefix("panel-") for p in panels}
    assert len(boxes) == 8


def test_yields_are_those_of_the_sidecars_and_who_fed_nothing_stands_first(
    ran: Project, page: Page
) -> None:
    section = page.sections["documents"]
    trails = rows(ran.output / "provenance/sft/pairs.jsonl.jsonl")
    told = {name: count(cells[0]) for name, cells in section.rows().items()}
    assert sum(told.values()) == len(trails)
    for name, number in told.items():
        assert number == sum(t["sources"][0]["source"] == name for t in trails)
    assert "2 of the documents have fed no record" in section.text
    assert section.text.index("contents.txt") < section.text.index("bridge.txt")


def test_votes_are_told_with_their_verdicts(page: Page) -> None:
    cells = page.sections["votes"].rows()["worthwhile"]
    assert cells[:4] == ["8", "7", "1", ""]
    assert cells[5:] == ["100.0", "100.0", "1.00", "2–0: 7, 0–2: 1"]


def test_failures_and_rejects_are_shown(page: Page) -> None:
    assert page.sections["failures"].tables[0][1] == ["failed/documents.jsonl", "empty", "1"]
    assert "`empty.txt` has no content" in page.sections["failures"].text
    assert "refused.jsonl:1" in page.sections["rejects"].text
    assert "3 Orchards 12" in page.sections["rejects"].text


def test_files_and_samples_are_those_that_were_written(ran: Project, page: Page) -> None:
    told = page.sections["files"].rows()
    for entry in manifest(ran.output)["files"]:
        if entry["role"] != "provenance":
            cells = told.pop(entry["path"])
            assert [count(c) for c in cells[1:3]] == [entry["records"], entry["tokens"]]
    assert not told
    first = rows(ran.output / "sft/pairs.jsonl")[0]["conversations"][1]["value"]
    assert first in page.sections["samples"].text


def test_nothing_is_loaded_and_nothing_but_the_page_s_own_script_may_run(page: Page) -> None:
    assert page.elements["script"] == 1
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(page.elements)
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] == "style"]
    assert all(v.startswith("#") for _, name, v in page.attributes if name in ("href", "src"))
    (policy,) = (v for _, name, v in page.attributes if name == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none'; ")
    digest = hashlib.sha256(page.texts["script"].encode()).digest()
    script = re.search(r"script-src ([^;]*);", policy)
    assert script is not None
    assert script[1] == f"'sha256-{base64.b64encode(digest).decode()}'"


def test_the_report_is_made_again_from_the_folder_alone(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.output, tmp_path / "elsewhere")
    made = (project.output / REPORT).read_bytes()
    assert run(["report", str(tmp_path / "elsewhere"), "-o", str(tmp_path / "again.html")]) == 0
    assert (tmp_path / "again.html").read_bytes() == made
    (project.output / REPORT).unlink()
    assert run(["report", str(project.output)]) == 0
    assert (project.output / REPORT).read_bytes() == made


def test_a_run_without_a_report_takes_the_former_one_away(project: Project) -> None:
    assert run(["run", "spec.yaml", "--no-report"]) == 4
    assert not (project.output / REPORT).exists()
    assert run(["run", "spec.yaml"]) == 4
    assert (project.output / REPORT).read_text("utf-8").startswith(REPORT_MARK)


@pytest.mark.parametrize("option", ["--report", "--no-report"])
def test_a_file_of_that_name_that_is_not_ours_stays(
    project: Project, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (project.output / REPORT).write_text("mine", encoding="utf-8")
    assert run(["run", "spec.yaml", option]) == 4
    assert (project.output / REPORT).read_text("utf-8") == "mine"
    assert ("no report:" in capsys.readouterr().err) == (option == "--report")
    assert run(["report", str(project.output)]) == 1
    assert "ATK071" in capsys.readouterr().err


def test_a_folder_without_a_run_has_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", str(tmp_path)]) == 1
    assert "ATK070" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_stopped_run_reports_how_far_it_came(project: Project) -> None:
    before = manifest(project.output)
    assert run(["run", "spec.yaml", "--fresh", "--max-calls", "4"]) == 5
    assert manifest(project.output) == before
    page = page_of(project.output / REPORT)
    head = page.sections["head"].text
    assert head.startswith("not complete: stopped by a cap")
    assert "model calls4" in head
    assert "are of an earlier run" in head
    # nothing is told of the files of that earlier run
    assert not {"files", "samples", "documents", "rejects"} & set(page.sections)
    assert page.sections["flow"].tables


def test_a_run_that_was_stopped_at_first_leaves_a_folder_that_the_next_one_takes(
    project: Project,
) -> None:
    assert run(["run", "spec.yaml", "--output", "new", "--fresh", "--max-calls", "0"]) == 5
    assert sorted(p.name for p in (project.folder / "new").iterdir()) == [
        "INCOMPLETE.json",
        "events.jsonl",
        REPORT,
    ]
    assert run(["run", "spec.yaml", "--output", "new"]) == 4
    assert page_of(project.folder / "new" / REPORT).sections["head"].text.startswith("complete")


def test_a_run_with_a_limit_says_that_it_is_partial(project: Project) -> None:
    run(["run", "spec.yaml", "--limit", "1"])
    page = page_of(project.folder / "outputs/small.limit-1" / REPORT)
    assert page.sections["head"].text.startswith("partial")


def test_without_sidecars_no_yield_is_made_up(project: Project) -> None:
    run(["run", "spec.yaml", "--no-provenance", "--output", "bare"])
    section = page_of(project.folder / "bare" / REPORT).sections["documents"]
    assert "No file has provenance" in section.text
    assert section.tables == []


def test_a_run_that_was_killed_is_told_by_its_events(project: Project) -> None:
    events = project.output / "events.jsonl"
    kept = [e for e in events.read_bytes().splitlines() if b'"books"' not in e]
    events.write_bytes(b"\n".join(kept[:-1]) + b'\n{"time":"2')
    assert run(["report", str(project.output)]) == 0
    page = page_of(project.output / REPORT)
    assert page.sections["head"].text.startswith("not complete: killed, or still running")
    assert page.sections["funnel"].rows()["pairs"][:2] == ["7", "14"]
    assert "flow" not in page.sections


def test_a_copy_without_a_document_has_no_events_and_says_what_is_gone(project: Project) -> None:
    words = ["trace", "outputs/small", "--document", "bridge.txt", "--forget", "copy"]
    assert run(words) == 0
    assert run(["report", "copy"]) == 0
    page = page_of(project.folder / "copy" / REPORT)
    head = page.sections["head"].text
    assert head.startswith("complete")
    assert "documents/bridge.txt" in head
    assert "bridge.txt" not in page.sections["documents"].rows()
    assert "flow" not in page.sections
    assert "The run told no costs by step." in page.sections["costs"].text


@pytest.mark.parametrize(
    ("came", "alarm"),
    [
        ({"came": 9, "out": 0, "filtered": 9}, "let nothing through: 9 of 9 were refused"),
        ({"came": 9, "out": 0, "failed": 9}, "all 9 records failed"),
        ({"came": 9, "out": 1, "filtered": 8}, ""),
    ],
)
def test_a_judge_that_passes_nothing_is_told_loudly(
    project: Project, came: dict[str, int], alarm: str
) -> None:
    events = project.output / "events.jsonl"
    lines = [json.loads(line) for line in events.read_bytes().splitlines()]
    (books,) = (line for line in lines if line["event"] == "books")
    (row,) = (row for row in books["rows"] if row["step"] == "worthwhile")
    row.update({"filtered": 0, "failed": 0, **came})
    events.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert run(["report", str(project.output)]) == 0
    head = page_of(project.output / REPORT).sections["head"].text
    assert ("worthwhile" in head) == bool(alarm)
    assert alarm in head
