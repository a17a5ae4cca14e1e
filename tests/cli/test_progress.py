"""Progress: sums by written step, lines on a timer, and nothing that is not asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from atkc.cli import progress as module
from atkc.cli.progress import Progress
from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import Plan
from atkc.runtime.calling.holding import Held
from atkc.runtime.calling.outcome import CallStats
from atkc.runtime.events import RunStarted, StepDone, Warned
from atkc.runtime.ledger import LedgerRow


def row(step: str, came: int, out: int, filtered: int = 0, failed: int = 0) -> LedgerRow:
    return LedgerRow(step, "", came, out, filtered, 0, failed, 0, 0, 0, 0, ())


ROWS = (
    row("chunks/a.1", 3, 5),
    row("chunks/b.1", 2, 2),
    row("recall/a.asked/x.pairs", 5, 3, 1, 1),
    row("later", 0, 0),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "_FIRST", 0.02)
    monkeypatch.setattr(module, "_EVERY", 0.02)
    return


def shown(options: RunOptions, seconds: float = 0.0) -> None:
    """Go through a run that takes some time."""
    stats = CallStats()
    stats.of("writer").calls, stats.of("writer").cached = 4, 2
    stats.of("writer").money = 0.5

    async def run() -> None:
        with Progress(Plan(name="p", nodes=[]), stats, options) as progress:
            progress.hear(RunStarted(("chunks",), lambda: ROWS))
            await asyncio.sleep(seconds)
            progress.hear(StepDone("chunks/a", (ROWS[0],)))
            progress.hear(Warned("later", "empty", "nothing came"))

    asyncio.run(run())


def test_a_short_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    shown(RunOptions("s"))
    assert capsys.readouterr() == ("", "")


def test_a_longer_one_says_from_time_to_time_how_it_goes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown(RunOptions("s"), 0.15)
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert len(lines) >= 2
    assert "4 calls" in lines[0]
    assert "2 from cache" in lines[0]
    assert "$0.50" in lines[0]


def test_verbose_tells_steps_and_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    shown(RunOptions("s", verbose=True))
    assert capsys.readouterr().err == (
        "done chunks/a.1: 3 in, 5 out, 0 filtered, 0 failed\nwarning: later: nothing came\n"
    )


@pytest.mark.parametrize("options", [RunOptions("s", quiet=True), RunOptions("s", plain=True)])
def test_quiet_says_nothing_where_plain_would(
    options: RunOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    shown(options, 0.05)
    assert (capsys.readouterr().err == "") is options.quiet


def test_the_line_tells_rates_cost_and_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    shown(RunOptions("s", plain=True), 0.05)
    line = capsys.readouterr().err.splitlines()[0]
    for part in (" s: 4 calls (0.0/s), ", "2 from cache", "$0.50", " records/s", " 0 tokens"):
        assert part in line


def test_the_line_tells_which_endpoint_is_held_back(capsys: pytest.CaptureFixture[str]) -> None:
    held = (Held("http://h\x1b/v1", "busy", 11.2, 4, 16),)

    async def run() -> None:
        options = RunOptions("s", plain=True)
        with Progress(Plan(name="p", nodes=[]), CallStats(), options, lambda: held):
            await asyncio.sleep(0.05)

    asyncio.run(run())
    assert capsys.readouterr().err.splitlines()[1].strip() == (
        "http://h\ufffd/v1 is held back: it is busy; no call for 12 s, then 4 of 16 slots"
    )


@pytest.mark.parametrize(("term", "drawn"), [("xterm", True), ("dumb", False), ("unknown", False)])
def test_a_terminal_that_cannot_go_back_gets_lines(
    monkeypatch: pytest.MonkeyPatch, term: str, drawn: bool
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", term)
    assert module._on_terminal() is drawn
