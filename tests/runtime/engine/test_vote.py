"""Votes: waves, outcomes and recorded ballots as a table."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.plan import PassRule
from atkc.runtime.asking import Ask, Outcome
from atkc.runtime.operators.ballots import decided, passes, wave
from tests.runtime.engine.kit import FakeCaller, Flow, condition, go, texts

ALL, ANY, MOST = PassRule(kind="all"), PassRule(kind="any"), PassRule()
TWO, SHARE = PassRule(kind="at_least", value=2), PassRule(kind="share", value=0.66)
RULES = (ALL, ANY, MOST, TWO, SHARE)


@pytest.mark.parametrize(
    ("votes", "rule", "answers", "passed", "recorded", "calls"),
    [
        (1, MOST, "y", True, "y", 1),
        (3, MOST, "yy.", True, "yy", 2),
        (3, MOST, "yny", True, "yny", 3),
        (3, MOST, "nn.", False, "nn", 2),
        (2, MOST, "yn", False, "yn", 2),  # a tie fails
        (2, MOST, "n.", False, "n", 1),
        (5, MOST, "yyny.", True, "yyny", 4),
        (3, ALL, "n..", False, "n", 1),
        (3, ALL, "yyy", True, "yyy", 3),
        (3, ANY, "y..", True, "y", 1),
        (3, ANY, "nny", True, "nny", 3),
        (4, TWO, "yny.", True, "yny", 3),
        (4, TWO, "nnn.", False, "nnn", 3),
        (3, SHARE, "yy.", True, "yy", 2),
        (3, SHARE, "yny", True, "yny", 3),
        (3, SHARE, "nn.", False, "nn", 2),
    ],
)
def test_waves(
    tmp_path: Path,
    votes: int,
    rule: PassRule,
    answers: str,
    passed: bool,
    recorded: str,
    calls: int,
) -> None:
    ran = go(_flow(votes=votes, rule=rule), tmp_path, FakeCaller(_by_sample(answers)))
    row = (ran.rows("out") or ran.rows("no"))[0]
    assert row["worth"]["passed"] is passed
    assert "".join("y" if b["pass"] else "n" for b in row["worth"]["ballots"]) == recorded
    assert len(ran.caller.asked) == calls
    assert row["worth"]["ballots"][0]["reason"] == "because 0"
    assert row.get("rejected_by") == (None if passed else "v")


@pytest.mark.parametrize("votes", range(1, 7))
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_the_early_outcome_is_that_of_all_ballots(votes: int, rule: PassRule) -> None:
    for answers in itertools.product((True, False), repeat=votes):
        ballots: list[bool | None] = []
        while decided(rule, ballots, votes) is None:
            ballots += answers[len(ballots) :][: wave(rule, ballots, votes)]
        assert decided(rule, ballots, votes) is passes(rule, sum(answers), votes - sum(answers))
        for shorter in range(1, len(ballots)):
            assert decided(rule, ballots[:shorter], votes) is None


@pytest.mark.parametrize(
    ("invalid", "answers", "passed", "share"),
    [
        ("fail", "!y!", False, 1 / 3),
        ("ignore", "!y!", True, 1.0),
        ("fail", "!!!", False, 0.0),
        ("resample", "y!!", False, 1 / 3),
    ],
)
def test_ballots_that_cannot_be_read(
    tmp_path: Path, invalid: Any, answers: str, passed: bool, share: float
) -> None:
    ran = go(_flow(votes=3, invalid=invalid), tmp_path, FakeCaller(_by_sample(answers)))
    worth = (ran.rows("out") or ran.rows("no"))[0]["worth"]
    assert worth["passed"] is passed
    assert worth["share"] == pytest.approx(share)


@pytest.mark.parametrize("invalid", ["ignore", "resample"])
def test_a_record_that_nobody_could_judge_fails(tmp_path: Path, invalid: Any) -> None:
    ran = go(_flow(votes=3, invalid=invalid), tmp_path, FakeCaller(_by_sample("!!!")))
    assert ran.rows("out") == ran.rows("no") == []
    assert ran.failed("v")[0]["failure"]["kind"] == "no-json"


def test_a_ballot_is_asked_again(tmp_path: Path) -> None:
    def reply(text: str, ask: Ask) -> str:
        return "!" if ask.attempts < 2 else '{"verdict": "pass"}'

    ran = go(_flow(votes=1, resample=2), tmp_path, FakeCaller(reply))
    assert ran.rows()[0]["worth"]["ballots"] == [{"pass": True, "verdict": "pass"}]


def test_a_call_that_fails_fails_the_record(tmp_path: Path) -> None:
    gone = Outcome(None, ("timeout", "no answer"), "the request", None)
    ran = go(_flow(votes=3), tmp_path, FakeCaller(lambda text, ask: gone))
    assert ran.rows() == ran.rows("no") == []
    assert ran.failed("v")[0]["failure"] == {
        "step": "v",
        "kind": "timeout",
        "message": "no answer",
        "request": "the request",
        "reply": None,
    }


def test_a_false_condition_asks_nothing(tmp_path: Path) -> None:
    flow = _flow(condition=condition("text == 'b'", worth="null"))
    ran = go(flow, tmp_path, FakeCaller())
    assert ran.rows() == [{"text": "a", "worth": None}]
    assert ran.ledger("v").skipped == 1
    assert ran.caller.asked == []


@pytest.mark.parametrize("seed", range(4))
def test_ballots_do_not_depend_on_who_answers_first(tmp_path: Path, seed: int) -> None:
    def reply(text: str, ask: Ask) -> str:
        return json.dumps({"pass": (int(text) * 7 + ask.sample * 3) % 5 < 3})

    calm, wild = (
        go(_flow(*map(str, range(40)), votes=5), tmp_path, FakeCaller(reply, delay=delay))
        for delay in (None, seed)
    )
    stored = go(_flow(*map(str, range(40)), votes=5), tmp_path, FakeCaller(reply, stored=True))
    assert wild.raw == calm.raw == stored.raw
    assert len(wild.caller.asked) == len(calm.caller.asked)
    assert stored.caller.asked == []


def _flow(*words: str, **more: Any) -> Flow:
    flow = Flow().source("s", texts(*(words or "a"))).vote("v", "s", **more)
    return flow.export("out", "v").export("no", "v.rejected")


def _by_sample(answers: str) -> Any:
    def reply(text: str, ask: Ask) -> str:
        answer = answers[ask.sample]
        assert answer != ".", "a ballot that decides nothing"
        if answer == "!":
            return "!"
        verdict = "pass" if answer == "y" else "fail"
        return json.dumps({"verdict": verdict, "reason": f"because {ask.sample}"})

    return reply
