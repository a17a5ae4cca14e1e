"""Bad input: an exit code, a code, a place and a sentence; never a traceback, never a loss."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import atkc.cli
from atkc.cli.entry import run
from atkc.cli.errors import guarded
from atkc.runtime.errors import (
    AtkcError,
    InputError,
    Permanent,
    StopRun,
    StoreError,
    UsageError,
)
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Span
from tests.e2e.kit import Project, files, make_project

Change = Callable[[Project], object]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path / "project")
    monkeypatch.chdir(made.folder)
    return made


def spec(old: str, new: str) -> Change:
    return lambda project: project.change("spec.yaml", old, new)


def written(name: str, content: str | bytes) -> Change:
    return lambda project: project.write(name, content)


def nothing(_project: Project) -> None:
    """Leave the project as it is."""


def without_documents(project: Project) -> None:
    for file in (project.folder / "docs").iterdir():
        file.unlink()


def without_folder(project: Project) -> None:
    without_documents(project)
    (project.folder / "docs").rmdir()


def cycle_of_use(project: Project) -> None:
    steps = "steps:\n  s: {{type: use, use: {1}.yaml}}\n"
    inner = f"atkc: 1\nname: {{0}}\n{steps}outputs: {{{{main: {{{{from: s}}}}}}}}\n"
    project.write("a.yaml", inner.format("a", "b"))
    project.write("b.yaml", inner.format("b", "a"))


RUN = "run spec.yaml"

# (what is broken, the command, exit code, what the standard error must hold)
BROKEN: list[tuple[str, Change, str, int, tuple[str, ...]]] = [
    ("unknown key", spec("votes: \"", "vots: \""), RUN, 1,
     ("spec.yaml:30:5:", "ATK201", "`votes`")),
    ("wrong type", spec("max_tokens: 60,", "max_tokens: sixty,"), RUN, 1,
     ("spec.yaml:24:24:", "ATK202")),
    ("no type", spec("    type: vote-filter\n", ""), RUN, 1, ("spec.yaml:25:3:", "ATK203")),
    ("step type", spec("type: vote-filter", "type: vote-fliter"), RUN, 1,
     ("spec.yaml:26:11:", "ATK204", "`vote-filter`")),
    ("step name", spec("from: documents", "from: document"), RUN, 1,
     ("spec.yaml:22:11:", "ATK300", "`documents`")),
    ("cyclic steps", spec("from: documents", "from: turns"), RUN, 1, ("spec.yaml:", "ATK310")),
    ("cyclic use", cycle_of_use, "run a.yaml", 1, (".yaml:4:", "ATK311")),
    ("prompt file", lambda p: (p.folder / "prompts/ask.yaml").unlink(), RUN, 1,
     ("spec.yaml:36:13:", "ATK001", "prompts/ask.yaml")),
    ("prompt field", lambda p: p.change("prompts/ask.yaml", "{{ text }}", "{{ txet }}"), RUN, 1,
     ("prompts/ask.yaml:9:", "`text`")),
    ("unknown model", spec("model: writer\n", "model: writter\n"), RUN, 1,
     ("spec.yaml:35:12:", "ATK302", "`writer`")),
    ("no YAML", spec("steps:\n", "steps: [\n"), RUN, 1, ("spec.yaml:", "ATK1")),
    ("empty spec", written("spec.yaml", ""), RUN, 1, ("spec.yaml:1:1:", "ATK202")),
    ("binary spec", written("spec.yaml", b"\xff\xfe\x00atkc"), RUN, 1, ("spec.yaml", "ATK001")),
    ("missing spec", nothing, "run nope.yaml", 1, ("nope.yaml", "ATK001")),
    ("folder for a spec", nothing, "run docs", 1, ("`docs`", "ATK001")),
    ("path outside", spec("default: docs", "default: ../docs"), RUN, 1,
     ("spec.yaml:4:3:", "ATK002", "`../docs`")),
    ("prompt outside", spec("prompt: prompts/ask.yaml", "prompt: ../ask.yaml"), RUN, 1,
     ("spec.yaml:36:13:", "ATK002")),
    ("output outside", spec("path: texts.jsonl", "path: ../texts.jsonl"), RUN, 1,
     ("spec.yaml:52:11:", "ATK002")),
    ("name of ours", spec("path: texts.jsonl", "path: manifest.json"), RUN, 1,
     ("spec.yaml:52:11:", "ATK205")),
    ("two outputs", spec("path: texts.jsonl", "path: sft/pairs.jsonl"), RUN, 1,
     ("spec.yaml:", "ATK313")),
    ("unset value", spec(", default: docs", ""), RUN, 1,
     ("spec.yaml:4:3:", "ATK005", "--set documents=")),
    ("missing folder", without_folder, RUN, 1, ("spec.yaml:16:3:", "ATK001", "docs`")),
    ("empty folder", without_documents, RUN, 1, ("spec.yaml:16:3:", "ATK604", ".pdf")),
    ("unknown --set", nothing, f"{RUN} --set vots=3", 1, ("ATK003", "`votes`")),
    ("--set no value", nothing, f"{RUN} --set votes", 2, ("--set votes",)),
    ("--set type", nothing, f"{RUN} --set votes=many", 1, ("spec.yaml:9:3:", "ATK004", "'many'")),
    ("--set bound", nothing, f"{RUN} --set votes=0", 1, ("spec.yaml:9:3:", "ATK004")),
    ("--params missing", nothing, f"{RUN} --params nope.yaml", 2, ("nope.yaml",)),
    ("--params no YAML", written("p.yaml", "votes: [1"), f"{RUN} --params p.yaml", 2,
     ("p.yaml:1:8",)),
    ("--params list", written("p.yaml", "[1]"), f"{RUN} --params p.yaml", 2, ("p.yaml",)),
    ("--params name", written("p.yaml", "voted: 3"), f"{RUN} --params p.yaml", 1,
     ("p.yaml", "ATK003", "`votes`")),
    ("--limit word", nothing, f"{RUN} --limit x", 2, ("--limit x",)),
    ("--limit step", nothing, f"{RUN} --limit nope=3", 2, ("`nope`", "documents")),
    ("--limit sign", nothing, f"{RUN} --limit ²", 2, ("--limit ²",)),
    ("--max-calls", nothing, f"{RUN} --max-calls -1", 2, ("--max-calls",)),
    ("unknown option", nothing, f"{RUN} --frsh", 2, ("--frsh", "--fresh")),
    ("unknown command", nothing, "rum spec.yaml", 2, ("rum",)),
    ("--env-file missing", nothing, f"{RUN} --env-file nope", 2, ("nope",)),
    ("--env-file line", written("e", "KEY\n"), f"{RUN} --env-file e", 2, ("e:1:",)),
    ("damaged plan", written("plan.json", '{"name": '), "run plan.json", 1,
     ("plan.json", "ATK008")),
    ("other plan", written("plan.json", "{}"), "run plan.json", 1, ("plan.json", "ATK008")),
    ("binary plan", written("plan.json", b"\xff\x00"), "run plan.json", 1, ("plan.json", "ATK001")),
    ("missing plan", nothing, "run plan.json", 1, ("plan.json", "ATK001")),
    ("--set for a plan", written("plan.json", "{}"), "run plan.json --set votes=1", 2, ("--set",)),
    ("cache is a file", written("c", "x"), f"{RUN} --cache c", 6, ("ATK706", "`c`")),
    ("cache of others", written("c/store.sqlite", b"x" * 5000), f"{RUN} --cache c", 6, ("ATK706",)),
    ("output is a file", written("f", "x"), f"{RUN} --output f", 1, ("ATK006",)),
    ("output below a file", written("f", "x"), f"{RUN} --output f/deep", 1, ("ATK001", "f/deep")),
    ("log file", nothing, f"{RUN} --log-file nope/x.log", 1, ("nope/x.log",)),
    ("log folder", nothing, f"{RUN} --log-file docs", 1, ("docs",)),
    ("plan to nowhere", nothing, "compile spec.yaml -o nope/p.json", 1, ("nope/p.json",)),
    ("lint a folder without specs", nothing, "lint docs", 2, ("`docs`",)),
]  # fmt: skip

MAKE_ROOM = "; make room and run the same command again: replies in the cache are kept"


@pytest.mark.parametrize(
    ("change", "command", "code", "told"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_what_is_broken_is_told_in_a_sentence(
    project: Project,
    capfd: pytest.CaptureFixture[str],
    change: Change,
    command: str,
    code: int,
    told: tuple[str, ...],
) -> None:
    change(project)
    assert run(command.split()) == code
    out, err = capfd.readouterr()
    for words in told:
        assert words in err
    assert "Traceback" not in err
    assert out == ""
    assert files(project.output) == {}
    assert not list(project.folder.glob("**/.*.staging"))


def test_a_parameter_without_a_value_passes_lint(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    project.change("spec.yaml", ", default: docs", "")
    assert run(["lint", "spec.yaml"]) == 0
    assert capfd.readouterr().out == "1 spec: 0 errors, 0 warnings\n"


def test_a_broken_spec_leaves_former_outputs_alone(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", "spec.yaml"]) == 0
    before = files(project.output)
    project.change("spec.yaml", "model: writer\n", "model: writter\n")
    assert run(["run", "spec.yaml"]) == 1
    assert files(project.output) == before
    capfd.readouterr()


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UsageError("no `x`"), 2, "atkc: no `x`\n"),
        (InputError(Diagnostic("ATK001", "no `x`")), 1, "error[ATK001]: no `x`\n"),
        (
            InputError(Diagnostic("ATK001", "no `x`", Span("/a/s.yaml", 3, 5, 3, 6))),
            1,
            "/a/s.yaml:3:5: error[ATK001]: no `x`\n",
        ),
        (StopRun(Diagnostic("ATK704", "enough")), 5, "error[ATK704]: enough\n"),
        (Permanent("no key", fatal="ATK701"), 1, "atkc: error[ATK701]: no key\n"),
        (Permanent("no"), 1, "atkc: error[ATK703]: no\n"),
        (StoreError("full"), 6, "atkc: error[ATK706]: full\n"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            1,
            f"atkc: error[ATK001]: No space left on device{MAKE_ROOM}\n",
        ),
        (KeyboardInterrupt(), 130, "atkc: interrupted; the same command goes on from here\n"),
        (Permanent("red \x1b[31m"), 1, "atkc: error[ATK703]: red �[31m\n"),
    ],
)
def test_each_exception_has_its_exit_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, told: str
) -> None:
    def work() -> None:
        raise error

    assert guarded(work) == code
    assert capsys.readouterr().err == told


def test_an_interrupt_while_modules_are_loaded_has_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(atkc.cli, "_run", interrupted)
    monkeypatch.setattr(sys, "argv", ["atkc", "cache"])
    with pytest.raises(SystemExit) as ended:
        atkc.cli.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "atkc: interrupted; the same command goes on from here\n"


@pytest.mark.parametrize("error", [AtkcError("lost a row"), ValueError("x"), OSError(9999, "x")])
def test_a_bug_of_ours_becomes_a_file_to_send(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def work() -> None:
        raise error

    assert guarded(work) == 3
    err = capsys.readouterr().err
    (file,) = tmp_path.glob("atkc-bug-*.log")
    assert "ATK900" in err
    assert str(file) in err
    assert "Traceback" not in err
    assert "Traceback" in file.read_text(encoding="utf-8")


def test_a_reader_that_goes_away_is_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work() -> None:
        raise BrokenPipeError

    with (tmp_path / "out").open("w", encoding="utf-8") as sink:
        monkeypatch.setattr(sys, "stdout", sink)
        assert guarded(work) == 0
