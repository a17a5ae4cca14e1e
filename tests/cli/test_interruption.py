"""What each signal does: before a run, while its event loop turns, and while all is saved."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from atkc.cli.interruption import Interruption


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """Heed the signals, whoever started the tests (`nohup` has some ignored)."""
    plain = {signal.SIGINT: signal.default_int_handler}
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {n: signal.signal(n, plain.get(n, signal.SIG_DFL)) for n in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


def heard(*turns: int, grace: float = 600.0) -> list[str]:
    """Return what is called if so many signals come in each turn of the loop."""
    calls: list[str] = []

    async def go(interruption: Interruption) -> None:
        with interruption.during(lambda: calls.append("soften"), lambda: calls.append("cut")):
            for signals in turns:
                for _ in range(signals):
                    send()
                await asyncio.sleep(0.01)
        calls.append("end")

    with Interruption(grace) as interruption:
        try:
            asyncio.run(go(interruption))
        except KeyboardInterrupt:
            calls.append("raised")
    return calls


@pytest.mark.parametrize(
    ("turns", "grace", "calls"),
    [
        ((0,), 600, ["end"]),
        ((1,), 600, ["soften", "end"]),
        ((1, 0), 0, ["soften", "cut", "end"]),
        ((1, 1), 600, ["soften", "cut", "end"]),
        ((1, 1, 1), 600, ["soften", "cut", "raised"]),
        ((2,), 600, ["raised"]),  # the loop was busy, and would not have heard the second either
    ],
)
def test_while_the_loop_turns(turns: tuple[int, ...], grace: float, calls: list[str]) -> None:
    assert heard(*turns, grace=grace) == calls


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_before_the_loop_a_signal_ends_what_is_done(number: int) -> None:
    with Interruption(1), pytest.raises(KeyboardInterrupt):
        send(number)


def test_what_is_being_saved_is_saved() -> None:
    async def go(interruption: Interruption) -> None:
        with interruption.during(lambda: None, lambda: None):
            pass

    with Interruption(1) as interruption:
        asyncio.run(go(interruption))
        for _ in range(4):
            send()
        assert interruption.count == 4


def test_handlers_are_put_back_and_what_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ours = signal.getsignal(signal.SIGINT)
        with Interruption(1):
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGINT) is not ours
        assert signal.getsignal(signal.SIGINT) is ours
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_no_signal_is_caught() -> None:
    found: list[object] = []

    def work() -> None:
        with Interruption(1):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]
