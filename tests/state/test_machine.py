"""After any history of edits, interruptions and faults a run writes what a fresh run writes.

And it asks for nothing that the cache holds. By default a few dozen short histories of a small
project. The long mode is a project of a thousand records, for as many seconds as are given:

    ATKC_STATE_SECONDS=600 python -m pytest -s tests/state
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from atkc.cli.running import run_spec
from tests.state.model import Weather
from tests.state.project import row
from tests.state.world import World, prepare

SECONDS = float(os.environ.get("ATKC_STATE_SECONDS", "0"))
NUMBERS = st.integers(0, 2**20)
WORLDS: list[World] = []  # the one at work


DONE: Counter[str] = Counter()  # what was done in all histories
BASE: list[Path] = []  # where projects are written
END = [float("inf")]  # when a history does nothing more but end


def step(**given: Any) -> Callable[[Any], Any]:
    """Return what makes a rule of a method: what it does is kept for messages."""

    def made(act: Any) -> Any:
        @wraps(act)
        def done(self: Any, **words: Any) -> None:
            if time.monotonic() < END[0] and not self.trivial:
                self.world.history.append(f"{act.__name__}{words or ''}")
                act(self, **words)
                DONE[act.__name__] += 1

        return rule(**given)(done)

    return made


CHOICES: dict[str, tuple[Any, ...]] = {
    "seed": (0, 1, 2),
    "heat": (0.5, 0.9),
    "draw": (0, 1),
    "system": ("Be brief.", "Be long."),
    "votes": (1, 2, 3, 5),
    "samples": (1, 2),
    "resample": (0, 1, 3),
    "invalid": ("resample", "ignore", "fail"),
    "then": ("failed", "rejected"),
    "pattern": (r"(?P<word>\\w+)", r"^(?P<word>word\\d+)"),
    "refuse": ("[]", "[w3, w5]"),
    "least": (0, 2, 5),  # of the filter: it takes out none, some, most
    "filtered": (True, False),
    "name": ("", "my_"),
}


NAMES = st.lists(st.sampled_from(sorted(CHOICES)), min_size=1, max_size=5, unique=True)


class Machine(RuleBasedStateMachine):
    """One history. `size` is how many rows it begins with."""

    size = 6

    @initialize(seed=NUMBERS)
    def begin(self, seed: int) -> None:
        self.world = World(Path(tempfile.mkdtemp(dir=BASE[0])))
        self.world.state.rows = [row(n) for n in range(self.size)]
        self.world.state.seed = seed % 3
        # The first history of a search repeats one rule: that is a waste of a thousand records.
        self.trivial = seed == 0
        WORLDS[:] = [self.world]
        if seed % 4 and self.size < 100:
            self.world.run()  # so that edits meet a cache

    def calls(self, number: int) -> int:
        """Return a number of calls after which something happens, mostly a small one."""
        return number % (max(6 * self.size >> number % 6, 1)) + 1

    # edits of the data

    @step(number=NUMBERS, at=NUMBERS, share=st.integers(1, 3))
    def add_rows(self, number: int, at: int, share: int) -> None:
        rows = self.world.state.rows
        for n in range(share * self.size // 6):
            rows.insert(at % (len(rows) + 1), row((number + n) % (3 * self.size)))

    @step(at=NUMBERS)
    def remove_row(self, at: int) -> None:
        if len(self.world.state.rows) > 1:
            del self.world.state.rows[at % len(self.world.state.rows)]

    @step(at=NUMBERS, field=st.sampled_from(["text", "n", "topic", "id"]), number=NUMBERS)
    def edit_row(self, at: int, field: str, number: int) -> None:
        rows = self.world.state.rows
        rows[at % len(rows)] = {**rows[at % len(rows)], field: row(number % 50)[field]}

    @step(seed=NUMBERS)
    def reorder_rows(self, seed: int) -> None:
        random.Random(seed).shuffle(self.world.state.rows)

    # edits of the spec

    @step(names=NAMES, by=NUMBERS)
    def edit_spec(self, names: list[str], by: int) -> None:
        """Set what the spec says of these to other values that they may have."""
        for name in names:
            now = getattr(self.world.state, name)
            others = [value for value in CHOICES[name] if value != now]
            setattr(self.world.state, name, others[by % len(others)])

    @step(names=NAMES, by=NUMBERS)
    def edit_spec_and_run(self, names: list[str], by: int) -> None:
        self.edit_spec(names=names, by=by)
        assert self.world.run().code in (0, 4)

    # runs

    @step()
    def complete(self) -> None:
        if not self.world.history[:-1] or not self.world.history[-2].startswith("complete"):
            self.world.complete()

    @step(at=NUMBERS, seed=NUMBERS)
    def interrupt(self, at: int, seed: int) -> None:
        at = self.calls(at)
        ran = self.world.run(Weather(0, seed, at, lambda: signal.raise_signal(signal.SIGINT)))
        assert ran.code in (0, 4, 130)

    @step(calls=NUMBERS, seed=NUMBERS)
    def stop_at_a_cap(self, calls: int, seed: int) -> None:
        calls = self.calls(calls)
        ran = self.world.run(Weather(0, seed), max_calls=calls)
        assert ran.code in (0, 4, 5)
        assert self.world.weather.calls <= calls

    @step(seed=NUMBERS, share=st.sampled_from([0.1, 0.5, 0.9]))
    def bad_weather(self, seed: int, share: float) -> None:
        self.world.run(Weather(share, seed))

    @step(limit=st.integers(1, 4))
    def run_a_part(self, limit: int) -> None:
        self.world.run(limits=(str(limit * self.size // 5 + 1),))

    @step(seed=NUMBERS)
    def two_at_once(self, seed: int) -> None:
        other = self.world.options("cache", output=str(self.world.folder / "other"))
        self.world.state.write(self.world.folder)
        codes: list[int] = []
        thread = threading.Thread(target=lambda: codes.append(run_spec(other)))
        thread.start()
        try:
            self.world.run(Weather(0, seed))
        finally:
            thread.join()
        assert codes[0] in (0, 4)

    @step()
    def retry(self) -> None:
        self.world.retry()

    @step(number=NUMBERS)
    def spoil(self, number: int) -> None:
        self.world.spoil(number)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.world.complete()
            finally:
                shutil.rmtree(self.world.folder)


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    BASE[:] = [tmp_path]
    prepare(monkeypatch, lambda: WORLDS[0].weather)


class LongMachine(Machine):
    """A history of a thousand records, in which runs are also killed."""

    size = 1000

    @step(at=NUMBERS, seed=NUMBERS)
    def kill(self, at: int, seed: int) -> None:
        self.world.kill(self.calls(at), seed)


def rules(**given: Any) -> settings:
    """Return the settings of a search: no step has a time limit."""
    return settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), **given)


@pytest.mark.skipif(SECONDS > 0, reason="ATKC_STATE_SECONDS asks for the long mode")
def test_any_history_ends_in_what_a_fresh_run_writes() -> None:
    few = rules(max_examples=40, stateful_step_count=8, derandomize=True)
    run_state_machine_as_test(Machine, settings=few)


@pytest.mark.skipif(SECONDS <= 0, reason="the long mode is asked for by ATKC_STATE_SECONDS")
def test_a_long_history_of_a_thousand_records(capsys: pytest.CaptureFixture[str]) -> None:
    END[0] = time.monotonic() + SECONDS
    while time.monotonic() < END[0]:
        # Nothing is made shorter: a failing history of so many records tells itself.
        some = rules(max_examples=5, stateful_step_count=20, phases=[Phase.generate])
        run_state_machine_as_test(LongMachine, settings=some)
    with capsys.disabled():
        told = ", ".join(f"{count} {name}" for name, count in sorted(DONE.items()))
        sys.stdout.write(f"\n{SECONDS:g} s, records {LongMachine.size}: {told}\n")
