"""The benchmark of kills, small: each trial is held and told."""

from __future__ import annotations

from tests.benchmarks.kit import printed


def test_each_trial_is_told_and_held() -> None:
    told = printed("chaos.py", "--quick")
    for name in (
        "killed half way",
        "two steps, 20 records, 2 kills",
        "the factual recipe, 2 kills",
    ):
        assert f"{name}\n    undisturbed: " in told
    assert told.count("files are equal to the byte") == 3
    assert told.endswith("held\n")
