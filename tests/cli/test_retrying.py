"""`atkc retry`: exactly the failed questions are asked again, and later runs find the replies."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.failing import NONSENSE, Folder, make
from tests.e2e.echoing import answering
from tests.e2e.kit import Project

BAD = {("ASK", "t1"), ("AGAIN", "t2"), ("JUDGE", "t3")}
# calls of one round: two attempts of `asked`, one of `again`, two ballots that could decide
ROUND = Counter({("ASK", "t1"): 2, ("AGAIN", "t2"): 1, ("JUDGE", "t3"): 2})


def nonsense_first(task: str, text: str, number: int) -> str | None:
    """The bad questions get nonsense in their first round."""
    bad = (task, text) in BAD and number < ROUND[task, text]
    return NONSENSE if bad else None


def nonsense_always(task: str, text: str, number: int) -> str | None:
    return NONSENSE if (task, text) in BAD else None


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = make(tmp_path / "p", nonsense_first)
    assert made.atkc("run", "spec.yaml") == 4
    assert made.kinds("asked") == {"t1": "no-json"}
    assert made.kinds("again") == {"t2": "no-json"}
    assert made.kinds("judged") == {"t3": "no-verdict"}
    assert made.texts() == ["t0", "t4", "t5"]
    return made


def test_only_failed_questions_are_asked_again_and_those_behind_them(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folder.atkc("retry", "spec.yaml") == 0
    # `judged` asks two ballots, `asked` and `again` are good at their first attempt
    again = {("ASK", "t1"): 1, ("AGAIN", "t2"): 1, ("JUDGE", "t3"): 2}
    behind = {("AGAIN", "t1"): 1, ("ASK", "t3"): 1, ("AGAIN", "t3"): 1}
    assert Counter(folder.asked) == Counter({**again, **behind})
    assert folder.texts() == [f"t{n}" for n in range(6)]
    told = capsys.readouterr().out.splitlines()
    assert "4 failed questions asked again, 4 accepted" in told
    assert told[-1].startswith("7 model calls, ")


def test_a_plain_run_finds_the_new_replies_byte_by_byte(folder: Folder) -> None:
    folder.atkc("retry", "spec.yaml")
    whole = folder.whole()
    assert folder.atkc("run", "spec.yaml") == 0
    assert folder.asked == []
    assert folder.whole() == whole


def test_another_seed_is_sent(folder: Folder) -> None:
    folder.atkc("run", "spec.yaml", "--fresh")  # all seeds of a first round
    before = set(folder.seeds)
    folder.atkc("retry", "spec.yaml")
    asked = {
        about for about, seed in zip(folder.asked, folder.seeds, strict=True) if seed in before
    }
    assert asked <= {("AGAIN", "t1"), ("ASK", "t3"), ("AGAIN", "t3")}


def test_what_fails_again_is_asked_in_all_attempts_once_for_each_retry(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", nonsense_always)
    folder.atkc("run", "spec.yaml")
    first = folder.whole()
    for _ in range(2):
        assert folder.atkc("retry", "spec.yaml") == 4
        assert Counter(folder.asked) == ROUND
        kept = folder.whole()
        assert folder.atkc("run", "spec.yaml") == 4
        assert folder.asked == []
        assert folder.whole() == kept
    assert folder.texts() == ["t0", "t4", "t5"]
    assert first.keys() == kept.keys()


def test_nothing_failed_nothing_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(tmp_path / "p")
    folder.atkc("run", "spec.yaml")
    whole = folder.whole()
    assert folder.atkc("retry", "spec.yaml") == 0
    assert folder.asked == []
    assert folder.whole() == whole
    assert "0 failed questions asked again, 0 accepted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["--step", "asked"], {("ASK", "t1")}),
        (["--step", "again"], {("AGAIN", "t2")}),
        (["--step", "judged"], {("JUDGE", "t3")}),
        (["--step", "asked", "--step", "again"], {("ASK", "t1"), ("AGAIN", "t2")}),
        (["--kind", "no-verdict"], {("JUDGE", "t3")}),
        (["--kind", "no-json", "--step", "again"], {("AGAIN", "t2")}),
        (["--kind", "truncated"], set()),
    ],
)
def test_steps_and_kinds_are_chosen(
    tmp_path: Path, words: list[str], asked: set[tuple[str, str]]
) -> None:
    folder = make(tmp_path / "p", nonsense_always)
    folder.atkc("run", "spec.yaml")
    folder.atkc("retry", "spec.yaml", *words)
    assert Counter(folder.asked) == Counter({about: ROUND[about] for about in asked})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--step", "asks"], "there is no such step; steps: given, judged, asked, again, out"),
        (["--kind", "transport"], "is no kind of failed replies; those are: truncated,"),
        (["--fresh"], "`--fresh` asks everything again"),
    ],
)
def test_what_cannot_be_retried_is_refused(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(tmp_path / "p")
    assert folder.atkc("retry", "spec.yaml", *words) == 2
    assert said in capsys.readouterr().err
    assert folder.asked == []


def test_it_needs_no_provenance_and_no_outputs(folder: Folder) -> None:
    folder.atkc("run", "spec.yaml", "--no-provenance", "--output", "elsewhere")
    assert folder.asked == []
    assert folder.atkc("retry", "spec.yaml", "--no-provenance", "--output", "new") == 0
    assert {("ASK", "t1"), ("AGAIN", "t2"), ("JUDGE", "t3")} <= set(folder.asked)
    assert len((folder.path / "new/out.jsonl").read_text().splitlines()) == 6


def test_calls_without_a_reply_are_asked_by_any_run(tmp_path: Path) -> None:
    def say(task: str, text: str, number: int) -> int | None:
        return 400 if (task, text) == ("JUDGE", "t1") and number < 2 else None

    folder = make(tmp_path / "p", say)
    assert folder.atkc("run", "spec.yaml") == 4
    assert folder.kinds("judged") == {"t1": "refused"}
    assert folder.atkc("run", "spec.yaml") == 0
    assert set(folder.asked) == {("JUDGE", "t1"), ("ASK", "t1"), ("AGAIN", "t1")}


def test_a_retry_that_gets_no_reply_keeps_the_former_one(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.say = lambda task, text, number: 400
    former = folder.whole()
    assert folder.atkc("retry", "spec.yaml") == 4
    assert folder.whole() == former
    assert "4 failed questions asked again, 0 accepted, 4 brought no reply" in (
        capsys.readouterr().out
    )
    folder.say = nonsense_first
    assert folder.atkc("retry", "spec.yaml") == 0


def test_a_retry_that_was_stopped_goes_on(folder: Folder) -> None:
    assert folder.atkc("retry", "spec.yaml", "--max-calls", "2") == 5
    came = list(folder.asked)
    assert len(came) == 2
    assert folder.texts() == ["t0", "t4", "t5"]  # the old outputs stand
    assert folder.atkc("run", "spec.yaml") in (0, 4)  # finds what came
    came += folder.asked
    assert folder.atkc("retry", "spec.yaml") == 0
    came += folder.asked
    assert folder.texts() == [f"t{n}" for n in range(6)]
    assert len(came) == 7  # as many as in one go


def test_a_retry_that_was_killed_loses_nothing(folder: Folder) -> None:
    killed: list[int] = []

    def die(task: str, text: str, number: int) -> None:
        if len(folder.asked) == 2:
            killed.append(process.pid)
            process.kill()

    folder.asked.clear()
    folder.say = die
    with answering(folder._answer) as url:
        words = [sys.executable, "-m", "atkc", "retry", "spec.yaml", "--set", f"url={url}"]
        variables = Project(folder.path).variables({})
        process = subprocess.Popen(words, cwd=folder.path, env=variables)
        assert process.wait(30) == -9
    assert killed
    assert folder.texts() == ["t0", "t4", "t5"]
    folder.say = lambda task, text, number: None
    assert folder.atkc("retry", "spec.yaml") == 0
    assert folder.texts() == [f"t{n}" for n in range(6)]
    whole = folder.whole()
    folder.atkc("run", "spec.yaml")
    assert folder.asked == []
    assert folder.whole() == whole


def test_records_that_are_new_have_one_turn_in_a_retry(folder: Folder) -> None:
    path = folder.path / "rows.jsonl"
    path.write_text(path.read_text() + '{"text": "t9"}\n' * 2, encoding="utf-8")
    folder.say = lambda task, text, number: NONSENSE if text == "t9" else None
    assert folder.atkc("retry", "spec.yaml") == 4
    assert Counter(folder.asked)["JUDGE", "t9"] == 2  # equal rows are one question
    kept = folder.whole()
    folder.atkc("run", "spec.yaml")
    assert folder.asked == []
    assert folder.whole() == kept


def test_a_failure_that_stops_the_run_is_asked_again(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", nonsense_first)
    folder.change("spec.yaml", "{resample: 1}", "{resample: 1, then: stop}")
    assert folder.atkc("run", "spec.yaml") == 5
    assert folder.atkc("run", "spec.yaml") == 5
    assert folder.atkc("retry", "spec.yaml", "--step", "asked") == 4
    assert folder.texts() == ["t0", "t1", "t4", "t5"]


def test_failures_that_a_step_handles_by_itself_are_left(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", nonsense_always)
    folder.change("spec.yaml", "{resample: 1}", "{resample: 1, then: rejected}")
    folder.atkc("run", "spec.yaml")
    folder.atkc("retry", "spec.yaml")
    assert Counter(folder.asked) == Counter({k: v for k, v in ROUND.items() if k[0] != "ASK"})
