"""The output folder: one run at a time, other people's files safe, leftovers of ours removed."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.conftest import Serve
from tests.e2e.kit import Project, files, wait_for


def test_a_second_run_into_one_folder_is_refused_and_does_the_first_no_harm(
    project: Project, serve: Serve, expected: dict[str, bytes]
) -> None:
    server = serve("--latency", "0.3")
    first = project.start(*server.models())
    wait_for(lambda: server.stats()["completions"] >= 1)
    second = project.run("--set=writer=atkc/extractive")
    assert second.code == 1
    assert "ATK007" in second.err
    assert list(project.output.parent.glob(".*.staging"))  # of the first, which still runs
    first.communicate(timeout=30)
    assert first.returncode == 0
    assert files(project.output) == expected


def test_two_runs_at_once_share_a_cache(project: Project, serve: Serve) -> None:
    server = serve("--latency", "0.1")
    runs = [project.start("--output", name, *server.models()) for name in ("a", "b")]
    for run in runs:
        run.communicate(timeout=40)
        assert run.returncode == 0
    assert files(project.folder / "a") == files(project.folder / "b")
    assert files(project.folder / "a")


def test_a_folder_of_other_people_is_refused_and_left_alone(project: Project) -> None:
    for name in ("photo.jpg", "manifest.json"):
        project.write(f"theirs/{name}", "{}")
    before = {p: p.read_bytes() for p in (project.folder / "theirs").iterdir()}
    done = project.run("--output", "theirs")
    assert done.code == 1
    assert "ATK006" in done.err
    assert {p: p.read_bytes() for p in (project.folder / "theirs").iterdir()} == before


def test_files_no_longer_made_are_removed_and_those_of_others_stay(project: Project) -> None:
    project.run()
    project.write("outputs/small/notes.txt", "mine")
    project.write("outputs/small/sft/notes.txt", "mine")
    project.change("spec.yaml", "path: texts.jsonl", "path: deep/er/texts.jsonl")
    project.change("spec.yaml", "path: sft/pairs.jsonl", "path: pairs.jsonl")
    assert project.run().code == 0
    assert set(files(project.output)) == {
        "deep/er/texts.jsonl",
        "pairs.jsonl",
        "notes.txt",
        "sft/notes.txt",
    }
    project.change("spec.yaml", "path: deep/er/texts.jsonl", "path: texts.jsonl")
    assert project.run().code == 0
    assert not (project.output / "deep").exists()


def test_a_file_of_others_in_the_way_is_not_written_over(project: Project) -> None:
    project.run()
    project.write("outputs/small/deep.jsonl", "mine")
    before = files(project.output)
    project.change("spec.yaml", "path: texts.jsonl", "path: deep.jsonl")
    done = project.run()
    assert done.code == 1
    assert "ATK006" in done.err
    assert "deep.jsonl" in done.err
    assert files(project.output) == before


def test_an_output_may_be_named_in_any_spelling(project: Project, tmp_path: Path) -> None:
    assert project.run("--output", "out/", "--limit", "1").code == 0
    assert (project.folder / "out.limit-1/texts.jsonl").exists()
    assert project.run("--output", str(tmp_path / "elsewhere/deep")).code == 0
    assert (tmp_path / "elsewhere/deep/texts.jsonl").exists()


def test_the_cache_is_kept_out_of_version_control(project: Project) -> None:
    project.run()
    assert (project.folder / ".atkc/.gitignore").read_text(encoding="utf-8") == "*\n"
