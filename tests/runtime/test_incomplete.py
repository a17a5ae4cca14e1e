"""The mark of a run that did not complete: what it sums up, and what it makes of a broken one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.runtime.calling.outcome import Counters
from atkc.runtime.incomplete import Mark, Spent, read_mark, spent_before
from atkc.runtime.publish import INCOMPLETE, claimed, publish

PAID = Counters(calls=3, prompt_tokens=50, completion_tokens=7, money=0.25)


def mark(folder: Path) -> Mark:
    staging = folder / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    return Mark(folder, staging, "atkc run x", spent_before(folder))


def test_the_sums_go_from_run_to_run(tmp_path: Path) -> None:
    for runs in (1, 2, 3):
        now = mark(tmp_path)
        now.begin()
        now.end("stopped", "a cap", (), {}, now.before.with_run(PAID), 9)
        assert spent_before(tmp_path) == Spent(runs, 0, 3 * runs, 50 * runs, 7 * runs, 0.25 * runs)
    told = read_mark(tmp_path)
    assert told is not None
    assert (told["how"], told["why"], told["calls_left"]) == ("stopped", "a cap", 9)
    assert told["go_on"] == "atkc run x"


def test_a_killed_run_is_told_apart(tmp_path: Path) -> None:
    first = mark(tmp_path)
    first.begin()  # and then it was killed
    assert spent_before(tmp_path) == Spent(runs=1, killed=1)
    second = mark(tmp_path)
    second.end("stopped", "a cap", (), {}, second.before.with_run(PAID), None)
    assert spent_before(tmp_path) == Spent(2, 1, 3, 50, 7, 0.25)


@pytest.mark.parametrize(
    ("text", "spent"),
    [
        ("", Spent()),
        ("[]", Spent()),
        ('{"some": "file"}', Spent()),
        ('{"atkc_incomplete": 1, "how": "stopped", "in_all": 3}', Spent()),
        (
            '{"atkc_incomplete": 1, "how": "stopped", "in_all": {"calls": "9", "x": 1, "runs": 2}}',
            Spent(runs=2),
        ),
    ],
)
def test_a_mark_that_somebody_edited_is_no_reason_to_fail(
    tmp_path: Path, text: str, spent: Spent
) -> None:
    (tmp_path / INCOMPLETE).write_text(text)
    assert spent_before(tmp_path) == spent


def test_a_complete_run_takes_it_away_and_a_folder_with_it_alone_is_ours(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with claimed(target) as staging:
        Mark(target, staging, "atkc run x", Spent()).begin()
    with claimed(target) as staging:
        assert json.loads((target / INCOMPLETE).read_bytes())["how"] == "running"
        publish(staging, target, {"atkc_manifest": 1, "files": []})
    assert sorted(p.name for p in target.iterdir()) == ["manifest.json"]
