"""The question before money is spent: who is asked, once, and what counts as a yes."""

from __future__ import annotations

import asyncio
import io

import pytest

from atkc.cli.consent import Gate
from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import Plan
from atkc.runtime.errors import StopRun
from atkc.runtime.modelspec import EndpointSpec

FAR = EndpointSpec("openai", "https://api.example.com/v1")
PLAN = Plan(name="p", nodes=[])


class Terminal(io.StringIO):
    """A standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


def ask(options: RunOptions, *endpoints: EndpointSpec) -> None:
    gate = Gate(PLAN, {}, options, {})

    async def all_of_them() -> None:
        await asyncio.gather(*(gate.ask(endpoint) for endpoint in endpoints))

    asyncio.run(all_of_them())


@pytest.mark.parametrize(
    "endpoint",
    [
        EndpointSpec("atkc"),
        EndpointSpec("openai", "http://127.0.0.1:8000/v1"),
        EndpointSpec("openai", "http://localhost:8000/v1"),
        EndpointSpec("openai", "http://[::1]:8000/v1"),
    ],
)
def test_this_machine_is_free(endpoint: EndpointSpec, capsys: pytest.CaptureFixture[str]) -> None:
    ask(RunOptions("s"), endpoint)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "options",
    [
        RunOptions("s", yes=True),
        RunOptions("s", max_calls=0),
        RunOptions("s", max_usd=0.0),
    ],
    ids=["yes", "calls", "usd"],
)
def test_a_yes_and_every_cap_are_consent(
    options: RunOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(options, FAR)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "endpoint",
    [FAR, EndpointSpec("anthropic"), EndpointSpec("openai", "http://10.0.0.7/v1")],
)
def test_without_a_terminal_nothing_is_sent(
    endpoint: EndpointSpec,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(StopRun) as caught:
        ask(RunOptions("s"), endpoint)
    assert caught.value.diagnostic.code == "ATK705"
    assert endpoint.name in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False), ("yay\n", False)],
)
def test_on_a_terminal_the_answer_counts(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    goes_on: bool,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    if goes_on:
        ask(RunOptions("s"), FAR, FAR, FAR)
        assert capsys.readouterr().err.count("Go on?") == 1
    else:
        with pytest.raises(StopRun):
            ask(RunOptions("s"), FAR)


def test_every_endpoint_is_asked_about_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("y\ny\n"))
    ask(RunOptions("s"), FAR, EndpointSpec("openai", "https://other.example.com/v1"), FAR)
    assert capsys.readouterr().err.count("Go on?") == 2


def test_the_display_goes_for_the_question_and_comes_back_after_a_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    class Shown:
        def pause(self) -> None:
            done.append("pause")

        def resume(self) -> None:
            done.append("resume")

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    gate = Gate(PLAN, {}, RunOptions("s"), {})
    gate.progress = Shown()  # type: ignore[assignment]
    asyncio.run(gate.ask(FAR))
    assert done == ["pause", "resume"]
    assert "Go on? [y/N]" in capsys.readouterr().err
