"""How long an endpoint that says how long is waited for: by the limiter for all, by each call."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.api import Reply
from atkc.runtime.calling.heeding import heeded
from atkc.runtime.calling.holding import Why
from atkc.runtime.calling.lanes import CallSettings, Lane
from atkc.runtime.calling.limits import Limiter
from atkc.runtime.errors import Transient
from tests.runtime.calling.test_calls import SPEC, Scripted, in_turn, text_of, user, with_caller


def busy(asked: float | None) -> Transient:
    return Transient("busy", status=429, retry_after=asked)


@pytest.mark.parametrize(
    ("asked", "own", "times", "seconds"),
    [
        (None, 7.0, 1, 7.0),
        (0.0, 7.0, 9, 7.0),
        (0.01, 60.0, 1, 0.01),
        (0.01, 60.0, 3, 0.01),
        (0.01, 0.5, 4, 0.5),
        (0.01, 60.0, 20, 4.0),
        (1.0, 0.5, 4, 1.0),
        (1.0, 60.0, 20, 8.0),
        (30.0, 60.0, 20, 60.0),
        (120.0, 60.0, 20, 120.0),
        (5000.0, 60.0, 1, 600.0),
    ],
)
def test_its_word_counts_until_it_was_wrong_three_times(
    asked: float | None, own: float, times: int, seconds: float
) -> None:
    assert heeded(asked, own, times) == seconds


class Noting(Limiter):
    """Notes its pauses and takes none."""

    def _hold(self, seconds: float, why: Why) -> None:
        self.noted = [*getattr(self, "noted", []), round(seconds, 3)]


async def refused(times: int, asked: float | None, between: int | None = None) -> list[float]:
    """Return how long an endpoint is left alone after each of so many refusals."""
    limiter = Noting("e", 4)
    limiter.release(await limiter.acquire())
    for number in range(times):
        if number == between:
            limiter.release(await limiter.acquire())
        limiter.release(await limiter.acquire(), busy(asked))
    return limiter.noted


@pytest.mark.parametrize(
    ("asked", "pauses"),
    [
        (None, [0, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, *[60] * 10]),
        (0.01, [0.01, 0.01, 0.01, 0.8, 1.6, 3.2, *[4] * 14]),
        (1.0, [1, 1, 1, 1, 1.6, 3.2, 6.4, *[8] * 13]),
        (20.0, [*[20] * 8, 25.6, 51.2, *[60] * 10]),
    ],
)
def test_twenty_refusals_in_a_row(asked: float | None, pauses: list[float]) -> None:
    assert asyncio.run(refused(20, asked)) == pauses


def test_an_answer_restores_the_trust() -> None:
    pauses = asyncio.run(refused(7, 0.01, between=4))
    assert pauses == [0.01, 0.01, 0.01, 0.8, 0.01, 0.01, 0.01]


def test_a_storm_of_hours_is_no_overflow() -> None:
    assert asyncio.run(refused(1200, None))[-1] == 60


def delays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, settings: CallSettings, *answers: Any
) -> tuple[list[float], bool]:
    """Return how long one call rests between its requests, and whether it was answered."""
    rests: list[float] = []

    async def rest(_lane: Lane, delay: float) -> None:
        rests.append(delay)

    async def test(caller: Any) -> bool:
        return bool((await caller.ask(SPEC, user("?"), accept=text_of)).ok)

    monkeypatch.setattr(Lane, "_rest", rest)
    monkeypatch.setattr(Limiter, "_hold", lambda *_: None)
    done = with_caller(folder, Scripted(in_turn(*answers)), test, settings=settings)
    return rests, done


def test_a_call_rests_as_long_as_it_is_told_and_then_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests, done = delays(tmp_path, monkeypatch, CallSettings(), *[busy(0.01)] * 8, Reply("a"))
    assert done
    assert rests[:3] == [0.01] * 3
    assert 2 <= rests[3] <= 4
    assert rests[4:] == [4.0] * 4


def test_without_a_word_it_rests_by_its_own_doubling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests, done = delays(tmp_path, monkeypatch, CallSettings(), busy(None))
    assert not done
    assert len(rests) == 8
    assert all(2**n / 4 <= rest <= 2**n / 2 for n, rest in enumerate(rests[:7]))


@pytest.mark.parametrize(
    ("asked", "retries", "rests"),
    [
        (1.0, 8, 19),  # as long in all as half a second, doubled seven times
        (0.01, 8, 29),  # as many as `max_requests` allows
        (60.0, 8, 8),
        (1.0, 0, 0),  # the user wants none
    ],
)
def test_a_call_is_given_up_when_it_waited_as_long_as_its_retries_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: float, retries: int, rests: int
) -> None:
    found, done = delays(tmp_path, monkeypatch, CallSettings(retries=retries), busy(asked))
    assert not done
    assert len(found) == rests
    assert rests in (0, 29) or sum(found) >= 123.5
