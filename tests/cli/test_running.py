"""`atkc run`: limits, folders, exit codes and the last line."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.cli.entry import run
from atkc.cli.models import models_of
from atkc.cli.run_options import RunOptions
from atkc.cli.running import _limits, _target
from atkc.cli.summary import drawn
from atkc.compiler.plan import Endpoint, Model, Node, Plan, SourceOp
from atkc.runtime.errors import UsageError
from atkc.runtime.ledger import Taken
from tests.e2e.kit import Project, files, make_project, manifest


def source(step: str) -> Node:
    op = SourceOp(reader="inline", version=1, options={})
    return Node(id=step, type="source", op=op, ports={"main": "{}"}, cardinality="0:n")


PLAN = Plan(name="My Plan/1", nodes=[source("a"), source("b/x"), source("b/y")])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path)
    monkeypatch.chdir(made.folder)
    return made


@pytest.mark.parametrize(
    ("written", "limits", "folder"),
    [
        ((), {}, "outputs/My-Plan-1"),
        (("5",), {"": 5}, "outputs/My-Plan-1.limit-5"),
        (("0",), {"": 0}, "outputs/My-Plan-1.limit-0"),
        (("a=2",), {"a": 2}, "outputs/My-Plan-1.limit-a-2"),
        (("b=2",), {"b/x": 2, "b/y": 2}, "outputs/My-Plan-1.limit-b-2"),
        (("b/x=2",), {"b/x": 2}, "outputs/My-Plan-1.limit-b-x-2"),
        (("a=1", "3"), {"a": 1, "": 3}, "outputs/My-Plan-1.limit-3-a-1"),
    ],
)
def test_a_limit_has_a_folder_of_its_own(
    written: tuple[str, ...], limits: dict[str, int], folder: str
) -> None:
    found = _limits(written, PLAN)
    assert found == limits
    assert _target(RunOptions("s", limits=written), PLAN, found) == Path(folder)


def test_a_limit_stands_beside_the_output_that_was_named() -> None:
    options = RunOptions("s", limits=("1",), output="there/")
    assert _target(options, PLAN, {"": 1}) == Path("there.limit-1")


@pytest.mark.parametrize("written", ["x", "-1", "1.5", "", "²", "c=1", "=", "a="])
def test_other_limits_are_refused(written: str) -> None:
    with pytest.raises(UsageError):
        _limits((written,), PLAN)


def test_the_last_line_tells_calls_cache_and_failures(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", "spec.yaml"]) == 0
    calls = manifest(project.output)["run"]["calls"]
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"{calls} model calls, 0 from cache, 0 records failed"
    assert run(["run", "spec.yaml"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"0 model calls, {calls} from cache, 0 records failed"


def test_failed_records_have_an_exit_code_and_a_line(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("docs/empty.txt", "")
    assert run(["run", "spec.yaml"]) == 4
    told = capsys.readouterr()
    assert told.out.splitlines()[-1].endswith(" 1 records failed")
    place = "outputs/small/failed/documents.jsonl"
    assert f"failed in documents: 1 empty; see {place}\n" in told.err
    assert (project.folder / place).exists()
    (project.folder / "docs/empty.txt").unlink()
    assert run(["run", "spec.yaml"]) == 0
    assert not (project.output / "failed").exists()


def test_output_and_cache_go_where_they_are_told(project: Project, tmp_path: Path) -> None:
    assert run(["run", "spec.yaml", "--output", "o", "--cache", "c"]) == 0
    assert files(tmp_path / "o")
    assert (tmp_path / "c/store.sqlite").exists()
    assert not (tmp_path / ".atkc").exists()
    assert not (tmp_path / "outputs").exists()


def test_prices_are_looked_up_for_remote_models_only() -> None:
    here = Endpoint(api_base="http://127.0.0.1:9/v1")
    models = {
        "free": Model(model="atkc/extractive", endpoint=here),
        "sold": Model(model="openai/gpt-4o-mini", endpoint=Endpoint()),
        "own": Model(model="openai/gpt-4o-mini", endpoint=here),
    }
    found = models_of(Plan(name="p", nodes=[], models=models))
    assert found["free"].price_in == 0.0
    assert (found["sold"].price_in or 0) > 0
    assert found["own"].price_in is None


def test_what_was_drawn_by_tokens_is_a_table() -> None:
    takes = [
        Taken("mixed.share", "tokens", 3000, 2950, 0, 35),
        Taken("subset", "records", 30, 30, 0, 30),
        Taken("few", "tokens", 500, 20, 480, 1),
    ]
    assert drawn(takes).splitlines() == [
        "drawn by tokens  target  drawn  short  records",
        "mixed.share        3000   2950      0       35",
        "few                 500     20    480        1",
    ]
    assert drawn(takes[1:2]) == ""


CONFIG = """\
  config:
    type: export
    from: texts.files
    format: axolotl
    path: train.yaml
    with: {stage: pretrain, base_model: b, more_data: [votes]}
"""


def test_few_steps_are_warned_of(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    spec = project.folder / "spec.yaml"
    spec.write_text(spec.read_text("utf-8") + CONFIG, encoding="utf-8")
    assert run(["run", "spec.yaml"]) == 0
    assert "raise `votes`, or train more epochs" in capsys.readouterr().err
    told = manifest(project.output)
    assert [warning["kind"] for warning in told["warnings"]] == ["few-steps"]
    (entry,) = (file for file in told["files"] if file["path"] == "train.yaml")
    assert entry["facts"]["steps"] == 12
