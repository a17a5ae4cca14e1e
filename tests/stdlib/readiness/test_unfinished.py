"""The mark of a run that did not complete, as `atkc check` reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.runtime.errors import InputError
from atkc.stdlib.readiness.examining import examine
from atkc.stdlib.readiness.unfinished import go_on, unfinished


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, None),
        ('{"how": "running"}', "it is still at work, or was killed"),
        ('{"how": "stopped", "why": "a cap"}', "stopped: a cap"),
        ('{"how": "interrupted"}', "interrupted"),
        ("nonsense", "it ended early"),
        ("[]", "it ended early"),
    ],
)
def test_how_the_last_run_ended(tmp_path: Path, text: str | None, told: str | None) -> None:
    if text is not None:
        (tmp_path / "INCOMPLETE.json").write_text(text)
    assert unfinished(tmp_path) == told


def test_a_folder_with_older_outputs_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"atkc_manifest": 1, "files": []}')
    assert examine(tmp_path).counts == {}
    mark = {"how": "stopped", "go_on": "atkc run x --max-calls 3"}
    (tmp_path / "INCOMPLETE.json").write_text(json.dumps(mark))
    report = examine(tmp_path)
    assert [found.code for found in report.findings] == ["ATK722"]
    assert report.findings[0].help == "go on with `atkc run x --max-calls 3`" == go_on(tmp_path)


def test_a_folder_without_outputs_names_the_mark(tmp_path: Path) -> None:
    (tmp_path / "INCOMPLETE.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        examine(tmp_path)
    assert caught.value.diagnostic.code == "ATK800"
    assert "INCOMPLETE.json" in str(caught.value.diagnostic.help)
